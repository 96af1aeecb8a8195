import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { calibration } from './calibration.ts'
import { accuracy, balancedAccuracy, f1Macro, f1Micro, f1Weighted, kappa, kappaQuadratic, mcc } from './labels.ts'
import { multilabelF1Macro, multilabelF1Micro, multilabelF1Samples, subsetAccuracy } from './multilabel.ts'
import { brier, eceMass, eceTopLabel, eceWidth, logLoss } from './probability.ts'
import { atSpecificity, atThreshold, auprc, auroc, aurocMacro, type Scored } from './ranking.ts'

const labels = ['a', 'b', 'c']
const labelled = fc.array(
  fc.record({ gold: fc.constantFrom(...labels), predicted: fc.constantFrom(...labels, null, 'elsewhere') }),
  { minLength: 1, maxLength: 40 },
)
const ranked: fc.Arbitrary<Scored[]> = fc.array(
  fc.record({ positive: fc.boolean(), score: fc.integer({ min: 0, max: 10 }).map((step) => step / 10) }),
  { minLength: 1, maxLength: 40 },
)
const near = (one: number | null, other: number | null) =>
  assert.ok(one === other || Math.abs((one ?? Number.NaN) - (other ?? Number.NaN)) < 1e-12, `${one} is not ${other}`)
const ofLabels = [accuracy(labels), balancedAccuracy(labels), f1Macro(labels), f1Micro(labels), f1Weighted(labels)]
const ofScores = [auroc, auprc, brier, eceWidth(10), eceMass(10)]

test('the order of items changes no figure of labels', () => {
  fc.assert(
    fc.property(labelled, (items) => {
      for (const metric of [...ofLabels, kappa(labels), kappaQuadratic(labels), mcc(labels)]) {
        near(metric.compute(items).value, metric.compute(items.toReversed()).value)
      }
    }),
    { seed: 7 },
  )
})

test('the order of items changes no figure of scores, whatever the ties', () => {
  fc.assert(
    fc.property(ranked, (items) => {
      for (const metric of ofScores) near(metric.compute(items).value, metric.compute(items.toReversed()).value)
    }),
    { seed: 7 },
  )
})

test('figures keep their bounds', () => {
  fc.assert(
    fc.property(labelled, ranked, (items, scores) => {
      for (const metric of ofLabels) {
        const { value } = metric.compute(items)
        assert.ok(value !== null && value >= 0 && value <= 1)
      }
      for (const metric of [kappa(labels), kappaQuadratic(labels), mcc(labels)]) {
        const { value } = metric.compute(items)
        assert.ok(value === null || (value >= -1 - 1e-12 && value <= 1))
      }
      for (const metric of ofScores) {
        const { value } = metric.compute(scores)
        assert.ok(value === null || (value >= 0 && value <= 1 + 1e-12))
      }
    }),
    { seed: 7 },
  )
})

test('AUROC sees only the order of scores, and turns round with them', () => {
  fc.assert(
    fc.property(ranked, (items) => {
      const stretched = items.map(({ positive, score }) => ({ positive, score: Math.exp(3 * score) - 7 }))
      assert.equal(auroc.compute(stretched).value, auroc.compute(items).value)
      assert.equal(auprc.compute(stretched).value, auprc.compute(items).value)
      const mirrored = items.map(({ positive, score }) => ({ positive, score: -score }))
      const { value } = auroc.compute(items)
      near(auroc.compute(mirrored).value, value === null ? null : 1 - value)
    }),
    { seed: 7 },
  )
})

test('AUROC is the share of pairs in order, ties half', () => {
  fc.assert(
    fc.property(ranked, (items) => {
      const positives = items.filter(({ positive }) => positive)
      const negatives = items.filter(({ positive }) => !positive)
      let won = 0
      for (const { score } of positives) {
        for (const other of negatives) won += score > other.score ? 1 : score === other.score ? 0.5 : 0
      }
      const pairs = positives.length * negatives.length
      assert.equal(auroc.compute(items).value, pairs === 0 ? null : won / pairs)
    }),
    { seed: 7 },
  )
})

test('kappa and the correlation do not change when gold and prediction are swapped', () => {
  const both = fc.array(fc.record({ gold: fc.constantFrom(...labels), predicted: fc.constantFrom(...labels) }), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(both, (items) => {
      const swapped = items.map(({ gold, predicted }) => ({ gold: predicted, predicted: gold }))
      for (const metric of [kappa(labels), kappaQuadratic(labels), mcc(labels)]) {
        near(metric.compute(items).value, metric.compute(swapped).value)
      }
    }),
    { seed: 7 },
  )
})

test('no answer and an answer outside the labels are wrong, and no class of their own', () => {
  const items = [
    { gold: 'a', predicted: 'a' },
    { gold: 'a', predicted: null },
    { gold: 'b', predicted: 'elsewhere' },
    { gold: 'b', predicted: 'b' },
  ]
  assert.equal(accuracy(['a', 'b']).compute(items).value, 0.5)
  // Each label: one hit, one miss, no false alarm.
  near(f1Macro(['a', 'b']).compute(items).value, 2 / 3)
  near(f1Micro(['a', 'b']).compute(items).value, 2 / 3)
})

