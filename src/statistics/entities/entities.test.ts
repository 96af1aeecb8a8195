import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bootstrap } from '../inference/bootstrap.ts'
import { singly } from '../inference/groups.ts'
import { metric } from '../metric.ts'
import { relationMacroF1, relationMicroF1, wordMacroF1 } from './relations.ts'
import { precisionAtK, recallAtK, setMean, setOverlap, tripleF1 } from './sets.ts'
import { type Span, type SpanSets, spanF1, spanF1Overlap, spanF1Untyped, spanReport } from './spans.ts'
import { characterSpans, spansOfTags, spansOfTagsStrict } from './tags.ts'

const span: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 5 }), fc.constantFrom('D', 'C'))
  .map(([start, length, type]) => [start, start + length, type])
const document: fc.Arbitrary<SpanSets> = fc.record({
  gold: fc.array(span, { maxLength: 6 }),
  predicted: fc.array(span, { maxLength: 6 }),
})
const documents = fc.array(document, { minLength: 1, maxLength: 12 })

test('swapping gold and predictions keeps the strict F1, and the order of spans keeps them all', () => {
  fc.assert(
    fc.property(documents, (list) => {
      const swapped = list.map(({ gold, predicted }) => ({ gold: predicted ?? [], predicted: gold }))
      assert.equal(spanF1.compute(list).value, spanF1.compute(swapped).value)
      const turned = list.map(({ gold, predicted }) => ({
        gold: gold.toReversed(),
        predicted: predicted?.toReversed() ?? null,
      }))
      for (const score of [spanF1, spanF1Untyped, spanF1Overlap]) {
        assert.deepEqual(score.compute(list), score.compute(turned))
      }
    }),
    { seed: 7 },
  )
})

test('strict is never above overlap nor above untyped', () => {
  fc.assert(
    fc.property(documents, (list) => {
      const strict = spanF1.compute(list).value ?? 0
      const overlap = spanF1Overlap.compute(list).value ?? 0
      assert.ok(strict >= 0 && overlap <= 1)
      assert.equal(spanReport(list).f1, spanF1.compute(list).value)
    }),
    { seed: 7 },
  )
})

test('types of spans pool to the whole, and replicates from counts have the digits of rescoring', () => {
  const list: SpanSets[] = Array.from({ length: 20 }, (_, index) => ({
    gold: [
      [0, 3, index % 2 ? 'D' : 'C'],
      [5, 9, 'D'],
    ],
    predicted:
      index % 5 === 0
        ? null
        : [
            [0, 3, index % 3 ? 'D' : 'C'],
            [5, 9, 'D'],
          ],
  }))
  const whole = metric<SpanSets>('span_f1', 'higher', (items) => ({ value: spanReport(items).f1 }))
  assert.deepEqual(bootstrap(spanF1, singly(list)).ci, bootstrap(whole, singly(list)).ci)
  assert.deepEqual(Object.keys(spanF1.compute(list).per ?? {}), ['C', 'D'])
})

test('no spans anywhere have no F1, no answer to some has 0', () => {
  assert.equal(spanF1.compute([]).value, null)
  assert.equal(spanF1.compute([{ gold: [], predicted: null }]).value, null)
  assert.equal(spanF1.compute([{ gold: [[0, 1, 'D']], predicted: null }]).value, 0)
})

test('tags that were made from spans are read back', () => {
  const apart = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('D', 'C')), { maxLength: 6 })
  fc.assert(
    fc.property(apart, (list) => {
      const tags = list.flatMap(([length, type]) => [
        `B-${type}`,
        ...Array.from({ length: length - 1 }, () => `I-${type}`),
      ])
      let at = 0
      const spans = list.map(([length, type]) => {
        at += length
        return [at - length, at, type]
      })
      assert.deepEqual(spansOfTags(tags), spans)
      assert.deepEqual(spansOfTagsStrict(tags), spans)
    }),
    { seed: 7 },
  )
})

test('a span of tokens runs from its first character to its last', () => {
  assert.deepEqual(
    characterSpans(
      [[1, 3, 'D']],
      [
        [0, 2],
        [3, 6],
        [7, 9],
      ],
    ),
    [[3, 9, 'D']],
  )
  assert.throws(
    () =>
      characterSpans(
        [[1, 4, 'D']],
        [
          [0, 2],
          [3, 6],
        ],
      ),
    /outside/,
  )
})

test('a relation named where there is none is a false alarm, none itself is no label', () => {
  const items = [
    { gold: 'none', predicted: 'x' },
    { gold: 'x', predicted: 'x' },
    { gold: 'none', predicted: 'none' },
    { gold: 'y', predicted: null },
  ]
  // Hits 1, gold 2, predicted 2.
  assert.equal(relationMicroF1(['x', 'y']).compute(items).value, 0.5)
  assert.equal(relationMacroF1(['x', 'y']).compute(items).value, (2 / 3 + 0) / 2)
  assert.equal(relationMicroF1(['x', 'y']).compute([]).value, null)
})

test('the class outside counts as an error and not as a class', () => {
  const items = [
    { gold: 'PAR', predicted: 'PAR' },
    { gold: 'O', predicted: 'PAR' },
    { gold: 'O', predicted: 'O' },
  ]
  assert.equal(wordMacroF1(['PAR', 'INT', 'OUT']).compute(items).value, 2 / 3 / 3)
})

test('sets: bounds, symmetry, and no answer is no empty answer', () => {
  const set = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 5 })
  fc.assert(
    fc.property(set, set, (one, other) => {
      const there = setOverlap(one, other)
      const back = setOverlap(other, one)
      assert.deepEqual([there.jaccard, there.f1, there.precision], [back.jaccard, back.f1, back.recall])
      for (const value of Object.values(there)) assert.ok(value >= 0 && value <= 1)
      assert.ok(there.jaccard <= there.f1)
    }),
    { seed: 7 },
  )
  assert.equal(
    setMean('f1').compute([
      { gold: [], predicted: null },
      { gold: [], predicted: [] },
    ]).value,
    0.5,
  )
  assert.equal(setMean('f1').compute([]).value, null)
})

test('a ranked list hits once with a repeated answer', () => {
  assert.equal(precisionAtK(['a', 'b'], ['a', 'a', 'c'], 3), 1 / 3)
  assert.equal(recallAtK(['a', 'b'], ['a', 'a', 'c'], 3), 0.5)
  assert.equal(recallAtK([], ['a'], 1), null)
})

test('triples compare after NFKC without white space, qualifiers included', () => {
  const gold = [['Ａ', 'r', 'b c']]
  assert.equal(tripleF1.compute([{ gold, predicted: [['A', 'r', 'bc']] }]).value, 1)
  assert.equal(tripleF1.compute([{ gold, predicted: [['A', 'r', 'bc', 'x']] }]).value, 0)
  assert.equal(tripleF1.compute([{ gold: [], predicted: null }]).value, null)
})
