import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { censoredBrier, integratedBrier } from './brier-score.ts'
import { averageRanks, kendallTauB, spearmanRank } from './correlation.ts'
import {
  agreementLimits,
  ccc,
  endpointMean,
  kendall,
  mae,
  meanError,
  medianAe,
  pearson,
  r2,
  rmse,
  spearman,
} from './regression.ts'
import { aurocPessimistic, bedroc, bedrocMetric, efMetric, enrichment } from './screening.ts'
import { censoringSurvival, cIndex, concordance, kaplanMeier, type Risk, stepAt } from './survival.ts'
import { transferRate } from './transfer-rate.ts'

const near = (one: number | null | undefined, other: number | null | undefined, tolerance = 1e-12) =>
  assert.ok(
    one === other || Math.abs((one ?? Number.NaN) - (other ?? Number.NaN)) <= tolerance,
    `${one} is not ${other}`,
  )
const step = fc.integer({ min: 0, max: 6 })
const columns = fc.array(fc.tuple(step, step), { maxLength: 20 })
const risks: fc.Arbitrary<Risk[]> = fc.array(fc.record({ time: step, event: fc.boolean(), risk: step }), {
  maxLength: 20,
})

test("Kendall's tau-b is that of trying every pair", () => {
  fc.assert(
    fc.property(columns, (list) => {
      let sum = 0
      let left = 0
      let right = 0
      for (const [index, [a, b]] of list.entries()) {
        for (const [c, d] of list.slice(index + 1)) {
          sum += Math.sign(a - c) * Math.sign(b - d)
          if (a !== c) left++
          if (b !== d) right++
        }
      }
      const expected = left === 0 || right === 0 ? null : sum / Math.sqrt(left * right)
      const value = kendallTauB(
        list.map(([a]) => a),
        list.map(([, b]) => b),
      )
      near(value, expected)
    }),
    { seed: 7 },
  )
})

test('rank correlations see only order', () => {
  fc.assert(
    fc.property(columns, (list) => {
      const a = list.map(([one]) => one)
      const b = list.map(([, other]) => other)
      near(spearmanRank(a, b), spearmanRank(a.map(Math.exp), b))
      near(spearmanRank(a, b), spearmanRank(b, a))
    }),
    { seed: 7 },
  )
  assert.deepEqual(averageRanks([5, 1, 5]), [2.5, 1, 2.5])
})

test('no pairs have no figure, one pair has no spread, a constant no correlation', () => {
  for (const metric of [mae, rmse, medianAe, r2, pearson, spearman, kendall, ccc, meanError]) {
    assert.equal(metric.compute([]).value, null, metric.id)
  }
  const one = [{ gold: 3, predicted: 5 }]
  assert.deepEqual([mae.compute(one).value, rmse.compute(one).value, r2.compute(one).value], [2, 2, null])
  assert.deepEqual(agreementLimits(one), { meanError: 2, sdError: null, limits: null })
  assert.equal(ccc.compute([{ gold: 3, predicted: 3 }]).value, null)
  assert.equal(
    pearson.compute([
      { gold: 1, predicted: 1 },
      { gold: 2, predicted: 1 },
    ]).value,
    null,
  )
})

test('endpoints with blanks: each over its filled cells, one without any is counted', () => {
  const rows = [
    { gold: [1, null, null], predicted: [2, 9, 9] },
    { gold: [null, 4, null], predicted: [9, 1, 9] },
  ]
  assert.deepEqual(endpointMean(mae, ['x', 'y', 'z']).compute(rows), {
    value: 2,
    undefined: 1,
    per: { x: 1, y: 3, z: null },
  })
})