test('a gold label that was not declared is an error of the data', () => {
  assert.throws(() => f1Macro(['a']).compute([{ gold: 'z', predicted: 'a' }]), /not among the declared/)
})

test('no items: every figure is null with a reason', () => {
  for (const metric of [...ofLabels, kappa(labels), mcc(labels)]) {
    assert.equal(metric.compute([]).value, null, metric.id)
    assert.ok(metric.compute([]).reason)
  }
  for (const metric of ofScores) assert.equal(metric.compute([]).value, null, metric.id)
  assert.equal(multilabelF1Micro(labels).compute([]).value, null)
  assert.equal(subsetAccuracy.compute([]).value, null)
})

test('one class: ranks and agreement are undefined, hits are not', () => {
  const one = [{ gold: 'a', predicted: 'a' }]
  assert.deepEqual([accuracy().compute(one).value, kappa().compute(one).value, mcc().compute(one).value], [1, null, 0])
  assert.equal(auroc.compute([{ positive: true, score: 1 }]).value, null)
  assert.equal(auprc.compute([{ positive: false, score: 1 }]).value, null)
  assert.equal(atSpecificity([{ positive: true, score: 1 }], 0.9), null)
})

test('a macro AUROC counts the labels that have none, and blank cells leave only their label', () => {
  const rows = [
    { positive: [true, true, null], score: [0.9, 0.5, 0.1] },
    { positive: [false, true, true], score: [0.1, 0.5, 0.8] },
    { positive: [null, true, false], score: [1, 0.5, 0.2] },
  ]
  const { value, undefined: missing, per } = aurocMacro(labels).compute(rows)
  assert.deepEqual([value, missing, per], [1, 1, { a: 1, b: null, c: 1 }])
})

test('a score that is no number ends the run', () => {
  assert.throws(() => auroc.compute([{ positive: true, score: Number.NaN }]), /not a number/)
  assert.throws(() => brier.compute([{ positive: true, score: 1.2 }]), /0 to 1/)
})

test('a shipped threshold counts its own value as positive', () => {
  const items = [
    { positive: true, score: 0.5 },
    { positive: false, score: 0.5 },
    { positive: false, score: 0.4 },
  ]
  assert.deepEqual(atThreshold(items, 0.5), { sensitivity: 1, specificity: 0.5 })
  assert.deepEqual(atThreshold([], 0.5), { sensitivity: null, specificity: null })
})

test('a certain and right prediction costs nothing, a certain and wrong one 52 ln 2', () => {
  near(logLoss.compute([{ gold: 0, p: [1, 0] }]).value, 0)
  near(logLoss.compute([{ gold: 1, p: [1, 0] }]).value, 52 * Math.LN2)
  assert.equal(eceTopLabel().compute([{ gold: 0, p: [0.5, 0.5] }]).value, 0.5)
})

test('calibration has no slope where p separates the classes or never varies', () => {
  const of = (list: [number, number][]) => list.map(([y, score]) => ({ positive: y === 1, score }))
  assert.equal(calibration([]), null)
  assert.equal(
    calibration(
      of([
        [1, 0.9],
        [0, 0.1],
      ]),
    ),
    null,
  )
  assert.equal(
    calibration(
      of([
        [1, 0.5],
        [0, 0.5],
        [1, 0.5],
      ]),
    ),
    null,
  )
  assert.equal(
    calibration(
      of([
        [1, 0.3],
        [1, 0.8],
      ]),
    ),
    null,
  )
  // Groups at 0.2 and 0.8 with exactly that share of positives are calibrated: slope 1, intercept 0.
  const fit = calibration(
    of([
      [1, 0.2],
      [0, 0.2],
      [0, 0.2],
      [0, 0.2],
      [0, 0.2],
      [0, 0.8],
      [1, 0.8],
      [1, 0.8],
      [1, 0.8],
      [1, 0.8],
    ]),
  )
  near(fit?.slope ?? null, 1)
  assert.ok(Math.abs(fit?.intercept ?? 1) < 1e-12 && Math.abs(fit?.inTheLarge ?? 1) < 1e-12)
})

test('sets of labels: a label outside the declared ones is a false alarm, no answer misses all', () => {
  const items = [
    { gold: ['a'], predicted: ['a', 'z'] },
    { gold: ['b'], predicted: null },
  ]
  // Hits 1, gold 2, predicted 2.
  assert.equal(multilabelF1Micro(['a', 'b']).compute(items).value, 0.5)
  assert.equal(multilabelF1Macro(['a', 'b']).compute(items).value, 0.5)
  near(multilabelF1Samples.compute(items).value, 1 / 3)
  assert.equal(
    subsetAccuracy.compute([
      { gold: [], predicted: null },
      { gold: [], predicted: [] },
    ]).value,
    0.5,
  )
})
