import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

test('members are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((found) => found[1])
  assert.deepEqual(order, [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

test('numbers and strings are written as in RFC 8785 section 3.2.2', () => {
  const text =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
  assert.equal(
    canonicalJson(JSON.parse(text)),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  assert.equal(canonicalJson(-0), '0')
})

test('whatever JSON carries keeps its value, and a second pass changes nothing', () =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      const once = canonicalJson(plain)
      assert.deepEqual(JSON.parse(once), plain)
      assert.equal(canonicalJson(JSON.parse(once)), once)
    }),
    { seed: 7 },
  ))

test('the order in which members were added leaves no trace', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse())
      assert.equal(canonicalJson(turned), canonicalJson({ ...value }))
    }),
    { seed: 8 },
  ))

test('what JSON cannot say is refused by name instead of being changed', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, new Date(0), [undefined], '\ud800', () => 1]) {
    assert.throws(() => canonicalJson({ row: value }), { code: 'kernel.no-canonical-json' })
  }
  assert.equal(canonicalJson({ kept: 1, left: undefined }), '{"kept":1}')
})
