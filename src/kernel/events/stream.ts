import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../database/database.ts'
import { enterAs } from '../http/door.ts'
import type { EventBus } from './bus.ts'
import { eventsAfter, latestCursor, type StoredEvent } from './store.ts'

// A comment at this rhythm tells proxies and readers that the line is alive, and makes a dead one be noticed.
const heartbeatMs = 15_000
const cursorForm = /^\d{1,20}-\d{1,19}$/

/**
 * `/api/projects/:project/events`: what happens in a project, as server-sent events. `Last-Event-ID` (or `?after=`)
 * resumes without a gap; without it the stream starts now. Who is watching is asked again at every batch, so that a
 * revoked session stops seeing.
 */
export function eventRoutes(app: FastifyInstance, database: Database, bus: EventBus): void {
  app.get(
    '/api/projects/:project/events',
    { schema: { operationId: 'event.stream', summary: 'What happens, live' } },
    (request, reply) => stream(request, reply, database, bus),
  )
}

async function stream(request: FastifyRequest, reply: FastifyReply, database: Database, bus: EventBus): Promise<void> {
  const { project } = request.params as { project: string }
  const asked = request.headers['last-event-id'] ?? (request.query as { after?: string }).after
  const read = (cursor: string | null): Promise<{ events: StoredEvent[]; cursor: string }> =>
    enterAs(database, request, 'project.read', project, async (tx, entered) => {
      const id = entered.project?.id ?? ''
      if (cursor === null) return { events: [], cursor: await latestCursor(tx, id) }
      const events = await eventsAfter(tx, id, cursor)
      return { events, cursor: events.at(-1)?.cursor ?? cursor }
    })
  const resumed = typeof asked === 'string' && cursorForm.test(asked) ? asked : null
  let { events, cursor } = await read(resumed)
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  raw.write(`id: ${resumed ?? cursor}\nevent: open\ndata: {}\n\n`)
  const gone = new AbortController()
  request.raw.on('close', () => gone.abort())
  while (!gone.signal.aborted) {
    for (const event of events)
      raw.write(`id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`)
    if (events.length === 0) {
      const wait = new AbortController()
      const beat = setTimeout(() => wait.abort(), heartbeatMs)
      await bus.next(AbortSignal.any([gone.signal, wait.signal]))
      clearTimeout(beat)
      if (wait.signal.aborted && !gone.signal.aborted) raw.write(': alive\n\n')
    }
    if (gone.signal.aborted) break
    try {
      ;({ events, cursor } = await read(cursor))
    } catch (error) {
      // The reader may no longer see the project, or the database is away: the client reconnects and is told which.
      request.log.info({ err: error }, 'event stream ends')
      break
    }
  }
  raw.end()
}
