import assert from 'node:assert/strict'
import { type Predicate, state, type Tx } from '../kernel/index.ts'
import { predicateOf } from '../kernel/evidence/testing.ts'
import type { TestPerson } from '../kernel/testing.ts'
import { decide } from './approval/approvals.ts'
import type { GatedStage, Stage } from './release/domain.ts'
import { advance, propose } from './release/releases.ts'
import { readRelease } from './release/store.ts'
import { type ReleaseBase, weights } from './testing.ts'

type Said = 'gate' | 'approval' | 'release'

/** A new release, with what somebody could try to write about it into the tables by hand. */
export async function rawRelease(base: ReleaseBase, site: string) {
  const project = { ...base.project, isDemo: false }
  const wish = { version: base.versionId, purpose: 'ecg', site, scope: 'adults', reason: 'first use' }
  const readVersion = async () => ({
    id: base.versionId,
    model: 'ecg-beats',
    label: '1.0.0',
    weightsDigest: weights,
    isSynthetic: false,
    isDemo: false,
  })
  const unused = async () => assert.fail('nothing is deployed here')
  const models = { readVersion, deployVersion: unused, stopDeployment: unused, analyse: unused }
  const release = await base.actAs(base.people.author, (tx) => propose(tx, base.kernel, models, project, wish))
  const current = () => base.actAs(base.people.owner, (tx) => readRelease(tx, project.id, release.id))
  const decideOn = async (who: TestPerson, to: GatedStage, decision: 'approved' | 'refused') => {
    const now = await current()
    const wish = { to, decision, conditions: [], reason: 'looked at it' }
    await base.actAs(who, (tx) => decide(tx, base.kernel, project, now, wish))
  }
  const go = async (to: GatedStage) => {
    const now = await current()
    await base.actAs(base.people.author, (tx) => advance(tx, base.kernel, project, now, to, 'as planned'))
  }
  return {
    ...release,
    current,
    go,
    approve: (who: TestPerson, to: GatedStage) => decideOn(who, to, 'approved'),
    refuse: (who: TestPerson, to: GatedStage) => decideOn(who, to, 'refused'),
    async toPilot() {
      for (const to of ['shadow', 'pilot'] as const) {
        await decideOn(base.people.approver, to, 'approved')
        await go(to)
      }
    },
    /** Keeps a statement that says whatever the caller wants, signed with any key: a member could write that into the table. */
    forge<K extends Said>(tx: Tx, kind: K, said: Partial<Predicate<K>>, by: TestPerson, key = base.kernel.signer) {
      const changed = {
        releaseId: release.id,
        by: { kind: 'person' as const, id: by.id, name: by.handle, organisation: null },
        ...said,
      } as unknown as Partial<Predicate<K>>
      const subject = [{ name: 'ecg-beats 1.0.0', digest: { sha256: weights } }]
      return state(tx, key, project.id, kind, subject, predicateOf(kind, changed))
    },
    insertMove: (tx: Tx, from: Stage | null, to: Stage, by: TestPerson, digest: string) =>
      tx.change(
        `insert into release.move (project_id, release_id, from_state, to_state, reason, moved_by, statement_digest)
         values ($1, $2, $3, $4, 'round', $5, $6)`,
        [project.id, release.id, from, to, by.id, digest],
      ),
    insertApproval: (tx: Tx, from: Stage, to: Stage, by: TestPerson, digest: string) =>
      tx.change(
        `insert into release.approval (project_id, release_id, from_state, to_state, person_id, organisation_id, role, decision, reason, statement_digest)
         values ($1, $2, $3, $4, $5, (select organisation_id from kernel.person where id = $5), 'approver', 'approved', 'round', $6)`,
        [project.id, release.id, from, to, by.id, digest],
      ),
    insertGate: (tx: Tx, from: Stage, to: Stage, by: TestPerson, digest: string) =>
      tx.change(
        `insert into release.gate (project_id, release_id, policy_id, from_state, to_state, outcome, statement_digest, judged_by)
         values ($1, $2, $3, $4, $5, 'open', $6, $7)`,
        [project.id, release.id, release.policyId, from, to, digest, by.id],
      ),
  }
}
export type RawRelease = Awaited<ReturnType<typeof rawRelease>>

/** The constraint by which a statement is refused, `denied` for a missing privilege or policy, `done` where it went through. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string }
    if (code === '42501') return 'denied'
    if (constraint !== undefined) return constraint
    throw error
  }
}
