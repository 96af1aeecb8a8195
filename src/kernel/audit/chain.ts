import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalBytes } from '../evidence/canonical-json.ts'
import { sha256Hex } from '../evidence/predicates.ts'

/** One row of the audit log as it is hashed and exported. `id` is a bigint in decimal, as JSON has no such number. */
export const auditRowSchema = z.strictObject({
  id: z.string().regex(/^[1-9][0-9]{0,18}$/),
  at: z.iso.datetime(),
  actorKind: z.string().min(1),
  actorId: z.string().nullable(),
  actorName: z.string().nullable(),
  organisationId: z.string().nullable(),
  projectId: z.string().nullable(),
  action: z.string().min(1),
  targetKind: z.string().nullable(),
  targetId: z.string().nullable(),
  outcome: z.enum(['done', 'refused']),
  problem: z.string().nullable().describe('code of the problem when refused'),
  requestId: z.string().nullable(),
  detail: z.record(z.string(), z.json()),
})
export type AuditRow = z.infer<typeof auditRowSchema>

/** Where a chain stands: the position and hash of the last row, and the last seal. */
export interface ChainHead {
  /** Random name of this log; rows of another log never fit into it. */
  readonly log: string
  /** Position of the last row in the chain; 0 before the first. */
  readonly seq: number
  /** Chain hash at `seq`, SHA-256 hex. */
  readonly hash: string
  /** Number of the last seal; 0 before the first. */
  readonly sealNumber: number
  /** SHA-256 of the last seal's payload; null before the first. */
  readonly sealDigest: string | null
}

/** The head of a log in which nothing is sealed yet. */
export function firstHead(log: string): ChainHead {
  return { log, seq: 0, hash: genesisHash(log), sealNumber: 0, sealDigest: null }
}

/** Hash before the first row: bound to the log's name. */
export function genesisHash(log: string): string {
  return createHash('sha256')
    .update(canonicalBytes({ audit: 'v1', log }))
    .digest('hex')
}

/**
 * Digest of one row. The salt (16 random bytes, hex) keeps a row that is withheld from a reader from being guessed
 * from its digest; it is given by the sealer and shown with the row only.
 */
export function rowDigest(row: AuditRow, salt: string): string {
  return createHash('sha256').update(canonicalBytes({ row, salt })).digest('hex')
}

/**
 * Chain hash at `seq`: over the hash before it, the position and the row's digest. A reader who may not see a row
 * checks the chain with the digest alone.
 */
export function linkHash(previousHash: string, seq: number, digest: string): string {
  return createHash('sha256').update(canonicalBytes({ digest, previousHash, seq })).digest('hex')
}

const position = z.int().positive()

/** Lines of an export, one canonical JSON each: one begin, rows with a seal after each batch, one end. */
export const exportLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('begin'),
    format: z.literal('https://pilotbase.dev/audit/export/v1'),
    log: z.string().min(1),
    firstSeq: position,
    previousHash: sha256Hex,
    keys: z.array(
      z.strictObject({
        keyid: sha256Hex,
        party: z.string().min(1),
        publicKeyPem: z.string(),
        validFrom: z.iso.datetime(),
        revokedAt: z.iso.datetime().optional(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal('row'),
    seq: position,
    hash: sha256Hex,
    salt: z.string().regex(/^[0-9a-f]{32}$/),
    row: auditRowSchema,
  }),
  z.strictObject({ kind: z.literal('withheld'), seq: position, hash: sha256Hex, digest: sha256Hex }),
  z.strictObject({ kind: z.literal('seal'), envelope: z.unknown() }),
  z.strictObject({ kind: z.literal('end'), envelope: z.unknown() }),
])
export type ExportLine = z.infer<typeof exportLineSchema>
export type ExportRow = Extract<ExportLine, { kind: 'row' | 'withheld' }>
