import type { Tx } from '../../kernel/index.ts'
import type { Snapshot } from './contract.ts'

interface SnapshotRow {
  id: string
  name: string
  digest: string
  files: number
  size_bytes: number
  source: string
  licence: string
  is_synthetic: boolean
  splits: Record<string, number>
  created_at: Date
}

const columns = 'id, name, digest, files, size_bytes, source, licence, is_synthetic, splits, created_at'

function snapshotOf(row: SnapshotRow): Snapshot {
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    files: row.files,
    sizeBytes: row.size_bytes,
    source: row.source,
    licence: row.licence,
    synthetic: row.is_synthetic,
    splits: row.splits,
    createdAt: row.created_at.toISOString(),
  }
}

export type NewSnapshotRow = Omit<Snapshot, 'id' | 'createdAt'>

/** Adds a snapshot; where the project has the same content already, null. */
export async function insertSnapshot(tx: Tx, projectId: string, row: NewSnapshotRow): Promise<Snapshot | null> {
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  const inserted = await tx.maybe<SnapshotRow>(
    `insert into data.snapshot (project_id, name, digest, files, size_bytes, source, licence, is_synthetic, splits, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict on constraint snapshot_once do nothing returning ${columns}`,
    [
      projectId,
      row.name,
      row.digest,
      row.files,
      row.sizeBytes,
      row.source,
      row.licence,
      row.synthetic,
      row.splits,
      creator,
    ],
  )
  return inserted === null ? null : snapshotOf(inserted)
}

/** By id or by digest. */
export async function findSnapshot(tx: Tx, projectId: string, key: string): Promise<Snapshot | null> {
  const row = await tx.maybe<SnapshotRow>(
    `select ${columns} from data.snapshot where project_id = $1 and (id::text = $2 or digest = $2)`,
    [projectId, key],
  )
  return row === null ? null : snapshotOf(row)
}

/** Newest first; `after` is the id of the last one seen. */
export async function pageSnapshots(
  tx: Tx,
  projectId: string,
  after: string | null,
  limit: number,
): Promise<Snapshot[]> {
  const rows = await tx.rows<SnapshotRow>(
    `select ${columns} from data.snapshot
      where project_id = $1
        and ($2::uuid is null or (created_at, id) < (select s.created_at, s.id from data.snapshot s where s.id = $2))
      order by created_at desc, id desc limit $3`,
    [projectId, after, limit],
  )
  return rows.map(snapshotOf)
}
