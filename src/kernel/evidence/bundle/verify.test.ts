import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Entry, entryDigest, makeDossier, writeBundle } from './bundle.ts'
import { canonicalJson } from '../canonical-json.ts'
import { type Envelope, signEnvelope } from '../dsse.ts'
import { makeStatement, sha256Of, signStatement, statementPayloadType } from '../statement.ts'
import { keyFrom, predicateOf, ringOf, subjectOf } from '../testing.ts'
import { parseEnvelope, verifyEvidence } from './verify.ts'

const key = keyFrom(1)
const other = keyFrom(2)
const ring = ringOf(key)
const at = '2026-04-01T00:00:00Z'

const envelopeOf = (name: string, by = key) =>
  signStatement(makeStatement('release', [subjectOf(name)], predicateOf('release', { releaseId: name })), by)
const envelopes = ['a', 'b', 'c', 'd', 'e'].map((name) => envelopeOf(name))
const bundle = writeBundle(envelopes, key, at)
const lines = bundle.trimEnd().split('\n')
const text = (of: readonly string[]) => of.map((line) => `${line}\n`).join('')

/** Reason and line of the first refusal, or `ok`. */
const first = (input: string | Uint8Array) => {
  const [refusal] = verifyEvidence(input, ring).refusals
  return refusal === undefined ? 'ok' : `${refusal.reason} ${refusal.line}`
}

test('an envelope, a bundle and a dossier verify without a base, and say who exported them and when', () => {
  const one = verifyEvidence(JSON.stringify(envelopes[0]), ring)
  assert.deepEqual([one.ok, one.form, one.statements.length, one.exportedAt], [true, 'envelope', 1, null])
  const many = verifyEvidence(bundle, ring)
  assert.deepEqual([many.ok, many.form, many.statements.length, many.exportedAt], [true, 'bundle', 5, at])
  assert.equal(many.exportedBy?.[0]?.keyid, key.keyid)
  const dossier = JSON.stringify(makeDossier({ title: 'ECG' }, envelopes, key, at), null, 2)
  const whole = verifyEvidence(dossier, ring)
  assert.deepEqual([whole.ok, whole.form, whole.statements.length], [true, 'dossier', 5])
  assert.equal(verifyEvidence(writeBundle([], key, at), ring).ok, true)
  assert.deepEqual(parseEnvelope(JSON.stringify(envelopes[0])), envelopes[0])
})

