import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import { dataDigest, digestListing, modelDigest } from './listing.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

test('the sample of RFC 8785 section 3.2 has its canonical form', () => {
  const sample = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(sample),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('names are sorted by UTF-16 code units, as section 3.2.3 shows', () => {
  const names = ['€', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', 'ö']
  const sorted = ['\r', '1', '\u0080', 'ö', '€', '\u{1f600}', '\ufb33']
  const form = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])))
  assert.deepEqual(Object.keys(JSON.parse(form)).toSorted(), names.toSorted())
  assert.equal(form, `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`)
})

test('the canonical form parses to the same data and does not depend on the order of names', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      const form = canonicalJson(plain)
      assert.deepEqual(JSON.parse(form), plain)
      assert.equal(canonicalJson(JSON.parse(form)), form)
    }),
    { seed: 7 },
  )
  assert.equal(canonicalJson({ b: 1, a: -0 }), '{"a":0,"b":1}')
})

test('what JSON does not have is refused', () => {
  for (const value of [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    '\ud800',
    { a: undefined },
    [undefined],
    new Map(),
    /pattern/,
  ]) {
    assert.throws(() => canonicalJson(value), TypeError)
  }
})

test('a listing does not depend on the order of files and refuses what would forge a line', () => {
  const files = ['b', 'a/z', 'a'].map((path) => ({ path, sha256: sha256(path) }))
  assert.equal(digestListing(files), digestListing(files.toReversed()))
  assert.equal(dataDigest(files, { id: 1 }, sha256), dataDigest(files.toReversed(), { id: 1 }, sha256))
  assert.notEqual(dataDigest(files, { id: 1 }, sha256), dataDigest(files, { id: 2 }, sha256))
  assert.throws(() => digestListing([{ path: 'a\nb', sha256: sha256('') }]), /line break/)
  assert.throws(() => digestListing([{ path: 'a', sha256: 'ABC' }]), /no SHA-256/)
})

test('a model of one file has the digest of the file, of several that of their listing', () => {
  const one = { path: 'model.onnx', sha256: sha256('x') }
  assert.equal(modelDigest([one], sha256), `sha256:${one.sha256}`)
  const two = [one, { path: 'labels.json', sha256: sha256('y') }]
  assert.equal(modelDigest(two, sha256), `sha256:${sha256(digestListing(two))}`)
  assert.throws(() => modelDigest([], sha256), /at least one/)
})
