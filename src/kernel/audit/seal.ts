import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { canonicalBytes, canonicalJson } from '../evidence/canonical-json.ts'
import { type Envelope, signEnvelope } from '../evidence/dsse.ts'
import type { SigningKey, TrustedKey } from '../evidence/keys.ts'
import { sha256Hex } from '../evidence/predicates.ts'
import { sha256Of } from '../evidence/statement.ts'
import {
  type AuditRow,
  type ChainHead,
  type ExportLine,
  type ExportRow,
  genesisHash,
  linkHash,
  rowDigest,
} from './chain.ts'

export const sealPayloadType = 'application/vnd.pilotbase.audit-seal+json'
export const endPayloadType = 'application/vnd.pilotbase.audit-end+json'

/** Rows in one seal at most: a verifier holds one batch in memory. */
export const maxBatchRows = 10_000

/** Bytes of each row's digest that the seal lists. 64 bits tell rows apart; the chain hash is what binds them. */
export const markBytes = 8

/**
 * What a seal signs. `marks` are the first 8 bytes of each row's digest, in order, base64: with them a verifier names
 * the very row that was changed, even where every hash after it was computed anew.
 */
export const sealSchema = z.strictObject({
  format: z.literal('https://pilotbase.dev/audit/seal/v1'),
  log: z.string().min(1),
  number: z.int().positive(),
  previousSeal: sha256Hex.nullable(),
  firstSeq: z.int().positive(),
  lastSeq: z.int().positive(),
  previousHash: sha256Hex,
  headHash: sha256Hex,
  marks: z.string(),
  sealedAt: z.iso.datetime(),
})
export type Seal = z.infer<typeof sealSchema>

/** What the last line of an export signs: how far it goes, and how much was not sealed when it was made. */
export const endSchema = z.strictObject({
  format: z.literal('https://pilotbase.dev/audit/end/v1'),
  begin: sha256Hex.describe('digest of the first line'),
  lastSeq: z.int().nonnegative(),
  headHash: sha256Hex,
  seals: z.int().nonnegative(),
  unsealed: z.int().nonnegative(),
  exportedAt: z.iso.datetime(),
})

/** What the sealer stores for each row, beside it. */
export interface Link {
  readonly id: string
  readonly seq: number
  readonly salt: string
  readonly hash: string
}

export interface SealedBatch {
  readonly links: readonly Link[]
  readonly firstSeq: number
  readonly lastSeq: number
  readonly envelope: Envelope
  /** The head to go on from; stored in the same transaction as the links and the seal. */
  readonly head: ChainHead
}

/**
 * Chains and seals the rows that were committed since the last seal, in the order given. Writers never come here: they
 * insert rows without position or hash, so they don't wait for one another; one sealer at a time (under a lock) gives
 * the positions. A row committed late with a lower id is sealed in a later batch. `saltOf` is random but in tests.
 */
export function sealBatch(
  head: ChainHead,
  rows: readonly AuditRow[],
  key: SigningKey,
  sealedAt: string,
  saltOf: () => string = () => randomBytes(16).toString('hex'),
): SealedBatch {
  if (rows.length === 0 || rows.length > maxBatchRows) {
    throw new RangeError(`a seal covers 1 to ${maxBatchRows} rows, not ${rows.length}`)
  }
  const links: Link[] = []
  const marks: Buffer[] = []
  let { seq, hash } = head
  for (const row of rows) {
    const salt = saltOf()
    const digest = rowDigest(row, salt)
    seq += 1
    hash = linkHash(hash, seq, digest)
    links.push({ id: row.id, seq, salt, hash })
    marks.push(markOf(digest))
  }
  const seal: Seal = {
    format: 'https://pilotbase.dev/audit/seal/v1',
    log: head.log,
    number: head.sealNumber + 1,
    previousSeal: head.sealDigest,
    firstSeq: head.seq + 1,
    lastSeq: seq,
    previousHash: head.hash,
    headHash: hash,
    marks: Buffer.concat(marks).toString('base64'),
    sealedAt,
  }
  const payload = canonicalBytes(seal)
  return {
    links,
    firstSeq: seal.firstSeq,
    lastSeq: seq,
    envelope: signEnvelope(sealPayloadType, payload, key),
    head: { log: head.log, seq, hash, sealNumber: seal.number, sealDigest: sha256Of(payload) },
  }
}

/** First bytes of a row's digest, as the seal lists them. */
export function markOf(digest: string): Buffer {
  return Buffer.from(digest.slice(0, markBytes * 2), 'hex')
}

/** The line of a row that the reader may see. */
export function shownRow(row: AuditRow, link: Link): ExportRow {
  return { kind: 'row', seq: link.seq, hash: link.hash, salt: link.salt, row }
}

/** The line of a row that the reader may not see: the chain still holds, its content stays away. */
export function withheldRow(row: AuditRow, link: Link): ExportRow {
  return { kind: 'withheld', seq: link.seq, hash: link.hash, digest: rowDigest(row, link.salt) }
}

export interface ExportOrigin {
  readonly log: string
  /** First position exported: the first of a seal. */
  readonly firstSeq: number
  /** Chain hash before it; null when the export starts with the log. */
  readonly previousHash: string | null
  /** Public keys that signed the seals, for a reader who has no ring of their own. */
  readonly keys: readonly TrustedKey[]
  readonly exportedAt: string
  /** Rows that were written but not sealed when the export was made. */
  readonly unsealed: number
}

/** Writes an export line by line (each ends in a newline): begin, each batch with its seal, and the signed end. */
export async function* exportAudit(
  origin: ExportOrigin,
  batches: AsyncIterable<{ rows: readonly ExportRow[]; seal: Envelope }>,
  key: SigningKey,
): AsyncGenerator<string> {
  const { log, firstSeq, exportedAt, unsealed } = origin
  const previousHash = origin.previousHash ?? genesisHash(log)
  const begin: ExportLine = {
    kind: 'begin',
    format: 'https://pilotbase.dev/audit/export/v1',
    log,
    firstSeq,
    previousHash,
    keys: [...origin.keys],
  }
  yield line(begin)
  let last = { seq: firstSeq - 1, hash: previousHash }
  let seals = 0
  for await (const { rows, seal } of batches) {
    for (const row of rows) {
      last = row
      yield line(row)
    }
    seals += 1
    yield line({ kind: 'seal', envelope: seal })
  }
  const end: z.infer<typeof endSchema> = {
    format: 'https://pilotbase.dev/audit/end/v1',
    begin: sha256Of(canonicalBytes(begin)),
    lastSeq: last.seq,
    headHash: last.hash,
    seals,
    unsealed,
    exportedAt,
  }
  yield line({ kind: 'end', envelope: signEnvelope(endPayloadType, canonicalBytes(end), key) })
}

function line(value: ExportLine): string {
  return `${canonicalJson(value)}\n`
}
