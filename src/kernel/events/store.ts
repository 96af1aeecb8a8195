import type { Tx } from '../database/database.ts'

export interface NewEvent {
  readonly projectId: string
  /** `noun.what-happened`, e.g. `job.succeeded`. */
  readonly kind: string
  readonly subjectId: string
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface StoredEvent {
  /** Where a reader goes on after this event: `<transaction>-<id>`. */
  readonly cursor: string
  readonly at: string
  readonly kind: string
  readonly subjectId: string
  readonly detail: Record<string, unknown>
}

/** Tells the other rooms, and everyone who watches, what happened: part of the change's own transaction. */
export async function recordEvent(tx: Tx, event: NewEvent): Promise<void> {
  await tx.change('insert into kernel.event (project_id, kind, subject_id, detail) values ($1, $2, $3, $4)', [
    event.projectId,
    event.kind,
    event.subjectId,
    event.detail ?? {},
  ])
}

interface EventRow {
  transaction_text: string
  id: number
  at: Date
  kind: string
  subject_id: string
  detail: Record<string, unknown>
}

export const eventStart = '0-0'

/**
 * Up to `limit` events of a project after the cursor, in commit-safe order: only those below the oldest transaction
 * still running, so that a late commit is seen and never skipped.
 */
export async function eventsAfter(tx: Tx, projectId: string, cursor: string, limit = 500): Promise<StoredEvent[]> {
  const [transactionId, id] = cursor.split('-')
  const rows = await tx.rows<EventRow>(
    `select transaction_id::text as transaction_text, id, at, kind, subject_id, detail from kernel.event
      where project_id = $1 and (transaction_id, id) > ($2::xid8, $3::bigint)
        and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
      order by transaction_id, id limit $4`,
    [projectId, transactionId ?? '0', id ?? '0', limit],
  )
  return rows.map((row) => ({
    cursor: `${row.transaction_text}-${row.id}`,
    at: row.at.toISOString(),
    kind: row.kind,
    subjectId: row.subject_id,
    detail: row.detail,
  }))
}

/** The cursor of the newest event that is safe to read. */
export async function latestCursor(tx: Tx, projectId: string): Promise<string> {
  const row = await tx.maybe<{ cursor: string }>(
    `select transaction_id::text || '-' || id as cursor from kernel.event
      where project_id = $1 and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
      order by transaction_id desc, id desc limit 1`,
    [projectId],
  )
  return row?.cursor ?? eventStart
}
