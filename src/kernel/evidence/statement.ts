import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalBytes, canonicalJson } from './canonical-json.ts'
import { decodeBase64, type Envelope, openEnvelope, signEnvelope, type Verdict } from './dsse.ts'
import { firstIssue, type KeyRing, type SigningKey, type TrustedKey } from './keys.ts'
import {
  isKind,
  type Kind,
  kindOfUri,
  type Predicate,
  predicateSchemas,
  predicateType,
  sha256Hex,
} from './predicates.ts'
import { problem, refuse } from './problems.ts'

export const statementType = 'https://in-toto.io/Statement/v1'
export const statementPayloadType = 'application/vnd.in-toto+json'

/** The thing stated about. Other digests may stand beside SHA-256, which lineage follows. */
export const subjectSchema = z.strictObject({
  name: z.string().min(1),
  digest: z.object({ sha256: sha256Hex }).catchall(z.string()),
})
export type Subject = z.infer<typeof subjectSchema>

/** in-toto Statement v1, github.com/in-toto/attestation spec/v1/statement.md; the predicate is parsed by its type. */
export const statementSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.unknown()),
})

/** A statement of a kind known here. */
export interface Statement<K extends Kind = Kind> {
  readonly _type: typeof statementType
  readonly subject: readonly Subject[]
  readonly predicateType: string
  readonly predicate: Predicate<K>
}

/** A statement whose signature, form and predicate were checked. */
export interface VerifiedStatement {
  /** SHA-256 of the signed payload: the statement's own name, whoever signs it. Later ones link to it by `previous`. */
  readonly digest: string
  readonly kind: Kind
  readonly statement: Statement
  readonly signers: readonly TrustedKey[]
  readonly foreignKeyids: readonly string[]
}

/** Builds a statement and checks its predicate, before anyone signs it. */
export function makeStatement<K extends Kind>(
  kind: K,
  subject: readonly Subject[],
  predicate: Predicate<K>,
): Statement<K> {
  const whole = statementSchema.safeParse({
    _type: statementType,
    subject,
    predicateType: predicateType(kind),
    predicate,
  })
  if (!whole.success) throw problem('kernel.statement-wrong', { detail: firstIssue(whole.error) }, whole.error)
  const checked = predicateSchemas[kind].safeParse(predicate)
  if (!checked.success) throw problem('kernel.statement-wrong', { detail: firstIssue(checked.error) }, checked.error)
  return { _type: statementType, subject, predicateType: predicateType(kind), predicate }
}

/** Signs a statement in canonical JSON. */
export function signStatement(statement: Statement, ...keys: readonly SigningKey[]): Envelope {
  return signEnvelope(statementPayloadType, canonicalBytes(statement), ...keys)
}

/** The name of the statement inside an envelope: SHA-256 of its payload. Nothing is verified. */
export function statementDigest(envelope: Envelope): string {
  return sha256Of(decodeBase64(envelope.payload) ?? Buffer.alloc(0))
}

/** SHA-256 in hex. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Verifies one envelope: form, signatures, validity of the keys at the stated instant, known predicate, its fields. */
export function openStatement(
  envelope: unknown,
  ring: KeyRing,
  position: { where?: string; line?: number | null } = {},
): Verdict<VerifiedStatement> {
  const where = position.where ?? 'the statement'
  const line = position.line ?? null
  const opened = openEnvelope(envelope, ring, { where, line, atOf: instantOf })
  if (!opened.ok) return opened
  const { payload, payloadType, signers, foreignKeyids } = opened.value
  const malformed = (detail: string) => ({ ok: false as const, refusal: refuse('malformed', where, line, { detail }) })
  if (payloadType !== statementPayloadType) return malformed(`its payload is ${payloadType}, not an in-toto statement`)
  const parsed = statementSchema.safeParse(parseJson(payload))
  if (!parsed.success) return malformed(firstIssue(parsed.error))
  const kind = kindOfUri(parsed.data.predicateType)
  if (kind === null || !isKind(kind)) {
    const refusal = refuse('unknown-predicate', where, line, { predicateType: parsed.data.predicateType })
    return { ok: false, refusal }
  }
  const predicate = predicateSchemas[kind].safeParse(parsed.data.predicate)
  if (!predicate.success) return malformed(`predicate.${firstIssue(predicate.error)}`)
  const statement: Statement = { ...parsed.data, predicate: predicate.data }
  return { ok: true, value: { digest: sha256Of(payload), kind, statement, signers, foreignKeyids } }
}

/** Parses UTF-8 JSON; undefined where it is not JSON. Invalid UTF-8 is not repaired. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError) return undefined
    throw cause
  }
}

/** True when the bytes are the canonical JSON of their own value: then no two spellings of one value pass. */
export function isCanonical(bytes: Uint8Array, value: unknown): boolean {
  return Buffer.from(canonicalJson(value), 'utf8').equals(bytes)
}

function instantOf(payload: Buffer): string | null {
  const found = z.object({ predicate: z.object({ at: z.iso.datetime() }) }).safeParse(parseJson(payload))
  return found.success ? found.data.predicate.at : null
}
