import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../kernel/index.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { readBody } from './body.ts'
import type { ModelMetadata, ServerMetadata } from './contract.ts'
import { readInference, writeInference } from './messages.ts'
import { problem } from './problems.ts'

export interface ServedModel {
  readonly runtime: Runtime
  readonly metadata: {
    readonly name: string
    /** The version that `runtime` is, and all versions that may be asked for. */
    readonly version: string
    readonly versions: readonly string[]
    readonly platform: string
  }
  readonly ready: boolean
}

/** Where the routes find models; the room that serves them injects it. */
export interface ServedModels {
  list(): Awaitable<readonly { readonly name: string; readonly ready: boolean }[]>
  /** The model, or its default version when none is named; undefined when it is not served. */
  get(name: string, version?: string): Awaitable<ServedModel | undefined>
}

export interface InferenceEvent {
  readonly model: string
  readonly version: string | null
  readonly status: number
  /** The problem's code; null for an answer, `kernel.unexpected` for a bug of ours. */
  readonly code: string | null
  readonly latencyMs: number
  readonly requestBytes: number
  readonly responseBytes: number
}

export interface OipOptions {
  readonly registry: ServedModels
  /** Throws (a Problem of 401 or 403) when the request may not. Runs before the body is read. */
  readonly authorise: (request: FastifyRequest, modelName: string, verb: 'read' | 'infer') => Promise<void>
  readonly observe?: (event: InferenceEvent) => void
  /** Default 64 MiB. */
  readonly bodyLimitBytes?: number
  /** Default: the runtime's own. */
  readonly deadlineMs?: number
  readonly server?: { readonly name: string; readonly version: string }
}

type Awaitable<T> = T | Promise<T>
interface ModelParams {
  readonly name: string
  readonly version?: string
}

const headerLengthName = 'inference-header-content-length'

/** Where an infer request leaves what its event tells. */
interface Trace {
  version: string | null
  code: string | null
  requestBytes: number
  responseBytes: number
}
const traces = new WeakMap<FastifyRequest, Trace>()

/**
 * The Open Inference Protocol v2 over HTTP, in an encapsulated scope: its errors have the protocol's shape,
 * {"error": "..."}, and its bodies are read by it alone; the rest of the app keeps its own ways.
 */
export async function oipRoutes(app: FastifyInstance, options: OipOptions): Promise<void> {
  const { registry, server = { name: 'pilotbase', version: '2' } } = options
  const { authorise, observe, bodyLimitBytes = 64 * 1024 * 1024 } = options

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => {
      const encoding = request.headers['content-encoding']
      if (encoding !== undefined && encoding !== 'identity')
        return Promise.reject(problem('models.oip-encoding', { encoding }))
      const declared = request.headers['content-length']
      const declaredBytes = declared === undefined ? null : Number(declared)
      return readBody(payload, { limitBytes: bodyLimitBytes, declaredBytes, headerBytes: headerBytesOf(request) ?? 0 })
    })
    scope.setErrorHandler(answerError)

    const allow = (verb: 'read' | 'infer') => (request: FastifyRequest<{ Params: ModelParams }>) =>
      authorise(request, request.params.name, verb)
    const served = async ({ name, version }: ModelParams): Promise<ServedModel> => {
      const model = await registry.get(name, version)
      if (model !== undefined) return model
      throw problem('models.oip-model-unknown', { model: version === undefined ? name : `${name} version ${version}` })
    }

    scope.get('/v2', () => ({ ...server, extensions: ['binary_tensor_data'] }) satisfies ServerMetadata)
    scope.get('/v2/health/live', () => ({ live: true }))
    scope.get('/v2/health/ready', async (_request, reply) => {
      const ready = (await registry.list()).every((model) => model.ready)
      return reply.code(ready ? 200 : 503).send({ ready })
    })

    for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
      scope.get<{ Params: ModelParams }>(path, { onRequest: allow('read') }, async ({ params }) =>
        metadataOf(await served(params)),
      )
      scope.get<{ Params: ModelParams }>(`${path}/ready`, { onRequest: allow('read') }, async ({ params }, reply) => {
        const { ready } = await served(params)
        return reply.code(ready ? 200 : 503).send({ name: params.name, ready })
      })
      scope.post<{ Params: ModelParams; Body: Uint8Array | undefined }>(
        `${path}/infer`,
        { onRequest: [startTrace(observe), allow('infer')] },
        async (request, reply) => infer(await served(request.params), request, reply, options.deadlineMs),
      )
    }
  })
}

