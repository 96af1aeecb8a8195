import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the base counts about itself, in Prometheus' text format at `/metrics`. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Histogram<'operation' | 'status'>
  readonly workFailures: Counter<'task' | 'parked'>
  readonly databaseConnections: Gauge<'state'>
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'pilotbase_' })
  return {
    registry,
    requests: new Histogram({
      name: 'pilotbase_request_seconds',
      help: 'Time to answer a request, by operation and status',
      labelNames: ['operation', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    }),
    workFailures: new Counter({
      name: 'pilotbase_work_failures_total',
      help: 'Pieces of queued work that threw; parked ones wait for a person',
      labelNames: ['task', 'parked'],
      registers: [registry],
    }),
    databaseConnections: new Gauge({
      name: 'pilotbase_database_connections',
      help: 'Connections of the pool by state',
      labelNames: ['state'],
      registers: [registry],
    }),
  }
}

/** Times each request under its operation, which is bounded, never under its address, which is not. */
export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const schema = request.routeOptions.schema as { operationId?: string } | undefined
    const operation = schema?.operationId ?? request.routeOptions.url ?? 'unknown'
    metrics.requests.observe({ operation, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
  })
}
