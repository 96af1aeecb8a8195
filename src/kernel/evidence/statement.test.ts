import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signEnvelope } from './dsse.ts'
import { kinds, predicateSchemas, predicateType } from './predicates.ts'
import {
  makeStatement,
  openStatement,
  sha256Of,
  signStatement,
  statementDigest,
  statementPayloadType,
} from './statement.ts'
import { keyFrom, predicateOf, ringOf, subjectOf } from './testing.ts'

const key = keyFrom(1)
const ring = ringOf(key)
const reasonOf = (envelope: unknown) => {
  const verdict = openStatement(envelope, ring)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}
const signed = (value: unknown) => signEnvelope(statementPayloadType, Buffer.from(JSON.stringify(value)), key)

test('every kind of statement is made, signed, opened and named by the digest of its payload', () => {
  assert.equal(kinds.length, 8)
  for (const kind of kinds) {
    const statement = makeStatement(kind, [subjectOf(kind)], predicateOf(kind))
    const envelope = signStatement(statement, key)
    const verdict = openStatement(envelope, ring)
    assert.ok(verdict.ok, kind)
    assert.deepEqual(verdict.value.statement, statement)
    assert.equal(verdict.value.kind, kind)
    assert.equal(verdict.value.digest, sha256Of(Buffer.from(envelope.payload, 'base64')))
    assert.equal(verdict.value.digest, statementDigest(envelope))
    assert.equal(statement.predicateType, `https://pilotbase.dev/evidence/${kind}/v1`)
  }
})

test('a statement that lacks what an auditor needs is not signed, and not accepted from others', () => {
  for (const kind of kinds) {
    const whole = predicateOf(kind)
    for (const name of Object.keys(whole)) {
      const { [name]: _left, ...rest } = whole as Record<string, unknown>
      assert.equal(predicateSchemas[kind].safeParse(rest).success, false, `${kind} without ${name}`)
      const statement = { ...makeStatement(kind, [subjectOf('x')], whole), predicate: rest }
      assert.equal(reasonOf(signed(statement)), 'malformed')
    }
  }
  const noSubject = { code: 'kernel.statement-wrong' }
  assert.throws(() => makeStatement('release', [], predicateOf('release')), noSubject)
  assert.throws(() => makeStatement('release', [subjectOf('x')], predicateOf('release', { site: '' })), /site/)
})

test('a figure without a value says why, and a gate does not open over a failed check', () => {
  const [row] = predicateOf('evaluation').results
  assert.ok(row)
  const withRow = (changed: Partial<typeof row>) => predicateOf('evaluation', { results: [{ ...row, ...changed }] })
  const accepts = (predicate: unknown) => predicateSchemas.evaluation.safeParse(predicate).success
  assert.equal(accepts(withRow({ value: null, low: null, high: null })), false)
  assert.equal(accepts(withRow({ value: null, low: null, high: null, n: 0, missing: 'no samples' })), true)
  assert.equal(accepts(withRow({ missing: 'and yet it has one' })), false)
  assert.equal(accepts(withRow({ value: Number.NaN })), false)
  const [check] = predicateOf('gate').checks
  assert.ok(check)
  for (const outcome of ['fail', 'not-assessed'] as const) {
    const checks: (typeof check)[] = [check, { ...check, outcome }]
    assert.equal(predicateSchemas.gate.safeParse(predicateOf('gate', { checks })).success, false)
    assert.equal(predicateSchemas.gate.safeParse(predicateOf('gate', { checks, outcome: 'shut' })).success, true)
  }
})

test('a statement of a kind that is not ours is refused as unknown, not as broken', () => {
  const statement = makeStatement('release', [subjectOf('x')], predicateOf('release'))
  assert.equal(reasonOf(signed({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' })), 'unknown-predicate')
  assert.equal(reasonOf(signed({ ...statement, predicateType: predicateType('gate') })), 'malformed')
  assert.equal(reasonOf(signed({ ...statement, _type: 'https://in-toto.io/Statement/v0.1' })), 'malformed')
  assert.equal(reasonOf(signEnvelope('text/plain', Buffer.from('x'), key)), 'malformed')
})

test('a statement dated outside its key validity is refused', () => {
  const early = makeStatement('release', [subjectOf('x')], predicateOf('release', { at: '2025-12-31T00:00:00Z' }))
  assert.equal(reasonOf(signStatement(early, key)), 'key-not-valid')
})