/** Notes what the event tells, and tells it when the answer has gone or the caller has. */
function startTrace(observe: OipOptions['observe']) {
  return async (request: FastifyRequest<{ Params: ModelParams }>, reply: FastifyReply): Promise<void> => {
    if (observe === undefined) return
    const trace: Trace = { version: null, code: null, requestBytes: 0, responseBytes: 0 }
    traces.set(request, trace)
    const startedAt = performance.now()
    const tell = (outcome: Partial<InferenceEvent>): void =>
      observe({
        ...trace,
        model: request.params.name,
        status: reply.statusCode,
        latencyMs: performance.now() - startedAt,
        ...outcome,
      })
    const onClose = (): void => tell({ status: 499, code: 'models.request-cancelled', responseBytes: 0 })
    reply.raw.once('close', onClose)
    reply.raw.once('finish', () => {
      reply.raw.off('close', onClose)
      tell({})
    })
  }
}

async function infer(
  { runtime, metadata, ready }: ServedModel,
  request: FastifyRequest<{ Body: Uint8Array | undefined }>,
  reply: FastifyReply,
  deadlineMs: number | undefined,
): Promise<FastifyReply> {
  const body = request.body ?? new Uint8Array()
  const trace = traces.get(request)
  if (trace !== undefined) {
    trace.version = metadata.version
    trace.requestBytes = body.byteLength
  }
  if (!ready) throw problem('models.oip-not-ready', { model: metadata.name })
  const { id, inputs, outputs, binary } = readInference(body, headerBytesOf(request), runtime.signature())
  const gone = new AbortController()
  const onClose = (): void => gone.abort()
  reply.raw.once('close', onClose)
  const answer = await runtime.infer(inputs, {
    outputs,
    signal: gone.signal,
    surrender: true,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  })
  reply.raw.off('close', onClose)
  const written = writeInference({
    modelName: metadata.name,
    modelVersion: metadata.version,
    id,
    outputs: answer,
    binary,
  })
  if (trace !== undefined) trace.responseBytes = written.body.byteLength
  if (written.headerBytes === null) reply.header('content-type', 'application/json')
  else {
    reply.header('content-type', 'application/octet-stream')
    reply.header('inference-header-content-length', written.headerBytes)
  }
  return reply.send(written.body)
}

/** Length of the JSON before binary tensors; null when the whole body is JSON. */
function headerBytesOf(request: FastifyRequest): number | null {
  const given = request.headers[headerLengthName]
  if (given === undefined) return null
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given)
  throw problem('models.oip-header-length', {
    actual: String(given),
    bytes: request.headers['content-length'] ?? 'an unknown number of',
  })
}

function metadataOf({ metadata, runtime }: ServedModel): ModelMetadata {
  const { inputs, outputs } = runtime.signature()
  const { name, versions, platform } = metadata
  const told = (specs: typeof inputs) => specs.map((spec) => ({ ...spec, shape: [...spec.shape] }))
  return { name, versions: [...versions], platform, inputs: told(inputs), outputs: told(outputs) }
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const trace = traces.get(request)
  if (error instanceof Problem) {
    if (trace !== undefined) trace.code = error.code
    const { title, fix } = error.words(/^\s*zh/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en')
    if (error.row.retry) reply.header('retry-after', '1')
    // A body that was refused unread would be taken for the next request.
    if (error.row.status === 413 || error.row.status === 415) reply.header('connection', 'close')
    reply.code(error.row.status).send({ error: `${error.code}: ${title}. ${fix}` })
    return
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500 && error instanceof Error) {
    reply.code(status).send({ error: error.message })
    return
  }
  if (trace !== undefined) trace.code = 'kernel.unexpected'
  request.log.error({ err: error }, 'inference request failed unexpectedly')
  reply.code(500).send({ error: `kernel.unexpected: the request failed; its id is ${request.id}` })
}
