import { z } from 'zod'
import { problem } from '../http/problems.ts'
import { type Route, route } from '../http/route.ts'
import { done, isDone } from '../identity/contract.ts'

const parkedSchema = z.strictObject({
  id: z.int(),
  task: z.string(),
  payload: z.json(),
  attempts: z.int(),
  lastError: z.string().nullable(),
  parkedAt: z.iso.datetime(),
})

interface ParkedRow {
  id: number
  task: string
  payload: z.core.util.JSONType
  attempts: number
  last_error: string | null
  parked_at: Date
}

/** Work that failed at every try waits here for a person. */
export const queueRoutes: Route[] = [
  route(
    {
      method: 'GET',
      path: '/api/work/parked',
      operation: 'work.parked',
      summary: 'Work that gave up, with its error',
      access: 'operator',
      reply: z.strictObject({ work: z.array(parkedSchema) }),
    },
    async ({ tx }) => {
      const rows = await tx.rows<ParkedRow>(
        'select id, task, payload, attempts, last_error, parked_at from kernel.parked_work()',
      )
      const work = rows.map((row) => ({
        id: row.id,
        task: row.task,
        payload: row.payload,
        attempts: row.attempts,
        lastError: row.last_error,
        parkedAt: row.parked_at.toISOString(),
      }))
      return { work }
    },
  ),
  route(
    {
      method: 'POST',
      path: '/api/work/:id/retry',
      operation: 'work.retry',
      summary: 'Send parked work round again',
      access: 'operator',
      params: z.strictObject({ id: z.string().regex(/^\d+$/) }),
      reply: done,
    },
    async ({ tx, params, target }) => {
      target('work', params.id)
      const { back } = await tx.one<{ back: boolean }>('select kernel.retry_work($1) as back', [params.id])
      if (!back) throw problem('kernel.not-found', { kind: 'parked work', id: params.id })
      return isDone
    },
  ),
]