test('each kind of damage has its own reason and line', () => {
  const forged = (lines[2] ?? '').replace(/"payload":"(.{60})./, (_, kept: string) => `"payload":"${kept}A`)
  assert.notEqual(forged, lines[2])
  assert.equal(first(text(lines.with(2, forged))), 'forged 3')
  assert.equal(first(text(lines.toSpliced(5, 1))), 'truncated 6')
  assert.equal(first(text(lines.toSpliced(2, 1))), 'truncated 3')
  assert.equal(first(text(lines.toSpliced(4, 1))), 'truncated 5')
  assert.equal(first(text(lines.with(1, lines[2] ?? '').with(2, lines[1] ?? ''))), 'reordered 2')
  assert.equal(first(text(lines.toSpliced(1, 0, lines[1] ?? ''))), 'reordered 3')
  assert.equal(first(text([lines[5] ?? '', ...lines.slice(0, 5)])), 'reordered 2')
  assert.equal(first(text(lines.with(0, '{}'))), 'malformed 1')
  assert.equal(first(text(lines.with(0, (lines[0] ?? '').replace(':', ': ')))), 'malformed 1')
  assert.equal(first(bundle.slice(0, 900)), 'truncated 1')
  assert.equal(first(''), 'truncated 1')
  assert.equal(first(writeBundle([envelopeOf('a', other)], key, at)), 'foreign-key 1')
  assert.equal(first(writeBundle(envelopes, other, at)), 'foreign-key 6')
  const slsa = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subjectOf('x')],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {},
  }
  const strange = signEnvelope(statementPayloadType, Buffer.from(JSON.stringify(slsa)), key)
  assert.equal(first(writeBundle([strange], key, at)), 'unknown-predicate 1')
})

test('whoever links the lines anew without the key is found by the signed head', () => {
  const relink = (kept: readonly Envelope[]) => {
    let previous: string | null = null
    const entries = kept.map((envelope, index) => {
      const entry: Entry = { index, previous, envelope }
      previous = entryDigest(entry)
      return canonicalJson(entry)
    })
    return first(text([...entries, lines[5] ?? '']))
  }
  assert.equal(relink(envelopes), 'ok')
  assert.equal(relink(envelopes.toReversed()), 'reordered 6')
  assert.equal(relink(envelopes.slice(1)), 'truncated 5')
  assert.equal(relink([...envelopes, envelopeOf('f')]), 'digest-mismatch 7')
  assert.equal(relink([...envelopes.slice(0, 4), envelopeOf('f')]), 'digest-mismatch 6')
})

test('what a dossier says beside its statements is signed with it', () => {
  const dossier = makeDossier({ title: 'ECG' }, envelopes, key, at)
  const reason = (changed: object) =>
    verifyEvidence(JSON.stringify({ ...dossier, ...changed }), ring).refusals[0]?.reason
  assert.equal(reason({}), undefined)
  assert.equal(reason({ about: { title: 'EEG' } }), 'digest-mismatch')
  assert.equal(reason({ entries: dossier.entries.slice(0, 3) }), 'truncated')
  assert.equal(reason({ entries: dossier.entries.toReversed() }), 'reordered')
  assert.equal(reason({ more: 1 }), 'malformed')
  const bundleHead = JSON.parse(lines[5] ?? '') as { head: Envelope }
  assert.equal(reason(bundleHead), 'digest-mismatch')
})

test('an artefact at hand must be what was stated', () => {
  const check = (name: string, sha256: string) => verifyEvidence(bundle, ring, [{ name, sha256 }])
  assert.equal(check('a', sha256Of('a')).ok, true)
  assert.match(check('a', sha256Of('x')).refusals[0]?.problem.message ?? '', /another was stated/)
  assert.match(check('z', sha256Of('z')).refusals[0]?.problem.message ?? '', /no statement is about/)
})

test('a refused statement is not among those that may be relied on', () => {
  const report = verifyEvidence(writeBundle([envelopeOf('a'), envelopeOf('b', other)], key, at), ring)
  assert.equal(report.ok, false)
  assert.deepEqual(
    report.statements.map((one) => one.statement.subject[0]?.name),
    ['a'],
  )
})

test('any flipped bit of a bundle is found', () => {
  const small = Buffer.from(writeBundle(envelopes.slice(0, 2), key, at))
  return fc.assert(
    fc.property(fc.nat(small.length - 1), fc.nat(7), (place, bit) => {
      const flipped = Buffer.from(small)
      flipped[place] = (flipped[place] ?? 0) ^ (1 << bit)
      assert.equal(verifyEvidence(flipped, ring).ok, false)
    }),
    { seed: 21, numRuns: 1000 },
  )
})

test('any line of a bundle that is left out, doubled, swapped or put in is found, and any cut', () => {
  const place = fc.nat(lines.length - 1)
  const foreign = writeBundle([envelopeOf('x', other)], other, at).split('\n')
  return fc.assert(
    fc.property(place, place, fc.nat(3), (a, b, deed) => {
      if (deed === 2 && a === b) return
      const edited = [
        () => text(lines.toSpliced(a, 1)),
        () => text(lines.toSpliced(b, 0, (a % 2 === 0 ? lines[a] : foreign[0]) ?? '')),
        () => text(lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')),
        () => bundle.slice(0, Math.floor((bundle.length - 2) * ((a * 6 + b) / 36))),
      ][deed]?.()
      assert.equal(verifyEvidence(edited ?? bundle, ring).ok, false)
    }),
    { seed: 22, numRuns: 300 },
  )
})
