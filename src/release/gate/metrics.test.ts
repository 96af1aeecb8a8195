import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyFrom, predicateOf, ringOf } from '../../kernel/evidence/testing.ts'
import { makeStatement, openStatement, type Predicate, sha256Of, signStatement } from '../../kernel/index.ts'
import { metricRule } from '../policy/contract.ts'
import { figures, plannedMetric, snapshotSubject, weights } from '../testing.ts'
import { judgeEvidence } from './evidence.ts'
import { judgeMetric } from './metrics.ts'
import type { Verified } from './statements.ts'

const key = keyFrom(1)
const rule = metricRule.parse({ task: 'ecg-beats', metric: 'qrs_se_gross', atLeast: 0.99, minGroups: 10 })
const onSnapshot = { name: 'data', role: 'snapshot' as const, digest: { sha256: snapshotSubject.sha256 } }

function signed<K extends 'evaluation' | 'evaluation-plan' | 'snapshot' | 'training'>(
  kind: K,
  said: Partial<Predicate<K>>,
  sha256 = weights,
  by = key,
): Verified {
  const envelope = signStatement(makeStatement(kind, [{ name: 'x', digest: { sha256 } }], predicateOf(kind, said)), by)
  const opened = openStatement(envelope, ringOf(key, keyFrom(2)))
  assert.ok(opened.ok)
  return opened.value
}

const planned = (said: Partial<Predicate<'evaluation-plan'>> = {}) =>
  signed('evaluation-plan', { at: '2026-03-01T06:00:00Z', metrics: [plannedMetric(0.99)], ...said })
const plan = planned()
const evaluated = (said: Partial<Predicate<'evaluation'>> = {}, sha256 = weights) =>
  signed('evaluation', { previous: [plan.digest], materials: [onSnapshot], results: figures(0.992), ...said }, sha256)
const judged = (all: readonly Verified[], changed: Partial<typeof rule> = {}) => {
  const { outcome, observed } = judgeMetric({ ...rule, ...changed }, weights, all, 'm')
  return [outcome, observed?.en ?? null] as const
}
const fails = (all: readonly Verified[], why: RegExp, changed: Partial<typeof rule> = {}) => {
  const [outcome, observed] = judged(all, changed)
  assert.equal(outcome, 'fail')
  assert.match(observed ?? '', why)
}

test('a planned evaluation whose interval reaches the threshold passes, with its figure in words', () => {
  assert.deepEqual(judged([plan, evaluated()]), ['pass', '0.995 (0.992 – 0.997), n = 21000, 12 groups'])
  assert.equal(judged([plan, evaluated({ results: figures(0.99) })])[0], 'pass', 'equality passes')
})

test('the value alone never passes: the lower end decides, and nothing is rounded', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.98, max: 0.995, noNaN: true }), (low) => {
      assert.equal(judged([plan, evaluated({ results: figures(low) })])[0], low >= 0.99 ? 'pass' : 'fail')
    }),
  )
})

test('no interval, too few groups, groups that nobody stated and unscored samples fail with that reason', () => {
  fails([plan, evaluated({ results: figures(null) })], /no interval/)
  fails([plan, evaluated({ results: figures(0.992, 9) })], /too few groups/)
  fails([plan, evaluated({ results: figures(0.992, null) })], /groups is not stated/)
  fails([plan, evaluated({ samplesUngraded: 1 })], /could not be scored/)
  fails([plan, evaluated({ results: [] })], /does not report it/)
  fails([plan, evaluated({ samplesAsked: 9, samplesAnswered: 9 })], /only 9 of 10 planned/)
  const narrow = figures(0.992).map((row) => (row.level === null ? row : { ...row, level: 0.5 }))
  fails([plan, evaluated({ results: narrow })], /interval is of 0\.5/)
})

test('an evaluation without a plan, with one signed later, or with another threshold does not count', () => {
  fails([evaluated()], /no signed plan/)
  fails([plan, evaluated({ previous: [] })], /no signed plan/)
  const late = planned({ at: '2026-03-01T07:00:01Z' })
  fails([late, evaluated({ previous: [late.digest] })], /after it had begun/)
  const easier = planned({ metrics: [plannedMetric(0.9)] })
  fails([easier, evaluated({ previous: [easier.digest] })], /asks for 0\.9, the policy for 0\.99/)
  const open = planned({ metrics: [plannedMetric(null)] })
  fails([open, evaluated({ previous: [open.digest] })], /asks for –/)
  const lower = planned({ metrics: [{ ...plannedMetric(0.99), better: 'lower' }] })
  fails([lower, evaluated({ previous: [lower.digest] })], /no evaluation counts/)
  const other = planned({ task: { id: 'ecg-beats', version: '2' } })
  fails([other, evaluated({ previous: [other.digest] })], /another task/)
})

