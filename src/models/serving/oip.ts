import type { FastifyInstance } from 'fastify'
import { enterAs, type Kernel } from '../../kernel/index.ts'
import { type InferenceEvent, oipRoutes, type ServedModel } from '../oip/routes.ts'
import type { Accounting } from './accounting.ts'
import type { ServedVersion, Serving } from './serving.ts'

/**
 * Every deployed network by the Open Inference Protocol v2: `<project>.<deployment>` where a version has one network and
 * nothing else to call, else `<project>.<deployment>.<network>`.
 */
export function oipMount(
  app: FastifyInstance,
  kernel: Kernel,
  serving: Serving,
  accounting: Accounting,
): Promise<void> {
  return oipRoutes(app, {
    server: { name: 'pilotbase', version: kernel.version },
    registry: {
      list: () => serving.list().flatMap((served) => namesOf(served).map((name) => ({ name, ready: true }))),
      get: (name, version) => modelOf(serving, name, version),
    },
    async authorise(request, name, verb) {
      const [project = ''] = name.split('.')
      await enterAs(
        kernel.database,
        request,
        verb === 'infer' ? 'model.infer' : 'model.read',
        project,
        async () => undefined,
      )
    },
    observe: (event) => observe(serving, accounting, event),
  })
}

function namesOf({ projectSlug, deployment, version }: ServedVersion): string[] {
  const base = `${projectSlug}.${deployment.name}`
  const { networks } = version.signature
  if (version.kind === 'onnx' && networks.length === 1) return [base]
  return networks.map(({ name }) => `${base}.${name}`)
}

async function modelOf(serving: Serving, name: string, wanted?: string): Promise<ServedModel | undefined> {
  const served = servedBy(serving, name)
  if (served === undefined || !namesOf(served).includes(name)) return undefined
  const { version, open } = served
  if (wanted !== undefined && wanted !== version.label) return undefined
  const network = name.split('.')[2] ?? version.signature.networks[0]?.name ?? ''
  const runtime = await open.network(network)
  if (runtime === undefined) return undefined
  const { label } = version
  return { runtime, ready: true, metadata: { name, version: label, versions: [label], platform: 'onnxruntime_onnx' } }
}

function servedBy(serving: Serving, name: string): ServedVersion | undefined {
  const [project = '', deployment = ''] = name.split('.')
  return serving.find(project, deployment)
}

/** Names that nobody serves are counted under none: a caller must not be able to fill the metrics with inventions. */
function observe(serving: Serving, accounting: Accounting, { model, code, latencyMs }: InferenceEvent): void {
  const served = servedBy(serving, model)
  accounting.note({
    project: served?.projectSlug ?? 'none',
    deployment: served?.deployment.name ?? 'none',
    version: served?.version.label ?? 'none',
    endpoint: 'oip',
    outcome: code ?? 'answered',
    latencyMs,
  })
}
