import type { FastifyInstance } from 'fastify'
import type { Database } from '../database/database.ts'
import { stranger } from '../database/actor.ts'
import type { Metrics } from './metrics.ts'

/** `/healthz`: the process answers. `/readyz`: it can do its work, or names what it waits for. `/metrics`: Prometheus. */
export function healthRoutes(app: FastifyInstance, database: Database, metrics: Metrics): void {
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'alive' }))
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      await database.transaction(stranger, (tx) => tx.one('select 1 as one'))
      return { status: 'ready' }
    } catch (error) {
      return reply.status(503).send({ status: 'waiting', for: 'database', reason: (error as Error).message })
    }
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const { totalCount, idleCount, waitingCount } = database.pool
    metrics.databaseConnections.set({ state: 'idle' }, idleCount)
    metrics.databaseConnections.set({ state: 'busy' }, totalCount - idleCount)
    metrics.databaseConnections.set({ state: 'wanted' }, waitingCount)
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}
