import type { Tx } from '../database/database.ts'

/** One deed as it is written in the change's own transaction; the sealer chains it afterwards. */
export interface Deed {
  readonly action: string
  readonly outcome: 'done' | 'refused'
  readonly projectId?: string | null
  readonly targetKind?: string | null
  readonly targetId?: string | null
  readonly problem?: string | null
  readonly requestId?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Writes who did what to which. The actor is the transaction's own: nobody can write in another's name. */
export async function recordDeed(tx: Tx, deed: Deed): Promise<void> {
  const { actor } = tx
  const person = actor.kind === 'person' ? actor : null
  const name = actor.kind === 'person' ? actor.name : actor.kind === 'capability' ? actor.capability : 'stranger'
  await tx.change(
    `insert into kernel.audit_row (actor_kind, actor_id, actor_name, organisation_id, project_id, action, target_kind, target_id, outcome, problem, request_id, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      actor.kind,
      person?.userId ?? null,
      name,
      person?.organisationId ?? null,
      deed.projectId ?? null,
      deed.action,
      deed.targetKind ?? null,
      deed.targetId ?? null,
      deed.outcome,
      deed.problem ?? null,
      deed.requestId ?? null,
      deed.detail ?? {},
    ],
  )
}
