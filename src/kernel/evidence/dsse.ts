import { verify } from 'node:crypto'
import { z } from 'zod'
import { firstIssue, isValidAt, type KeyRing, type SigningKey, signBytes, type TrustedKey } from './keys.ts'
import { type Refusal, refuse } from './problems.ts'

/** DSSE envelope, github.com/secure-systems-lab/dsse protocol v1. Payload and signatures are base64. */
export const envelopeSchema = z.strictObject({
  payload: z.string(),
  payloadType: z.string().min(1),
  signatures: z
    .array(z.strictObject({ keyid: z.string().describe('SHA-256 of the SPKI DER, hex'), sig: z.string().min(1) }))
    .min(1),
})
export type Envelope = z.infer<typeof envelopeSchema>

/** What was signed, and by whom of those that are trusted. */
export interface Opened {
  readonly payload: Buffer
  readonly payloadType: string
  readonly signers: readonly TrustedKey[]
  /** Signatures beside the trusted ones by keys that the ring doesn't know: neither counted nor checked. */
  readonly foreignKeyids: readonly string[]
}

export type Verdict<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

/** Pre-authentication encoding: what is really signed, so that a payload can't be passed off as another type. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `
  return Buffer.concat([Buffer.from(head, 'utf8'), payload])
}

/** Signs the payload with each key, in the order given. */
export function signEnvelope(payloadType: string, payload: Uint8Array, ...keys: readonly SigningKey[]): Envelope {
  const signed = preAuthEncoding(payloadType, payload)
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: keys.map((key) => ({ keyid: key.keyid, sig: signBytes(key, signed).toString('base64') })),
  }
}

/** The same envelope with one more signature (a second party agrees to the same bytes). */
export function countersign(envelope: Envelope, key: SigningKey): Envelope {
  const [added] = signEnvelope(envelope.payloadType, Buffer.from(envelope.payload, 'base64'), key).signatures
  const others = envelope.signatures.filter((signature) => signature.keyid !== key.keyid)
  return { ...envelope, signatures: added === undefined ? others : [...others, added] }
}

/**
 * Opens an envelope against the ring. It needs one signature at least by a trusted key, and no signature in a trusted
 * key's name may fail. `atOf` reads the instant that the payload claims, to hold it against the keys' validity; a
 * stolen key can claim an earlier instant, so what guards against back-dating is the sealed order, not this check.
 */
export function openEnvelope(
  input: unknown,
  ring: KeyRing,
  options: { where?: string; line?: number | null; atOf?: (payload: Buffer) => string | null } = {},
): Verdict<Opened> {
  const where = options.where ?? 'the envelope'
  const line = options.line ?? null
  const parsed = envelopeSchema.safeParse(input)
  if (!parsed.success) return no(refuse('malformed', where, line, { detail: firstIssue(parsed.error) }))
  const { payloadType, signatures } = parsed.data
  const payload = decodeBase64(parsed.data.payload)
  if (payload === null) return no(refuse('malformed', where, line, { detail: 'the payload is not base64' }))
  const signed = preAuthEncoding(payloadType, payload)
  const signers = new Map<string, TrustedKey>()
  const foreignKeyids: string[] = []
  for (const { keyid, sig } of signatures) {
    const known = ring.get(keyid)
    if (known === undefined) {
      foreignKeyids.push(keyid)
      continue
    }
    const bytes = decodeBase64(sig)
    if (bytes === null) return no(refuse('malformed', where, line, { detail: 'a signature is not base64' }))
    if (!verify(null, signed, known.publicKey, bytes)) return no(refuse('forged', where, line))
    signers.set(keyid, known.trusted)
  }
  if (signers.size === 0) return no(refuse('foreign-key', where, line, { keyid: foreignKeyids[0] ?? '' }))
  const at = options.atOf?.(payload) ?? null
  if (at !== null) {
    for (const { keyid, party, ...validity } of signers.values()) {
      if (isValidAt({ keyid, party, ...validity }, at)) continue
      return no(refuse('key-not-valid', where, line, { at, keyid, party }))
    }
  }
  return { ok: true, value: { payload, payloadType, signers: [...signers.values()], foreignKeyids } }
}

/** Standard or URL-safe base64 in its one canonical spelling (DSSE lets a signer use either); null otherwise. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text || toUrlSafe(bytes.toString('base64')) === text ? bytes : null
}

function toUrlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
