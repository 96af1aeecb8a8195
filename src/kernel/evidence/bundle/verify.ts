import type { z } from 'zod'
import { canonicalBytes } from '../canonical-json.ts'
import {
  dossierSchema,
  type Entry,
  entryDigest,
  entrySchema,
  headLineSchema,
  headPayloadType,
  headSchema,
  setDigest,
} from './bundle.ts'
import { type Envelope, envelopeSchema, openEnvelope } from '../dsse.ts'
import { firstIssue, type KeyRing, type TrustedKey } from '../keys.ts'
import { type Refusal, refuse } from '../problems.ts'
import { isCanonical, openStatement, parseJson, sha256Of, type VerifiedStatement } from '../statement.ts'

/** What an offline verification found: every refusal, the first first. Only what is in `statements` may be relied on. */
export interface EvidenceReport {
  readonly ok: boolean
  readonly form: 'envelope' | 'bundle' | 'dossier'
  readonly statements: readonly VerifiedStatement[]
  readonly refusals: readonly Refusal[]
  /** Who signed the whole and when; null for a single envelope, which nothing holds together with others. */
  readonly exportedBy: readonly TrustedKey[] | null
  readonly exportedAt: string | null
}

/** Something at hand that the evidence should speak of, such as a weights file whose digest was computed here. */
export interface Artefact {
  readonly name: string
  readonly sha256: string
}

/** One entry as it stood in the input, readable or not. */
interface Found {
  readonly line: number
  readonly entry: Entry | null
}

/**
 * Verifies one envelope, a bundle (JSON lines) or a dossier against a ring, without a base. An export replaced by an
 * older one that was signed too is not noticed here: note `exportedAt`, or the digests that you expect.
 */
export function verifyEvidence(
  input: Uint8Array | string,
  ring: KeyRing,
  artefacts: readonly Artefact[] = [],
): EvidenceReport {
  const bytes = typeof input === 'string' ? Buffer.from(input) : Buffer.from(input)
  const whole = parseJson(bytes)
  const report =
    isObject(whole) && 'payload' in whole
      ? verifyOne(whole, ring)
      : isObject(whole) && 'format' in whole
        ? verifyDossier(whole, ring)
        : verifyBundle(bytes, ring)
  const refusals = [...report.refusals, ...strangeArtefacts(artefacts, report.statements)]
  return { ...report, refusals, ok: refusals.length === 0 }
}

type Draft = Omit<EvidenceReport, 'ok'>

function verifyOne(value: unknown, ring: KeyRing): Draft {
  const verdict = openStatement(value, ring)
  const statements = verdict.ok ? [verdict.value] : []
  const refusals = verdict.ok ? [] : [verdict.refusal]
  return { form: 'envelope', statements, refusals, exportedBy: null, exportedAt: null }
}

function verifyDossier(value: unknown, ring: KeyRing): Draft {
  const parsed = dossierSchema.safeParse(value)
  if (!parsed.success) {
    const refusals = [refuse('malformed', 'the dossier', null, { detail: firstIssue(parsed.error) })]
    return { form: 'dossier', statements: [], refusals, exportedBy: null, exportedAt: null }
  }
  const { entries, head, about } = parsed.data
  const found = entries.map((entry, at) => ({ line: at + 1, entry }))
  return { form: 'dossier', ...verifyChain(found, head, entries.length + 1, sha256Of(canonicalBytes(about)), ring, []) }
}

function verifyBundle(bytes: Buffer, ring: KeyRing): Draft {
  const found: Found[] = []
  const refusals: Refusal[] = []
  let head: Envelope | null = null
  let headLine = 0
  const { lines, rest } = splitLines(bytes)
  for (const [at, text] of lines.entries()) {
    const line = at + 1
    const value = parseJson(text)
    const headed = headLineSchema.safeParse(value)
    const parsed = entrySchema.safeParse(value)
    if (!headed.success && !parsed.success) {
      refusals.push(refuse('malformed', `line ${line}`, line, { detail: firstIssue(parsed.error) }))
    } else if (!isCanonical(text, value)) {
      refusals.push(refuse('malformed', `line ${line}`, line, { detail: 'it is not in canonical JSON' }))
    } else if (headed.success) {
      head = headed.data.head
      headLine = line
    } else if (headLine > 0) {
      refusals.push(refuse('reordered', `line ${line}`, line, { detail: 'it stands after the head' }))
    }
    if (!headed.success) found.push({ line, entry: parsed.data ?? null })
  }
  if (rest !== null) {
    const line = lines.length + 1
    refusals.push(refuse('truncated', `line ${line}`, line, { detail: `line ${line} breaks off` }))
  }
  if (head === null) {
    const line = lines.length + 1
    const detail = 'the signed head, which is the last line, is missing'
    if (rest === null) refusals.push(refuse('truncated', `line ${line}`, line, { detail }))
  }
  return { form: 'bundle', ...verifyChain(found, head, headLine, null, ring, refusals) }
}

