import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { capability } from '../database/actor.ts'
import { type TestBase, testBase } from '../testing.ts'
import { eventStart, eventsAfter, latestCursor, recordEvent } from './store.ts'

let base: TestBase
before(async () => {
  base = await testBase()
})
after(() => base.close())

const actor = capability('events')

/** All events from a cursor on, page by page. */
async function readAll(from: string, limit: number): Promise<string[]> {
  const { database } = base.kernel
  const seen: string[] = []
  for (let cursor = from; ; ) {
    const page = await database.transaction(actor, (tx) => eventsAfter(tx, base.project.id, cursor, limit))
    if (page.length === 0) return seen
    seen.push(...page.map((one) => one.subjectId))
    cursor = page.at(-1)?.cursor ?? cursor
  }
}

test('every event is read once and in order, however small the pages and whatever the transaction numbers look like', async () => {
  const { database } = base.kernel
  const count = 120
  // More than a hundred transactions: their numbers pass a power of ten, where order as text would go wrong.
  const { now } = await database.transaction(actor, (tx) =>
    tx.one<{ now: number }>('select (pg_current_xact_id()::text)::bigint as now'),
  )
  const next = 10 ** String(now).length
  if (next - now < 5000)
    for (let xid = now; xid < next - 60; xid++)
      await database.transaction(actor, (tx) => tx.one('select pg_current_xact_id()::text as x'))
  for (let i = 0; i < count; i++)
    await database.transaction(actor, (tx) =>
      recordEvent(tx, { projectId: base.project.id, kind: 'test.happened', subjectId: String(i) }),
    )
  const all = Array.from({ length: count }, (_, i) => String(i))
  for (const limit of [1, 7, 500]) assert.deepEqual(await readAll(eventStart, limit), all)
})

test('an event of a transaction that commits late is not skipped', async () => {
  const { database } = base.kernel
  const start = await database.transaction(actor, (tx) => latestCursor(tx, base.project.id))
  const opened = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const late = database.transaction(actor, async (tx) => {
    await recordEvent(tx, { projectId: base.project.id, kind: 'test.happened', subjectId: 'late' })
    opened.resolve()
    await finish.promise
  })
  await opened.promise
  await database.transaction(actor, (tx) =>
    recordEvent(tx, { projectId: base.project.id, kind: 'test.happened', subjectId: 'early' }),
  )
  assert.deepEqual(await readAll(start, 10), [], 'nothing is told past a transaction that may still add before it')
  finish.resolve()
  await late
  assert.deepEqual(await readAll(start, 10), ['late', 'early'])
})
