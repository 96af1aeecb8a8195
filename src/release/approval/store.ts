import type { Tx } from '../../kernel/index.ts'
import type { GatedStage, Stage } from '../release/domain.ts'

export interface ApprovalRow {
  readonly person_id: string
  readonly organisation_id: string
  readonly from_state: Stage
  readonly to_state: GatedStage
  readonly decision: 'approved' | 'refused'
  readonly reason: string
  readonly statement_digest: string
  readonly decided_at: Date
}

/** In the order in which they were given. */
export async function approvalRows(tx: Tx, releaseId: string): Promise<ApprovalRow[]> {
  return tx.rows<ApprovalRow>(
    `select person_id, organisation_id, from_state, to_state, decision, reason, statement_digest, decided_at
       from release.approval where release_id = $1 order by decided_at, id`,
    [releaseId],
  )
}

export interface NewApprovalRow {
  readonly projectId: string
  readonly releaseId: string
  readonly from: Stage
  readonly to: GatedStage
  readonly decision: 'approved' | 'refused'
  readonly reason: string
  readonly statementDigest: string
}

/** Adds a decision of whoever acts. Who may give it is decided by the database, whatever was checked before. */
export async function insertApproval(tx: Tx, row: NewApprovalRow): Promise<void> {
  const { actor } = tx
  const [person, organisation] = actor.kind === 'person' ? [actor.userId, actor.organisationId] : [null, null]
  await tx.change(
    `insert into release.approval (project_id, release_id, from_state, to_state, person_id, organisation_id, role, decision, reason, statement_digest)
     values ($1, $2, $3, $4, $5, $6, 'approver', $7, $8, $9)`,
    [
      row.projectId,
      row.releaseId,
      row.from,
      row.to,
      person,
      organisation,
      row.decision,
      row.reason,
      row.statementDigest,
    ],
  )
}
