import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aurocValue } from '../classification/ranking.ts'
import { holm, mcnemar, rankRanges, signFlip } from './comparisons.ts'
import { betaCdf, betaQuantile, erfc, normalCdf, normalQuantile } from './distributions.ts'
import { singly } from './groups.ts'
import { clopperPearson, delong, delongCompare, wilson } from './intervals.ts'
import { quantile } from './quantile.ts'
import { random } from './random.ts'

const near = (actual: number, expected: number, tolerance = 1e-14) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`)

test('the error function and the normal quantile have the digits of the tables', () => {
  // Abramowitz & Stegun table 7.1: erf 0.5 and erf 1; erfc 3 by its continued fraction (DLMF 7.9); 97.5 % point of the normal.
  near(1 - erfc(0.5), 0.5204998778130465)
  near(1 - erfc(1), 0.8427007929497149)
  near(erfc(3) / 2.209049699858544e-5, 1, 1e-13)
  near(normalQuantile(0.975), 1.959963984540054)
  near(normalQuantile(1e-10), -6.361340902404056, 1e-12)
})

test('quantile functions undo their distribution functions', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
      near(normalCdf(normalQuantile(p)), p, 1e-12)
      near(betaCdf(betaQuantile(p, 3, 8), 3, 8), p, 1e-10)
    }),
    { seed: 7 },
  )
})

test('an interval of a share contains it, lies in 0 to 1, and mirrors when right and wrong are swapped', () => {
  const share = fc.integer({ min: 1, max: 400 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
  fc.assert(
    fc.property(share, ([k, n]) => {
      for (const interval of [wilson, clopperPearson]) {
        const there = interval(k, n)
        const back = interval(n - k, n)
        assert.ok(there && back)
        assert.ok(there.low >= 0 && there.low <= k / n + 1e-12 && there.high >= k / n - 1e-12 && there.high <= 1)
        near(there.low, 1 - back.high, 1e-9)
      }
    }),
    { numRuns: 50, seed: 7 },
  )
})

test('no items have no interval', () => {
  assert.equal(wilson(0, 0), null)
  assert.equal(clopperPearson(0, 0), null)
  assert.equal(quantile([], 0.5), null)
  assert.equal(quantile([4], 0.3), 4)
})

test('one class, or a single member of a class, has no DeLong variance', () => {
  assert.equal(delong([1, 1, 1], [0.1, 0.2, 0.3]), null)
  assert.equal(delong([1, 0, 0], [0.1, 0.2, 0.3]), null)
})

test('DeLong agrees with the rank AUROC and with itself', () => {
  const item = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
  fc.assert(
    fc.property(fc.array(item, { minLength: 6, maxLength: 30 }), (items) => {
      const y = items.map(([label]) => label)
      const a = items.map(([, score]) => score)
      const b = items.map(([, , score]) => score)
      const single = delong(y, a)
      if (!single) return
      near(single.auroc, aurocValue(y, a) ?? Number.NaN, 1e-12)
      const there = delongCompare(y, a, b)
      const back = delongCompare(y, b, a)
      assert.equal(there?.p, back?.p)
      assert.equal(delongCompare(y, a, a)?.p, null)
    }),
    { seed: 7 },
  )
})

test("McNemar's test does not depend on which model is named first", () => {
  assert.deepEqual(mcnemar(3, 9), mcnemar(9, 3))
  assert.equal(mcnemar(0, 0).exactP, 1)
  assert.equal(mcnemar(5, 5).exactP, 1)
})

test('sign flips keep p between the least possible and 1, and flip whole groups', () => {
  assert.deepEqual(signFlip([]), { mean: null, p: null, method: 'exact' })
  assert.equal(signFlip([[1]]).p, 1)
  // Two groups: of four signings of (+3, +3) two reach |mean| 1.
  assert.equal(
    signFlip([
      [1, 1, 1],
      [1, 1, 1],
    ]).p,
    0.5,
  )
  const many = signFlip(singly(Array.from({ length: 40 }, () => 1)))
  assert.deepEqual([many.method, many.p], ['random', 1 / 10000])
})

test("Holm's adjustment never lowers a p, never passes 1 and keeps their order", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (p) => {
      const adjusted = holm(p)
      for (const [index, value] of p.entries()) {
        assert.ok((adjusted[index] ?? -1) >= value && (adjusted[index] ?? 2) <= 1)
        for (const [other, beside] of p.entries()) {
          if (value < beside) assert.ok((adjusted[index] ?? 2) <= (adjusted[other] ?? -1))
        }
      }
    }),
    { seed: 7 },
  )
})

test('ranks are ranges that only a sure difference narrows', () => {
  const ranges = rankRanges(
    ['a', 'b', 'c'],
    [
      { better: 'a', worse: 'b', p: 0.4 },
      { better: 'a', worse: 'c', p: 0.001 },
      { better: 'b', worse: 'c', p: 0.04 },
    ],
  )
  // Holm: 0.003, 0.08, 0.4; only a before c is sure.
  assert.deepEqual(ranges.get('a'), { first: 1, last: 2 })
  assert.deepEqual(ranges.get('b'), { first: 1, last: 3 })
  assert.deepEqual(ranges.get('c'), { first: 2, last: 3 })
})

test('a draw stays below n, also where n no longer fits half a double', () => {
  const source = random(3)
  for (const n of [1, 2, 2 ** 21, 2 ** 21 + 1, 2 ** 31]) {
    for (let draw = 0; draw < 200; draw++) {
      const value = source.below(n)
      assert.ok(Number.isInteger(value) && value >= 0 && value < n)
    }
  }
  // The exact product by big integers.
  const words = random(5)
  const draws = random(5)
  for (let draw = 0; draw < 200; draw++) {
    const n = 2 ** 40 - 12345
    assert.equal(draws.below(n), Number((BigInt(words.next()) * BigInt(n)) >> 32n))
  }
})
