import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unpack } from '../../data/index.ts'
import { type Actor, enterAs, type Kernel, Problem, recordDeed } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import { readDeployment } from './deployments.ts'
import type { RecordingSent } from './ecg/messages.ts'
import type { ServedVersion, Serving } from './serving.ts'

const jsonType = 'application/json'
const packType = 'application/vnd.pilotbase.pack'
// 64 MiB of JSON are about 80 minutes of two leads at 360 Hz; as WFDB a day of twelve leads at 128 Hz fits.
export const recordingLimits: RecordingLimits = { jsonBytes: 64 << 20, packBytes: 256 << 20 }

export interface RecordingLimits {
  readonly jsonBytes: number
  readonly packBytes: number
}

/**
 * `POST …/deployments/:deployment/ecg` answers a recording: as JSON of `ecgRequest`, or the files of one WFDB record as a
 * pack. The body goes to the worker unread, so that its size costs the other callers nothing.
 */
export function ecgEndpoint(
  app: FastifyInstance,
  kernel: Kernel,
  serving: Serving,
  limits: RecordingLimits = recordingLimits,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage, done) => done(null, payload))
  app.post(
    '/api/projects/:project/deployments/:deployment/ecg',
    {
      bodyLimit: Math.max(limits.jsonBytes, limits.packBytes),
      schema: { operationId: 'deployment.ecg', summary: 'Every beat of an ECG recording with its class' },
    },
    async (request, reply) => {
      const { project, deployment } = request.params as { project: string; deployment: string }
      const found = await enterAs(kernel.database, request, 'model.infer', project, async (tx, entered) => ({
        actor: entered.actor,
        deployment: await readDeployment(tx, entered.project?.id ?? '', deployment),
      }))
      const caller = { actor: found.actor, served: await serving.serving(found.deployment) }
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      try {
        const recording = await readRecording(request, limits)
        const answer = await serving.answer(caller.served, recording, { surrender: true, signal: gone.signal })
        await audit(kernel, caller, request.id, null)
        return reply.type(jsonType).send(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength))
      } catch (error) {
        if (error instanceof Problem) await audit(kernel, caller, request.id, error.code)
        throw error
      }
    },
  )
}

interface Caller {
  readonly actor: Actor
  readonly served: ServedVersion
}

/** A recording is about a person: that a model looked at it is written down, and nothing of what it holds. */
async function audit(kernel: Kernel, caller: Caller, requestId: string, code: string | null): Promise<void> {
  const { deployment, version } = caller.served
  await kernel.database.transaction(caller.actor, (tx) =>
    recordDeed(tx, {
      action: 'deployment.ecg',
      outcome: code === null ? 'done' : 'refused',
      projectId: deployment.projectId,
      targetKind: 'deployment',
      targetId: deployment.id,
      problem: code,
      requestId,
      detail: { name: deployment.name, model: version.model, label: version.label },
    }),
  )
}

async function readRecording(request: FastifyRequest, limits: RecordingLimits): Promise<RecordingSent> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  const body = request.body as AsyncIterable<Uint8Array> | undefined
  if ((type !== jsonType && type !== packType) || body === undefined) throw problem('models.recording-type', { type })
  const limited = within(body, type === jsonType ? limits.jsonBytes : limits.packBytes)
  if (type === packType) {
    const files = new Map<string, Uint8Array>()
    for await (const { name, content } of unpack(limited)) files.set(name, content)
    return { form: 'files', files }
  }
  const pieces: Uint8Array[] = []
  for await (const piece of limited) pieces.push(piece)
  return { form: 'json', body: Buffer.concat(pieces) }
}

/** Passes a body on up to its limit. */
async function* within(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const piece of body) {
    sizeBytes += piece.byteLength
    if (sizeBytes > most) throw problem('models.recording-too-large', { limitBytes: most })
    yield piece
  }
}
