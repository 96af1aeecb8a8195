import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../../kernel/index.ts'
import type { Clock } from '../clock.ts'
import type { RuntimeOptions } from '../runtime.ts'
import { type Tensor, tensorOf } from '../tensor.ts'
import { openPool } from './onnx.ts'
import type { ModelPool } from './pool.ts'
import { type ModelThread, startThread } from './thread.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.onnx`, import.meta.url))
const coded = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

/** `lookup`: y[i] = table[index[i]] with the table 10, 20, 30, 40; any other index fails inside the model. */
const index = (...values: readonly number[]): readonly Tensor[] => [
  tensorOf('index', 'INT64', [values.length], BigInt64Array.from(values, BigInt)),
]
const found = (...values: readonly number[]): readonly Tensor[] => [
  tensorOf('y', 'FP32', [values.length], Float32Array.from(values)),
]

/** `conv-slow` runs some 10 ms: long enough to be caught at it. */
const signal = (): readonly Tensor[] => [tensorOf('signal', 'FP32', [1, 12, 1000], new Float32Array(12_000))]

async function withPool(
  model: string,
  options: RuntimeOptions,
  check: (pool: ModelPool, threads: readonly ModelThread[]) => Promise<void>,
): Promise<void> {
  const threads: ModelThread[] = []
  const setup = { file: fixture(model), intraOpNumThreads: 1, notFinite: 'refuse' } as const
  const pool = await openPool(async () => {
    const thread = await startThread(setup)
    threads.push(thread)
    return thread
  }, options)
  try {
    await check(pool, threads)
  } finally {
    await pool.close()
  }
}

