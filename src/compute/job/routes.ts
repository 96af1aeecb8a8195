import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { done, enterAs, isDone, type Kernel, projectParams, type Route, route } from '../../kernel/index.ts'
import { jobAccepted, jobPage, jobSchema, jobSpec, metricSeries, newMetrics } from './contract.ts'
import { hasEnded } from './domain.ts'
import { cancelJob, type JobListener, readJob, retryJob, submitJob } from './jobs.ts'
import type { Scheduler } from './scheduler.ts'
import { insertMetrics, jobOf, pageJobs, readMetrics } from './store.ts'

const jobParams = z.strictObject({ ...projectParams.shape, job: z.uuid() })

export function jobRoutes(kernel: Kernel, wake: () => void): Route[] {
  return [
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/jobs',
        operation: 'job.submit',
        summary: 'Run a command as a job',
        access: 'job.submit',
        params: projectParams,
        body: jobSpec,
        reply: jobAccepted,
        status: 202,
      },
      async ({ tx, project, body, target, afterCommit }) => {
        const id = await submitJob(tx, kernel, project.id, body)
        target('job', id, { name: body.name })
        afterCommit(wake)
        return { id, state: 'queued' as const }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/jobs',
        operation: 'job.list',
        summary: 'Jobs, newest first',
        access: 'job.read',
        params: projectParams,
        query: z.strictObject({
          after: z.uuid().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        reply: jobPage,
      },
      async ({ tx, project, query }) => {
        const jobs = await pageJobs(tx, project.id, query.after ?? null, query.limit)
        return { jobs, next: jobs.length === query.limit ? (jobs.at(-1)?.id ?? null) : null }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/jobs/:job',
        operation: 'job.read',
        summary: 'One job',
        access: 'job.read',
        params: jobParams,
        reply: jobSchema,
      },
      async ({ tx, project, params }) => jobOf(await readJob(tx, project.id, params.job)),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/jobs/:job/retry',
        operation: 'job.retry',
        summary: 'Submit an ended job once more',
        access: 'job.submit',
        params: jobParams,
        reply: jobAccepted,
        status: 202,
      },
      async ({ tx, project, params, target, afterCommit }) => {
        const id = await retryJob(tx, kernel, project.id, params.job)
        target('job', id, { retryOf: params.job })
        afterCommit(wake)
        return { id, state: 'queued' as const }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/jobs/:job/metrics',
        operation: 'job.log-metrics',
        summary: 'Log figures of a running job',
        access: 'job.submit',
        params: jobParams,
        body: newMetrics,
        reply: done,
      },
      async ({ tx, project, params, body, target }) => {
        target('job', params.job, { metrics: body.metrics.length })
        await insertMetrics(tx, project.id, params.job, body.metrics)
        return isDone
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/jobs/:job/metrics',
        operation: 'job.metrics',
        summary: 'Figures that a job logged',
        access: 'job.read',
        params: jobParams,
        reply: metricSeries,
      },
      async ({ tx, project, params }) => {
        await readJob(tx, project.id, params.job)
        return { metrics: await readMetrics(tx, params.job) }
      },
    ),
  ]
}

/** Cancelling needs the commit before it acts, and logs and outputs are streams. */
export function jobStreams(app: FastifyInstance, kernel: Kernel, scheduler: () => Scheduler): void {
  type Params = { project: string; job: string; '*': string }
  const read = (request: Parameters<typeof enterAs>[1], job: string, project: string) =>
    enterAs(kernel.database, request, 'job.read', project, (tx, { project: seen }) => readJob(tx, seen?.id ?? '', job))

  app.get(
    '/api/projects/:project/jobs/:job/log',
    { schema: { operationId: 'job.log', summary: 'What a job printed; follows while it runs' } },
    async (request, reply) => {
      const { project, job: id } = request.params as Params
      const { stream = 'stdout', from = '0', follow = 'false' } = request.query as Record<string, string>
      const which = stream === 'stderr' ? 'stderr' : 'stdout'
      let job = await read(request, id, project)
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-job-state': job.state })
      const gone = new AbortController()
      request.raw.on('close', () => gone.abort())
      let at = Number.parseInt(from, 10) || 0
      while (!gone.signal.aborted) {
        const ended = hasEnded(job.state)
        for (
          let piece = await scheduler().readLog(job, which, at);
          piece.length > 0;
          piece = await scheduler().readLog(job, which, at)
        ) {
          at += piece.length
          reply.raw.write(piece)
        }
        if (ended || follow !== 'true') break
        await kernel.pause(500, gone.signal)
        job = await read(request, id, project)
      }
      reply.raw.end()
    },
  )

  app.get(
    '/api/projects/:project/jobs/:job/outputs/*',
    { schema: { operationId: 'job.output', summary: 'One file that a job made' } },
    async (request, reply) => {
      const { project, job: id, '*': path } = request.params as Params
      const job = await read(request, id, project)
      const output = job.outputs?.find((one) => one.path === path)
      if (output === undefined) return reply.callNotFound()
      return reply
        .type('application/octet-stream')
        .header('content-length', output.sizeBytes)
        .send(await kernel.objects.get(output.sha256))
    },
  )
}

/** Cancelling: the wish is committed and audited first, then carried out. */
export function cancelRoute(scheduler: () => Scheduler, onEnd: readonly JobListener[]): Route {
  return route(
    {
      method: 'POST',
      path: '/api/projects/:project/jobs/:job/cancel',
      operation: 'job.cancel',
      summary: 'End a job and all its processes',
      access: 'job.control',
      params: jobParams,
      reply: jobSchema,
    },
    async ({ tx, project, params, target, afterCommit }) => {
      target('job', params.job)
      const job = await cancelJob(tx, project.id, params.job, onEnd)
      afterCommit(() => scheduler().cancel(params.job))
      return jobOf(job)
    },
  )
}