test('of other weights, another task or nothing at all there is nothing to assess', () => {
  assert.deepEqual(judged([]), ['not-assessed', null])
  assert.deepEqual(judged([plan, evaluated({}, sha256Of('other weights'))]), ['not-assessed', null])
  assert.deepEqual(judged([plan, evaluated()], { task: 'histology' }), ['not-assessed', null])
})

test('a task is known by its kind as well, which is what its plan is scored by', () => {
  const ours = planned({
    task: { id: 'ward-holter', version: '1' },
    scorer: { name: 'ecg-beats', version: '1', sha256: null },
  })
  const run = evaluated({ task: { id: 'ward-holter', version: '1' }, previous: [ours.digest] })
  assert.equal(judged([ours, run])[0], 'pass')
})

test('nobody picks the best of several: every evaluation that counts must pass, and void ones do not count', () => {
  const bad = evaluated({ evaluationId: 'e2', results: figures(0.98) })
  fails([plan, evaluated(), bad], /the worst of 2 evaluations.*does not reach/)
  fails([plan, bad, evaluated()], /the worst of 2/)
  const gone = evaluated({ evaluationId: 'e2', state: 'void', deviations: ['leads were swapped'] })
  assert.equal(judged([plan, evaluated(), bad, gone])[0], 'pass')
  fails([plan, evaluated({ state: 'void', deviations: ['stopped'] })], /declared void/)
})

test('data that the policy rules out do not count', () => {
  fails([plan, evaluated({ synthetic: true })], /synthetic/, { notSynthetic: true })
  fails([plan, evaluated()], /not measured on MIT-BIH/, { dataset: 'MIT-BIH' })
  assert.equal(judged([plan, evaluated()], { dataset: snapshotSubject.sha256 })[0], 'pass')
  const snapshot = signed('snapshot', {}, snapshotSubject.sha256)
  assert.equal(judged([plan, snapshot, evaluated()], { dataset: 'x' })[0], 'pass', 'by what its own statement calls it')
})

test('where less is better the upper end decides', () => {
  const rows = figures(0.992).map((row) => ({ ...row, metric: row.metric.replace('qrs_se_gross', 'rmse') }))
  const asks = planned({ metrics: [{ ...plannedMetric(0.997), name: 'rmse', better: 'lower' }] })
  const run = evaluated({ previous: [asks.digest], results: rows })
  const { atLeast: _, ...others } = rule
  const below = { ...others, metric: 'rmse' }
  assert.equal(judgeMetric({ ...below, atMost: 0.997 }, weights, [asks, run], 'm').outcome, 'pass')
  const tighter = planned({ metrics: [{ ...plannedMetric(0.996), name: 'rmse', better: 'lower' }] })
  const second = evaluated({ previous: [tighter.digest], results: rows })
  assert.equal(judgeMetric({ ...below, atMost: 0.996 }, weights, [tighter, second], 'm').outcome, 'fail')
})

test('evidence counts only from the party named, of these weights, and not synthetic where that is asked', () => {
  const release = { id: 'r1', weightsDigest: weights }
  const asked = { kind: 'training' as const, notSynthetic: false, atLeast: 1 }
  const outcome = (changed: object, all: readonly Verified[]) =>
    judgeEvidence({ ...asked, ...changed }, release, all, 'e').outcome
  const ours = signed('training', { synthetic: true })
  assert.equal(outcome({}, [ours]), 'pass')
  assert.equal(outcome({ notSynthetic: true }, [ours]), 'fail')
  assert.equal(outcome({ from: 'Party 2' }, [ours]), 'fail')
  assert.equal(outcome({ from: 'Party 2' }, [signed('training', {}, weights, keyFrom(2))]), 'pass')
  assert.equal(outcome({}, [signed('training', {}, sha256Of('other'))]), 'fail')
  assert.equal(outcome({ atLeast: 2 }, [ours]), 'fail')
  const data = signed('snapshot', {}, snapshotSubject.sha256)
  assert.equal(outcome({ kind: 'snapshot' }, [data]), 'fail', 'nothing leads from the weights to these data')
  assert.equal(outcome({ kind: 'snapshot' }, [data, signed('training', { materials: [onSnapshot] })]), 'pass')
})
