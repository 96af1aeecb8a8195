import fastify from 'fastify'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { oipRoutes } from './routes.ts'
import { onnxFixture, serveFixtures } from './testing.ts'

/*
 * The process that oip.perf.ts measures, forked by it: it serves the fixtures, and on request runs one of them bare, so
 * that both figures come from the same process at the same time. CPU is the whole process's, threads included.
 */

export type PerfOrder =
  | { readonly kind: 'cpu' }
  | { readonly kind: 'bare'; readonly model: string; readonly runs: number }
export interface PerfReport {
  readonly port?: number
  /** CPU of the process since it started; of the runs alone after `bare`. */
  readonly cpuMs: number
  /** Each bare run's time. */
  readonly latenciesMs: readonly number[]
}

export const perfModels = ['affine', 'conv-small', 'conv-slow'] as const

function say(report: PerfReport): void {
  process.send?.(report)
}

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

async function runBare(session: InferenceSession, model: string, runs: number): Promise<PerfReport> {
  const name = session.inputNames[0] ?? ''
  const shape = model === 'affine' ? [1, 12_000] : [1, 12, 1000]
  const values = Float32Array.from({ length: 12_000 }, (_, i) => Math.sin(i))
  const latenciesMs: number[] = []
  const before = process.cpuUsage()
  for (let i = 0; i < runs; i++) {
    const startedAt = performance.now()
    await session.run({ [name]: new Tensor('float32', values, shape) })
    latenciesMs.push(performance.now() - startedAt)
  }
  return { cpuMs: cpuMs(before), latenciesMs }
}

async function serve(): Promise<void> {
  const registry = await serveFixtures(perfModels)
  const app = fastify()
  await oipRoutes(app, { registry, authorise: async () => {} })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const sessions = new Map<string, InferenceSession>()
  for (const model of perfModels) {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' } as const
    sessions.set(model, await InferenceSession.create(onnxFixture(model), options))
  }
  process.on('message', async (order: PerfOrder) => {
    if (order.kind === 'cpu') return say({ cpuMs: cpuMs(), latenciesMs: [] })
    const session = sessions.get(order.model)
    if (session !== undefined) say(await runBare(session, order.model, order.runs))
  })
  process.once('disconnect', async () => {
    await app.close()
    await registry.close()
  })
  const address = app.server.address()
  say({ port: typeof address === 'object' && address !== null ? address.port : 0, cpuMs: 0, latenciesMs: [] })
}

// Only the forked process serves; an import of the types must not.
if (process.send !== undefined && import.meta.main) await serve()
