import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { candidateMrr, candidateP1, firstRightRank } from './candidates.ts'
import {
  byCodePoint,
  meanAveragePrecision,
  mrrAtK,
  ndcgAtK,
  type RankedQuery,
  ranking,
  retrievalRecallAtK,
} from './ranked.ts'

const query: fc.Arbitrary<RankedQuery> = fc.record({
  judged: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: -1, max: 3 })),
  found: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 0, max: 3 })), {
    selector: ([document]) => document,
  }),
})
const metrics = [ndcgAtK(3), ndcgAtK(10), retrievalRecallAtK(3), mrrAtK(10), meanAveragePrecision]

test('the order of a run changes nothing, whatever the ties', () => {
  fc.assert(
    fc.property(fc.array(query, { minLength: 1, maxLength: 6 }), (queries) => {
      const turned = queries.map(({ judged, found }) => ({ judged, found: found.toReversed() }))
      for (const metric of metrics) assert.deepEqual(metric.compute(queries), metric.compute(turned))
    }),
    { seed: 7 },
  )
})

test('figures lie in 0 to 1, and the ideal order reaches 1', () => {
  fc.assert(
    fc.property(query, (one) => {
      const ideal = { judged: one.judged, found: Object.entries(one.judged) }
      for (const metric of metrics) {
        const { value } = metric.compute([one])
        assert.ok(value === null || (value >= 0 && value <= 1 + 1e-12))
      }
      const best = ndcgAtK(10).compute([ideal]).value
      assert.ok(best === null || Math.abs(best - 1) < 1e-12)
    }),
    { seed: 7 },
  )
})

test('a query without a relevant document is left out, one without an answer scores 0', () => {
  const queries = [
    { judged: { a: 1 }, found: [] },
    { judged: { a: 0 }, found: [['a', 1]] as const },
  ]
  assert.deepEqual(ndcgAtK(10).compute(queries), { value: 0, undefined: 1 })
  assert.equal(ndcgAtK(10).compute([]).value, null)
})

test('equal scores stand by document id descending, in the order of bytes', () => {
  // U+FF5E lies before U+1F600 in bytes, and after its first half in JavaScript's strings.
  assert.deepEqual(
    ranking({
      judged: {},
      found: [
        ['～', 1],
        ['😀', 1],
        ['d10', 1],
        ['d9', 1],
      ],
    }),
    ['😀', '～', 'd9', 'd10'],
  )
  assert.ok(byCodePoint('a', 'ab') < 0 && byCodePoint('b', 'ab') > 0 && byCodePoint('', '') === 0)
})

test('a run lists a thousand documents and each once', () => {
  const found = Array.from({ length: 1500 }, (_, index) => [`d${index}`, -index] as const)
  assert.equal(ranking({ judged: {}, found }).length, 1000)
  assert.throws(
    () =>
      ranking({
        judged: {},
        found: [
          ['a', 1],
          ['a', 2],
        ],
      }),
    /twice/,
  )
  assert.throws(() => ranking({ judged: {}, found: [['a', Number.NaN]] }), /not a number/)
})

test('a document named like a property of objects is unjudged', () => {
  assert.equal(
    ndcgAtK(10).compute([
      {
        judged: { a: 1 },
        found: [
          ['constructor', 2],
          ['a', 1],
        ],
      },
    ]).value,
    1 / Math.log2(3),
  )
})

test('candidates scored alike gain nothing, questions that decide nothing are left out', () => {
  assert.equal(firstRightRank({ right: [true, false, false], score: [1, 1, 1] }), 3)
  assert.equal(firstRightRank({ right: [true], score: [1] }), null)
  assert.equal(firstRightRank({ right: [false, false], score: [1, 2] }), null)
  const items = [
    { right: [false, true], score: [1, 2] },
    { right: [false, true], score: [2, 1] },
    { right: [true], score: [1] },
  ]
  assert.deepEqual(candidateMrr.compute(items), { value: 0.75, undefined: 1 })
  assert.deepEqual(candidateP1.compute(items), { value: 0.5, undefined: 1 })
})
