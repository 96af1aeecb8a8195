import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { countersign, openEnvelope, preAuthEncoding, signEnvelope } from './dsse.ts'
import { keyRing, loadSigningKey, openSigningKey, privateKeyPem, readKeyRing, trustedKeyOf } from './keys.ts'
import { keyFrom, ringOf } from './testing.ts'

const ours = keyFrom(1)
const theirs = keyFrom(2)
const payload = Buffer.from('hello world')
const type = 'http://example.com/HelloWorld'

/** Reason of the refusal, or `accepted`. */
const outcome = (envelope: unknown, ring = ringOf(ours)) => {
  const verdict = openEnvelope(envelope, ring)
  return verdict.ok ? 'accepted' : verdict.refusal.reason
}

test('what is signed is the pre-authentication encoding of the DSSE specification', () => {
  // Example of the specification, protocol.md, "Signature Definition"
  assert.equal(preAuthEncoding(type, payload).toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  assert.equal(preAuthEncoding('é', Buffer.alloc(0)).toString(), 'DSSEv1 2 é 0 ')
})

test('an envelope opens for whoever trusts one of its signers', () => {
  const envelope = signEnvelope(type, payload, ours, theirs)
  const verdict = openEnvelope(envelope, ringOf(theirs))
  assert.ok(verdict.ok)
  assert.deepEqual(verdict.value.payload, payload)
  assert.deepEqual(verdict.value.foreignKeyids, [ours.keyid])
  assert.deepEqual(
    verdict.value.signers.map((key) => key.keyid),
    [theirs.keyid],
  )
})

test('a second party signs the same bytes, and signing twice leaves one signature each', () => {
  const envelope = countersign(countersign(signEnvelope(type, payload, ours), theirs), theirs)
  assert.equal(envelope.signatures.length, 2)
  const verdict = openEnvelope(envelope, ringOf(ours, theirs))
  assert.equal(verdict.ok && verdict.value.signers.length, 2)
})

test('a signature in a trusted name that does not match is forged, even beside one that does', () => {
  const good = signEnvelope(type, payload, ours)
  const other = signEnvelope(type, Buffer.from('other'), theirs)
  const mixed = { ...good, signatures: [...good.signatures, ...other.signatures] }
  assert.equal(outcome(mixed, ringOf(ours, theirs)), 'forged')
  assert.equal(outcome({ ...good, payload: other.payload }), 'forged')
  assert.equal(outcome({ ...good, payloadType: 'text/plain' }), 'forged')
})

test('a signer that nobody trusts is foreign, and what is no envelope is malformed', () => {
  assert.equal(outcome(signEnvelope(type, payload, theirs)), 'foreign-key')
  assert.equal(outcome({ payload: '', payloadType: type, signatures: [] }), 'malformed')
  assert.equal(outcome(null), 'malformed')
  const good = signEnvelope(type, payload, ours)
  assert.equal(outcome({ ...good, payload: 'aGVsbG8gd29ybGR=' }), 'malformed')
})

test('a flipped bit anywhere in an envelope is refused', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(7), (bytes, place, bit) => {
      const text = Buffer.from(JSON.stringify(signEnvelope(type, bytes, ours)))
      const at = place % text.length
      text[at] = (text[at] ?? 0) ^ (1 << bit)
      let value: unknown
      try {
        value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
      } catch {
        return // no JSON any more: refused before it gets here
      }
      assert.notEqual(outcome(value), 'accepted')
    }),
    { seed: 11, numRuns: 400 },
  ))

test('a key signs only for instants at which it was valid', () => {
  const trusted = trustedKeyOf(ours, 'Us', '2026-01-01T00:00:00Z')
  const ring = keyRing([{ ...trusted, revokedAt: '2026-06-01T00:00:00Z' }])
  const envelope = signEnvelope(type, payload, ours)
  const at = (instant: string) => {
    const verdict = openEnvelope(envelope, ring, { atOf: () => instant })
    return verdict.ok ? 'accepted' : verdict.refusal.reason
  }
  assert.equal(at('2025-12-31T23:59:59.999Z'), 'key-not-valid')
  assert.equal(at('2026-01-01T00:00:00Z'), 'accepted')
  assert.equal(at('2026-06-01T00:00:00Z'), 'key-not-valid')
})

test('a key ring refuses a key under a name that is not its own, a key of another kind, and a key twice', () => {
  const trusted = trustedKeyOf(ours, 'Us', '2026-01-01T00:00:00Z')
  const format = 'https://pilotbase.dev/key-ring/v1'
  assert.equal(readKeyRing(JSON.stringify({ format, keys: [trusted] })).size, 1)
  const wrong = { code: 'kernel.key-ring-wrong' }
  assert.throws(() => keyRing([{ ...trusted, keyid: theirs.keyid }]), wrong)
  assert.throws(() => keyRing([trusted, trusted]), wrong)
  const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
  assert.throws(() => keyRing([{ ...trusted, publicKeyPem: rsaPem.toString() }]), wrong)
  assert.throws(() => readKeyRing('{'), wrong)
  assert.throws(() => readKeyRing(JSON.stringify({ format, keys: [{ ...trusted, extra: 1 }] })), wrong)
})

test('processes that start at once on an empty folder end up with the same key, readable by its owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'))
  try {
    const path = join(folder, 'deep', 'signing.pem')
    const opened = await Promise.all(Array.from({ length: 8 }, () => openSigningKey(path)))
    assert.equal(new Set(opened.map((key) => key.keyid)).size, 1)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(folder, 'deep')), ['signing.pem'])
    await writeFile(path, 'damaged')
    await assert.rejects(openSigningKey(path), { code: 'kernel.signing-key-unreadable' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a key survives its file, and a key of another kind is refused by name', () => {
  assert.equal(loadSigningKey(privateKeyPem(ours)).keyid, ours.keyid)
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  assert.throws(() => loadSigningKey(ec.toString()), /it is ec, not ed25519/)
})
