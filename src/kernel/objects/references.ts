import type { Tx } from '../database/database.ts'

/** Who keeps contents alive: a row of a room, by its kind and id. */
export interface ObjectOwner {
  readonly projectId: string
  readonly kind: 'snapshot' | 'job' | 'model-version' | 'evaluation' | 'case'
  readonly id: string
}

/** Notes which contents a row keeps from being collected, in the transaction that writes the row. */
export async function referObjects(tx: Tx, owner: ObjectOwner, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return
  await tx.change(
    `insert into kernel.object_reference (sha256, project_id, owner_kind, owner_id)
     select distinct d, $2::uuid, $3::text, $4 from unnest($1::text[]) d on conflict do nothing`,
    [digests, owner.projectId, owner.kind, owner.id],
  )
}
