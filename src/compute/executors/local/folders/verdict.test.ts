import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endReasons } from '../../executor.ts'
import { type Evidence, judge, parseClaim, parseExit, parseReason, signalOf } from './verdict.ts'

const supervisor = { kind: 'supervisor', pid: 9, bootId: 'b', born: '1' } as const
const nothing: Evidence = { claim: null, exit: null, baseReason: null, timerReason: null, supervisorAlive: false }
const stands = (evidence: Partial<Evidence>): unknown[] => {
  const { state, exitCode, signal, reason } = judge({ ...nothing, ...evidence })
  return [state, exitCode, signal, reason]
}

test('an attempt stands by its records', () => {
  const exit = { code: 0, cpuSeconds: 1 }
  assert.deepEqual(stands({}), ['starting', null, null, null])
  assert.deepEqual(stands({ claim: supervisor, supervisorAlive: true }), ['running', null, null, null])
  assert.deepEqual(stands({ claim: supervisor, exit }), ['exited', 0, null, null])
  assert.deepEqual(stands({ claim: supervisor, exit, supervisorAlive: true }), ['exited', 0, null, null])
  assert.deepEqual(stands({ claim: supervisor, exit: { code: 143, cpuSeconds: null }, timerReason: 'time-limit' }), [
    'exited',
    143,
    'SIGTERM',
    'time-limit',
  ])
  // the supervisor vanished: by our own kill, or nobody knows how
  assert.deepEqual(stands({ claim: supervisor, baseReason: 'memory-limit' }), [
    'exited',
    137,
    'SIGKILL',
    'memory-limit',
  ])
  assert.deepEqual(stands({ claim: supervisor }), ['lost', null, null, null])
  assert.deepEqual(stands({ claim: { kind: 'never' }, baseReason: 'cancelled' }), ['exited', null, null, 'cancelled'])
  assert.deepEqual(stands({ claim: { kind: 'never' } }), ['lost', null, null, null])
  assert.deepEqual(stands({ claim: { kind: 'torn' } }), ['lost', null, null, null])
})

test("the kernel's own signals name the limit they stand for", () => {
  const killedBy = (code: number): unknown =>
    judge({ ...nothing, claim: supervisor, exit: { code, cpuSeconds: 0 } }).reason
  // SIGXCPU is 24 and SIGXFSZ 25 on Linux and macOS
  assert.deepEqual([killedBy(128 + 24), killedBy(128 + 25), killedBy(128 + 9)], ['time-limit', 'disk-limit', null])
})

test('a code over 128 names its signal where there is one', () => {
  assert.deepEqual([0, 1, 128, 134, 137, 143, 255].map(signalOf), [
    null,
    null,
    null,
    'SIGABRT',
    'SIGKILL',
    'SIGTERM',
    null,
  ])
})

test('a record cut anywhere is not believed', () => {
  const claim = '4711\nd2f7\n4711 (sh) S 1 4711 4711 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 987654 0 0\nend\n'
  assert.deepEqual(parseClaim(claim), { kind: 'supervisor', pid: 4711, bootId: 'd2f7', born: '987654' })
  const exit = '3\n0m0.010s 0m0.020s\n1m2.500s 0m0.250s\nend\n'
  assert.deepEqual(parseExit(exit), { code: 3, cpuSeconds: 62.75 })
  // the last line break doesn't matter
  for (let length = 0; length < claim.length - 1; length++) {
    assert.deepEqual(parseClaim(claim.slice(0, length)), { kind: 'torn' }, String(length))
  }
  for (let length = 0; length < exit.length - 1; length++) assert.equal(parseExit(exit.slice(0, length)), null)
  assert.equal(parseReason('time-limit\n'), null)
  assert.equal(parseReason('time-limit\nend\n'), 'time-limit')
})

test('whatever an attempt writes in place of the records is refused or understood, never thrown on', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const exit = parseExit(text)
      const reason = parseReason(text)
      assert.ok(exit === null || (Number.isInteger(exit.code) && exit.code < 1000))
      assert.ok(reason === null || endReasons.includes(reason))
      assert.ok(parseClaim(text))
    }),
  )
})

test('the timer, which measures no time of the command, leaves it open', () => {
  assert.deepEqual(parseExit('137\n-\n-\nend\n'), { code: 137, cpuSeconds: null })
})