/** A clock that stands still until it is moved. */
function handClock(): Clock & { moveMs(byMs: number): void } {
  let nowMs = 0
  let timers: { atMs: number; call: () => void }[] = []
  return {
    now: () => nowMs,
    after(delayMs, call) {
      const timer = { atMs: nowMs + delayMs, call }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    moveMs(byMs) {
      nowMs += byMs
      const due = timers.filter(({ atMs }) => atMs <= nowMs)
      timers = timers.filter((timer) => !due.includes(timer))
      for (const { call } of due) call()
    },
  }
}

test('requests that wait are joined into one run, and each gets its own rows', () =>
  withPool('lookup', { maxBatch: 8, maxDelayMs: 5, clock: handClock() }, async (pool) => {
    const answers = [[0], [1, 2], [3, 0, 1], [2, 2]].map((values) => pool.infer(index(...values)))
    assert.deepEqual(await Promise.all(answers), [found(10), found(20, 30), found(40, 10, 20), found(30, 30)])
    assert.equal(pool.stats().runs, 1)
  }))

test('a batch that is not full goes when its oldest request has waited maxDelayMs', () => {
  const clock = handClock()
  return withPool('lookup', { maxBatch: 8, maxDelayMs: 5, clock }, async (pool) => {
    const answer = pool.infer(index(1))
    clock.moveMs(4)
    assert.deepEqual([pool.stats().queued, pool.stats().runs], [1, 0])
    clock.moveMs(1)
    assert.deepEqual(await answer, found(20))
    assert.equal(pool.stats().queueMs, 5)
  })
})

test('in a batch that fails only the request at fault fails', () =>
  withPool('lookup', { maxBatch: 3, maxDelayMs: 5, clock: handClock() }, async (pool) => {
    const [first, wrong, last] = await Promise.allSettled([
      pool.infer(index(0)),
      pool.infer(index(99)),
      pool.infer(index(3)),
    ])
    assert.deepEqual(first, { status: 'fulfilled', value: found(10) })
    assert.deepEqual(last, { status: 'fulfilled', value: found(40) })
    assert.ok(wrong.status === 'rejected' && coded('models.inference-failed')(wrong.reason))
    assert.match(String(wrong.reason.message), /idx=99/)
    assert.deepEqual([pool.stats().runs, pool.stats().succeeded, pool.stats().failed], [1, 2, 1])
  }))

test('without maxBatch nothing is joined', () =>
  withPool('lookup', {}, async (pool) => {
    await Promise.all([pool.infer(index(0)), pool.infer(index(1)), pool.infer(index(2))])
    assert.equal(pool.stats().runs, 3)
  }))

test('a full queue refuses at once and says that it may be tried again', () =>
  withPool('conv-slow', { maxQueue: 2 }, async (pool) => {
    const accepted = [pool.infer(signal()), pool.infer(signal()), pool.infer(signal())]
    await assert.rejects(
      pool.infer(signal()),
      (error) => coded('models.overloaded')(error) && (error as Problem).row.retry,
    )
    assert.equal((await Promise.all(accepted)).length, 3)
    assert.equal(pool.stats().overloaded, 1)
    assert.equal((await pool.infer(signal())).length, 1)
  }))

test('waiting requests may hold no more than maxQueuedBytes', () =>
  withPool('conv-slow', { maxQueuedBytes: 100_000 }, async (pool) => {
    // One runs, two wait with 96,000 bytes, the fourth would make it 144,000.
    const accepted = [pool.infer(signal()), pool.infer(signal()), pool.infer(signal())]
    await assert.rejects(pool.infer(signal()), coded('models.overloaded'))
    await Promise.all(accepted)
  }))

test('a request past its deadline fails by itself, waiting or running, and the next one is served', () => {
  const clock = handClock()
  return withPool('conv-slow', { clock, deadlineMs: 100 }, async (pool) => {
    const running = pool.infer(signal())
    const waiting = pool.infer(signal(), { deadlineMs: 50 })
    const patient = pool.infer(signal(), { deadlineMs: 1000 })
    clock.moveMs(50)
    await assert.rejects(waiting, coded('models.deadline-passed'))
    assert.deepEqual([pool.stats().running, pool.stats().queued], [1, 1])
    clock.moveMs(50)
    await assert.rejects(running, coded('models.deadline-passed'))
    assert.equal((await patient).length, 1)
    assert.equal(pool.stats().runs, 2)
  })
})

test('a request that its caller gives up while it waits never runs', () =>
  withPool('conv-slow', {}, async (pool) => {
    const running = pool.infer(signal())
    const caller = new AbortController()
    const waiting = pool.infer(signal(), { signal: caller.signal })
    caller.abort()
    await assert.rejects(waiting, coded('models.request-cancelled'))
    await running
    assert.equal(pool.stats().runs, 1)
  }))

test('when a thread ends its request fails, the waiting ones are answered by its successor', () =>
  withPool('conv-slow', {}, async (pool, threads) => {
    const running = pool.infer(signal())
    const waiting = pool.infer(signal())
    const lost = assert.rejects(running, (error) => coded('models.worker-lost')(error) && (error as Problem).row.retry)
    await threads[0]?.terminate()
    await lost
    assert.equal((await waiting).length, 1)
    assert.equal(threads.length, 2)
    assert.deepEqual([pool.stats().restarts, pool.stats().workers], [1, 1])
  }))

test('a thread that ends while nothing runs is replaced too', () =>
  withPool('lookup', {}, async (pool, threads) => {
    await threads[0]?.terminate()
    assert.deepEqual(await pool.infer(index(2)), found(30))
    assert.equal(threads.length, 2)
  }))

test('a model whose threads no longer start says so to those who wait and to those who come', async () => {
  let file = fixture('lookup')
  const threads: ModelThread[] = []
  const pool = await openPool(async () => {
    const thread = await startThread({ file, intraOpNumThreads: 1, notFinite: 'refuse' })
    threads.push(thread)
    return thread
  }, {})
  file = fixture('no-such-file')
  await threads[0]?.terminate()
  await assert.rejects(pool.infer(index(0)), coded('models.runtime-broken'))
  await assert.rejects(pool.infer(index(0)), coded('models.runtime-broken'))
  await pool.close()
})

test('a buffer given away twice fails its own request and leaves the thread at work', () =>
  withPool('lookup', {}, async (pool) => {
    const shared = index(1)
    const first = pool.infer(shared, { surrender: true })
    await assert.rejects(pool.infer(shared, { surrender: true }), coded('models.length-wrong'))
    assert.deepEqual(await first, found(20))
    assert.deepEqual(await pool.infer(index(3)), found(40))
  }))

test('closing while a thread ends still answers every request and ends', async () => {
  const threads: ModelThread[] = []
  const pool = await openPool(async () => {
    const thread = await startThread({ file: fixture('conv-slow'), intraOpNumThreads: 1, notFinite: 'refuse' })
    threads.push(thread)
    return thread
  }, {})
  const running = assert.rejects(pool.infer(signal()), coded('models.worker-lost'))
  const waiting = pool.infer(signal())
  const closed = pool.close()
  await threads[0]?.terminate()
  await running
  assert.equal((await waiting).length, 1)
  await closed
  assert.equal(pool.stats().workers, 0)
})