function verifyChain(
  found: readonly Found[],
  headEnvelope: Envelope | null,
  headLine: number,
  about: string | null,
  ring: KeyRing,
  before: readonly Refusal[],
): Omit<Draft, 'form'> {
  const refusals = [...before]
  const statements: VerifiedStatement[] = []
  for (const { line, entry } of found) {
    if (entry === null) continue
    const verdict = openStatement(entry.envelope, ring, { where: `statement ${line}`, line })
    if (verdict.ok) statements.push(verdict.value)
    else refusals.push(verdict.refusal)
  }
  refusals.push(...orderOf(found))
  const head = headEnvelope === null ? null : openHead(headEnvelope, headLine, ring)
  if (head?.refusal) refusals.push(head.refusal)
  if (head?.value) refusals.push(...againstHead(found, head.value, headLine, about))
  refusals.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  return { statements, refusals, exportedBy: head?.signers ?? null, exportedAt: head?.value?.at ?? null }
}

/** Holds the entries' numbers and links against the order in which they stand. */
function orderOf(found: readonly Found[]): Refusal[] {
  const entries = found.flatMap(({ line, entry }) => (entry === null ? [] : [{ line, entry }]))
  const indexes = new Set(entries.map(({ entry }) => entry.index))
  for (const [at, { line, entry }] of entries.entries()) {
    if (found[at]?.entry !== entry) return [] // an unreadable line before it: said already, and numbers shift
    if (entry.index !== at) {
      const detail = indexes.has(at)
        ? `number ${entry.index} stands where number ${at} should`
        : `number ${at} is missing`
      return [refuse(indexes.has(at) ? 'reordered' : 'truncated', `line ${line}`, line, { detail })]
    }
    const last = entries[at - 1]
    if (entry.previous === (last === undefined ? null : entryDigest(last.entry))) continue
    return [refuse('digest-mismatch', `line ${line}`, line, { detail: 'it does not follow the line before it' })]
  }
  return []
}

function againstHead(
  found: readonly Found[],
  head: z.infer<typeof headSchema>,
  line: number,
  about: string | null,
): Refusal[] {
  const entries = found.flatMap(({ entry }) => (entry === null ? [] : [entry]))
  const where = 'the export'
  if (head.about !== about) {
    return [refuse('digest-mismatch', 'the dossier', line, { detail: 'what it says about the statements was changed' })]
  }
  if (found.length < head.count) {
    return [refuse('truncated', where, line, { detail: `${found.length} of ${head.count} statements are there` })]
  }
  if (found.length > head.count) {
    return [refuse('digest-mismatch', where, line, { detail: `${found.length - head.count} statements were added` })]
  }
  const last = entries.at(-1)
  if (head.last === (last === undefined ? null : entryDigest(last))) return []
  const isSameSet = head.set === setDigest(entries.map((entry) => entry.envelope))
  const detail = isSameSet
    ? 'the statements stand in another order than when it was signed'
    : 'a statement was replaced'
  return [refuse(isSameSet ? 'reordered' : 'digest-mismatch', where, line, { detail })]
}

function openHead(envelope: Envelope, line: number, ring: KeyRing) {
  const where = 'the head'
  const atOf = (payload: Buffer) => headSchema.safeParse(parseJson(payload)).data?.at ?? null
  const opened = openEnvelope(envelope, ring, { where, line, atOf })
  if (!opened.ok) return { refusal: opened.refusal, value: null, signers: null }
  const { payload, payloadType, signers } = opened.value
  const parsed = headSchema.safeParse(payloadType === headPayloadType ? parseJson(payload) : undefined)
  if (parsed.success) return { refusal: null, value: parsed.data, signers }
  return { refusal: refuse('malformed', where, line, { detail: firstIssue(parsed.error) }), value: null, signers: null }
}

function strangeArtefacts(artefacts: readonly Artefact[], statements: readonly VerifiedStatement[]): Refusal[] {
  const subjects = statements.flatMap(({ statement }) => statement.subject)
  const known = new Set(subjects.map((subject) => subject.digest.sha256))
  return artefacts
    .filter(({ sha256 }) => !known.has(sha256))
    .map(({ name, sha256 }) => {
      const isNamed = subjects.some((subject) => subject.name === name)
      const detail = isNamed ? `it is ${sha256}, and another was stated` : `no statement is about ${sha256}`
      return refuse('digest-mismatch', name, null, { detail })
    })
}

function splitLines(bytes: Buffer): { lines: Buffer[]; rest: Buffer | null } {
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return { lines, rest: start < bytes.length ? bytes.subarray(start) : null }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Parses a single envelope, for those who keep it as text. */
export function parseEnvelope(text: string): Envelope | null {
  return envelopeSchema.safeParse(parseJson(Buffer.from(text))).data ?? null
}
