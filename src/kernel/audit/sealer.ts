import type { Tx } from '../database/database.ts'
import { enqueue } from '../queue/store.ts'
import type { SigningKey } from '../evidence/keys.ts'
import { type AuditRow, type ChainHead, firstHead } from './chain.ts'
import { type Link, maxBatchRows, sealBatch } from './seal.ts'

interface HeadRow {
  log: string
  seq: number
  hash: string | null
  seal_number: number
  seal_digest: string | null
}

export interface AuditColumns {
  id: string
  at: Date
  actor_kind: string
  actor_id: string | null
  actor_name: string
  organisation_id: string | null
  project_id: string | null
  action: string
  target_kind: string | null
  target_id: string | null
  outcome: 'done' | 'refused'
  problem: string | null
  request_id: string | null
  detail: AuditRow['detail']
}

/** Columns of an audit row in the order of `AuditColumns`; the table is called r. */
export const auditColumns =
  'r.id::text as id, r.at, r.actor_kind, r.actor_id, r.actor_name, r.organisation_id, r.project_id, r.action, r.target_kind, r.target_id, r.outcome, r.problem, r.request_id, r.detail'

export function auditRowOf(row: AuditColumns): AuditRow {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    organisationId: row.organisation_id,
    projectId: row.project_id,
    action: row.action,
    targetKind: row.target_kind,
    targetId: row.target_id,
    outcome: row.outcome,
    problem: row.problem,
    requestId: row.request_id,
    detail: row.detail,
  }
}

/**
 * Chains and seals what was committed since the last seal; returns how many rows were sealed. Runs with the capability
 * `sealer`. The head's row lock makes it one sealer at a time, over all bases.
 */
export async function sealPending(tx: Tx, key: SigningKey, at: Date): Promise<number> {
  const stored = await tx.one<HeadRow>(
    'select log, seq, hash, seal_number, seal_digest from kernel.audit_head for update',
  )
  const rows = await tx.rows<AuditColumns>(
    `select ${auditColumns} from kernel.audit_row r
      where not exists (select from kernel.audit_link l where l.row_id = r.id) order by r.id limit $1`,
    [maxBatchRows],
  )
  if (rows.length === 0) return 0
  const head = headOf(stored)
  const batch = sealBatch(head, rows.map(auditRowOf), key, at.toISOString())
  await insertLinks(tx, batch.links)
  await tx.change(
    'insert into kernel.audit_seal (number, first_seq, last_seq, previous_hash, envelope, sealed_at) values ($1, $2, $3, $4, $5, $6)',
    [batch.head.sealNumber, batch.firstSeq, batch.lastSeq, head.hash, batch.envelope, at],
  )
  await tx.change('update kernel.audit_head set seq = $1, hash = $2, seal_number = $3, seal_digest = $4', [
    batch.head.seq,
    batch.head.hash,
    batch.head.sealNumber,
    batch.head.sealDigest,
  ])
  return rows.length
}

/** Asks for a seal soon. Wishes fold into one, so that a busy minute is sealed in few large batches. */
export function wishSeal(tx: Tx, delayMs: number): Promise<number> {
  return enqueue(tx, 'kernel.seal', {}, { key: 'kernel.seal', delayMs })
}

function headOf(row: HeadRow): ChainHead {
  const { log, seq, hash } = row
  if (hash === null) return firstHead(log)
  return { log, seq, hash, sealNumber: row.seal_number, sealDigest: row.seal_digest }
}

async function insertLinks(tx: Tx, links: readonly Link[]): Promise<void> {
  await tx.change(
    `insert into kernel.audit_link (row_id, seq, salt, hash)
     select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])`,
    [
      links.map((one) => one.id),
      links.map((one) => one.seq),
      links.map((one) => one.salt),
      links.map((one) => one.hash),
    ],
  )
}
