import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { f1Macro, kappa } from '../classification/labels.ts'
import { auprc, auroc, type Scored } from '../classification/ranking.ts'
import { itemMean, type Metric, metric } from '../metric.ts'
import { bootstrap } from './bootstrap.ts'
import { groupBy, singly } from './groups.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'

const mean = itemMean<number>('mean', 'higher', (value) => value)

/** The same metric without its counts: the definition, recomputed whole on every replicate. */
const slowly = <Item>({ id, direction, compute }: Metric<Item>): Metric<Item> => metric(id, direction, compute)

const labelled = fc.record({
  gold: fc.constantFrom('a', 'b', 'c'),
  predicted: fc.constantFrom('a', 'b', 'c', null),
})
const grouped = <Item>(item: fc.Arbitrary<Item>) =>
  fc.array(fc.array(item, { minLength: 1, maxLength: 4 }), { minLength: 10, maxLength: 14 })

test('a replicate from summed counts has the digits of one computed whole', () => {
  fc.assert(
    fc.property(grouped(labelled), fc.integer({ min: 0, max: 99 }), (groups, seed) => {
      for (const score of [f1Macro(['a', 'b', 'c']), kappa(['a', 'b', 'c'])]) {
        const options = { B: 60, seed }
        assert.deepEqual(bootstrap(score, groups, options), bootstrap(slowly(score), groups, options))
      }
    }),
    { numRuns: 30, seed: 7 },
  )
  const scoredItem: fc.Arbitrary<Scored> = fc.record({
    positive: fc.boolean(),
    score: fc.integer({ min: 0, max: 6 }).map((step) => step / 6),
  })
  fc.assert(
    fc.property(grouped(scoredItem), (groups) => {
      for (const score of [auroc, auprc]) {
        assert.deepEqual(bootstrap(score, groups, { B: 60 }), bootstrap(slowly(score), groups, { B: 60 }))
      }
    }),
    { numRuns: 30, seed: 7 },
  )
})

test('the same seed gives the same digits and another seed others', () => {
  const groups = singly(Array.from({ length: 40 }, (_, index) => (index * 7) % 11))
  assert.deepEqual(bootstrap(mean, groups), bootstrap(mean, groups))
  assert.notDeepEqual(bootstrap(mean, groups).ci, bootstrap(mean, groups, { seed: 2 }).ci)
})

test('nine groups carry no interval, ten carry one with a warning, thirty one without', () => {
  const of = (n: number) => bootstrap(mean, singly(Array.from({ length: n }, (_, index) => index)))
  assert.equal(of(9).ci, null)
  assert.equal(of(9).ci_reason, 'groups')
  assert.equal(of(10).ci?.few_groups, true)
  assert.equal(of(29).ci?.few_groups, true)
  assert.equal(of(30).ci?.few_groups, false)
})

test('many items of few patients carry no interval', () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ patient: `p${index % 5}`, value: index }))
  const groups = groupBy(items, ({ patient }) => patient).map((group) => group.map(({ value }) => value))
  const result = bootstrap(mean, groups)
  assert.deepEqual([result.ci, result.ci_reason, result.n, result.n_groups], [null, 'groups', 1000, 5])
})

test('no items give no figure and no interval', () => {
  const result = bootstrap(mean, [])
  assert.equal(result.estimate.value, null)
  assert.equal(result.ci_reason, 'groups')
})

test('a figure that is undefined in more than a tenth of the replicates has no interval', () => {
  // One positive among ten is missing from (9/10)^10 = 35 % of the resamples.
  const items = Array.from({ length: 10 }, (_, index) => ({ positive: index === 0, score: index }))
  const result = bootstrap(auroc, singly(items))
  assert.equal(result.ci, null)
  assert.equal(result.ci_reason, 'undefined')
  assert.ok(result.undefined > 600 && result.undefined < 800)
})

test('a figure without spread has a point for an interval, and no corrected one', () => {
  const groups = singly(Array.from({ length: 12 }, () => 1))
  assert.deepEqual([bootstrap(mean, groups).ci?.low, bootstrap(mean, groups).ci?.high], [1, 1])
  assert.equal(bootstrap(mean, groups, { method: 'bootstrap-bca' }).ci_reason, 'bca')
})

test('groups keep their first appearance and items without a key stand alone', () => {
  const keys = ['b', 'a', null, 'b', null]
  const groups = groupBy([0, 1, 2, 3, 4], (_, index) => keys[index] ?? null)
  assert.deepEqual(groups, [[0, 3], [1], [2], [4]])
})

test('swapping two models turns the difference round', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })), {
        minLength: 10,
        maxLength: 20,
      }),
      (pairs) => {
        const first = singly(pairs.map(([a]) => a))
        const second = singly(pairs.map(([, b]) => b))
        const there = pairedBootstrap(mean, first, second, { B: 100 })
        const back = pairedBootstrap(mean, second, first, { B: 100 })
        assert.equal(there.difference, 0 - (back.difference ?? Number.NaN))
        assert.equal(there.p, back.p)
      },
    ),
    { numRuns: 30, seed: 7 },
  )
})

test('a model compared with itself differs by nothing, with p = 1', () => {
  const groups = singly(Array.from({ length: 30 }, (_, index) => index % 2))
  const same = pairedBootstrap(mean, groups, groups)
  assert.deepEqual([same.difference, same.ci?.low, same.ci?.high, same.p], [0, 0, 0, 1])
})

test('models on different items are not compared', () => {
  assert.throws(() => pairedBootstrap(mean, [[1], [2]], [[1, 2]]), /same items/)
})
