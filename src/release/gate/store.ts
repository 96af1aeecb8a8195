import type { Envelope, Tx } from '../../kernel/index.ts'
import type { GatedStage, Stage } from '../release/domain.ts'
import type { StoredRelease } from '../release/store.ts'

/** Records what a signed statement says about a gate. */
export async function insertGate(
  tx: Tx,
  release: StoredRelease,
  to: GatedStage,
  outcome: 'open' | 'shut',
  statementDigest: string,
): Promise<void> {
  const judge = tx.actor.kind === 'person' ? tx.actor.userId : null
  await tx.change(
    `insert into release.gate (project_id, release_id, policy_id, from_state, to_state, outcome, statement_digest, judged_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [release.projectId, release.id, release.policyId, release.state, to, outcome, statementDigest, judge],
  )
}

/** The signed statement of the gate through which a release came into its stage; null where there is none. */
export async function gateEnvelope(tx: Tx, releaseId: string, stage: Stage): Promise<Envelope | null> {
  const row = await tx.maybe<{ envelope: Envelope }>(
    `select s.envelope from release.gate g
       join kernel.statement s on s.project_id = g.project_id and s.envelope_sha256 = g.statement_digest
      where g.release_id = $1 and g.to_state = $2 and g.outcome = 'open' order by g.id desc limit 1`,
    [releaseId, stage],
  )
  return row?.envelope ?? null
}
