import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Queued, takeBatch } from './queue.ts'

const at = (acceptedAt: number, rows = 1, key: string | null = 'k'): Queued => ({ acceptedAt, rows, key })
const limits = { maxBatch: 3, maxDelayMs: 5 }

test('a batch is full at maxBatch rows and leaves the rest in order', () => {
  const queue = [at(0), at(1), at(2), at(3)]
  assert.deepEqual(takeBatch(queue, limits, 4).batch, [at(0), at(1), at(2)])
  assert.deepEqual(queue, [at(3)])
})

test('an unfinished batch waits for its oldest request and not longer', () => {
  const queue = [at(10), at(11)]
  assert.deepEqual(takeBatch(queue, limits, 12), { batch: [], waitMs: 3 })
  assert.equal(queue.length, 2)
  assert.equal(takeBatch(queue, limits, 15).batch.length, 2)
})

test('without a delay whatever waits goes at once', () => {
  assert.equal(takeBatch([at(10), at(10)], { maxBatch: 3, maxDelayMs: 0 }, 10).batch.length, 2)
})

test('a request that joins with none runs alone and at once', () => {
  assert.deepEqual(takeBatch([at(0, 1, null), at(0)], limits, 0).batch, [at(0, 1, null)])
})

test('a request larger than maxBatch runs alone', () => {
  assert.deepEqual(takeBatch([at(0, 9), at(0)], limits, 0).batch, [at(0, 9)])
})

test('an unfinished batch does not wait while another kind of request stands behind it', () => {
  const queue = [at(0), at(0, 1, 'other'), at(0)]
  assert.deepEqual(takeBatch(queue, limits, 0).batch, [at(0), at(0)])
  assert.deepEqual(queue, [at(0, 1, 'other')])
})

test('an empty queue gives nothing', () =>
  assert.deepEqual(takeBatch([], limits, 0), { batch: [], waitMs: Number.POSITIVE_INFINITY }))

test('each request is taken exactly once, batches are of one kind and within the limit or alone', () => {
  const requests = fc.array(
    fc.record({
      acceptedAt: fc.constant(0),
      rows: fc.integer({ min: 1, max: 5 }),
      key: fc.constantFrom('a', 'b', null),
    }),
  )
  fc.assert(
    fc.property(requests, (arrived) => {
      const queue = arrived.map((request) => ({ ...request }))
      const taken: Queued[] = []
      const all = new Set(queue)
      while (queue.length > 0) {
        const { batch } = takeBatch(queue, limits, 1e9)
        assert.ok(batch.length > 0)
        assert.equal(new Set(batch.map((request) => request.key)).size, 1)
        assert.ok(batch.length === 1 || batch.reduce((sum, { rows }) => sum + rows, 0) <= limits.maxBatch)
        assert.ok(batch.length === 1 || batch[0]?.key !== null)
        taken.push(...batch)
      }
      assert.equal(new Set(taken).size, all.size)
      assert.equal(taken.length, all.size)
    }),
  )
})