test("Harrell's C is that of trying every pair", () => {
  fc.assert(
    fc.property(risks, (items) => {
      let won = 0
      let pairs = 0
      for (const one of items) {
        for (const other of items) {
          if (!one.event || one === other) continue
          if (!(one.time < other.time || (one.time === other.time && !other.event))) continue
          pairs++
          won += one.risk > other.risk ? 1 : one.risk === other.risk ? 0.5 : 0
        }
      }
      assert.equal(concordance(items).c, pairs === 0 ? null : won / pairs)
      const mirrored = concordance(items.map((item) => ({ ...item, risk: -item.risk }))).c
      near(mirrored, pairs === 0 ? null : 1 - won / pairs)
    }),
    { seed: 7 },
  )
  assert.equal(cIndex.compute([]).value, null)
  assert.throws(() => concordance([{ time: 1, event: true, risk: Number.NaN }]), /finite/)
})

test('risks within 1e-8 are alike', () => {
  const of = (gap: number) =>
    concordance([
      { time: 1, event: true, risk: 0.5 + gap },
      { time: 2, event: true, risk: 0.5 },
    ]).c
  assert.deepEqual([of(5e-9), of(2e-8), of(-2e-8)], [0.5, 1, 0])
})

test('survival falls from 1 and stays in 0 to 1; without censoring the weights are 1', () => {
  fc.assert(
    fc.property(risks, (items) => {
      const { time, survival } = kaplanMeier(items)
      for (const [place, value] of survival.entries()) {
        assert.ok(value >= 0 && value <= (survival[place - 1] ?? 1))
        assert.ok(place === 0 || (time[place] ?? 0) > (time[place - 1] ?? 0))
      }
      const all = censoringSurvival(items.map((item) => ({ ...item, event: true })))
      assert.ok(all.survival.every((value) => value === 1))
    }),
    { seed: 7 },
  )
  assert.equal(stepAt({ time: [0, 2], survival: [1, 0.5] }, 1.9), 1)
  assert.equal(stepAt({ time: [0, 2], survival: [1, 0.5] }, 2), 0.5)
})

test('a certain and right forecast costs nothing, an ignorant one a quarter', () => {
  const items = (early: number, late: number) => [
    { time: 1, event: true, survival: [early, early] },
    { time: 9, event: true, survival: [late, late] },
  ]
  const training = items(0, 1)
  assert.equal(integratedBrier(training, [2, 4]).compute(items(0, 1)).value, 0)
  assert.equal(integratedBrier(training, [2, 4]).compute(items(0.5, 0.5)).value, 0.25)
  assert.equal(integratedBrier(training, [2, 4]).compute([]).value, null)
  assert.throws(() => integratedBrier(training, [2]), /rising/)
  const all = kaplanMeier([{ time: 1, event: true }])
  assert.deepEqual(censoredBrier(items(0, 1), [2, 4], all), [null, null])
})

test('screening: ties gain nothing, and the best order is worth most', () => {
  const alike = [true, true, false, false].map((positive) => ({ positive, score: 1 }))
  assert.equal(aurocPessimistic(alike), 0)
  assert.equal(enrichment(alike, 0.5), 0)
  const none = [{ positive: false, score: 1 }]
  assert.deepEqual([bedroc(none), enrichment(none, 0.1), aurocPessimistic(none)], [null, null, null])
  assert.equal(bedrocMetric().compute([]).value, null)
  assert.equal(efMetric(0.01).id, 'ef@1%')
  fc.assert(
    fc.property(
      fc.array(fc.record({ positive: fc.boolean(), score: step }), { minLength: 1, maxLength: 30 }),
      (items) => {
        assert.equal(bedroc(items), bedroc(items.toReversed()))
        const value = bedroc(items)
        assert.ok(value === null || (value > -1e-9 && value < 1 + 1e-9))
      },
    ),
    { seed: 7 },
  )
})

test('information transfer grows with accuracy above chance and is 0 at it', () => {
  assert.equal(transferRate(4, 0.25, 1).bitsPerDecision, 0)
  assert.equal(transferRate(4, 1, 2).bitsPerMinute, 60)
  assert.throws(() => transferRate(1, 0.5, 1), /two classes/)
  assert.throws(() => transferRate(2, 0.5, 0), /time/)
})
