import { brokenConstraint, type Kernel, recordEvent, type Tx } from '../../kernel/index.ts'
import type { ApprovalRule } from '../policy/contract.ts'
import { policyById } from '../policy/store.ts'
import type { Check } from '../gate/contract.ts'
import { saidAs, type Verified } from '../gate/statements.ts'
import { type Both, both, joined, partiesText } from '../gate/words.ts'
import type { GatedStage } from '../release/domain.ts'
import { type Project, stateOnRelease } from '../release/stating.ts'
import { lastStatement, type StoredRelease } from '../release/store.ts'
import type { Approval, NewApproval } from './contract.ts'
import { problem } from './problems.ts'
import { approvalRows, type ApprovalRow, insertApproval } from './store.ts'

/** Decides on the next stage of a release in the name of whoever acts: signed, and refused where the duties must be apart. */
export async function decide(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  release: StoredRelease,
  wish: NewApproval,
): Promise<void> {
  const policy = await policyById(tx, release.policyId)
  const statementDigest = await stateOnRelease(tx, kernel, project, release, policy, 'approval', {
    previous: [await lastStatement(tx, release.id)],
    from: release.state,
    to: wish.to,
    role: 'approver',
    decision: wish.decision,
    conditions: wish.conditions,
    reason: wish.reason,
    expiresAt: null,
  })
  try {
    await insertApproval(tx, {
      projectId: project.id,
      releaseId: release.id,
      from: release.state,
      to: wish.to,
      decision: wish.decision,
      reason: wish.reason,
      statementDigest,
    })
  } catch (error) {
    throw asProblem(error, release, wish.to, policy.rules.gates[wish.to].approvals)
  }
  await recordEvent(tx, {
    projectId: project.id,
    kind: `release.${wish.decision}`,
    subjectId: release.id,
    detail: { to: wish.to },
  })
}

function asProblem(error: unknown, release: StoredRelease, to: GatedStage, rule: ApprovalRule): unknown {
  switch (brokenConstraint(error)) {
    case 'approval_not_author':
      return problem('release.approval-by-author', {}, error)
    case 'approval_by_approver':
      return problem('release.approval-not-approver', {}, error)
    case 'approval_once':
      return problem('release.approval-given', { to }, error)
    case 'approval_by_party':
      return problem('release.approval-not-a-party', { parties: rule.parties.join(', ') }, error)
    case 'approval_of_next_stage':
    case 'approval_transition':
      return problem('release.approval-of-other-stage', { state: release.state, to }, error)
    default:
      return error
  }
}

export interface Judgement {
  readonly checks: readonly Check[]
  /** Digests of the approvals that count. */
  readonly statements: readonly string[]
}

/**
 * Judges the approvals of one stage. A row counts only with its signed statement. One refusal keeps the stage shut: the way
 * on is a new proposal. The database counts again when the release moves.
 */
export async function judgeApprovals(
  tx: Tx,
  release: StoredRelease,
  to: GatedStage,
  rule: ApprovalRule,
  all: readonly Verified[],
): Promise<Judgement> {
  const signed = new Map(all.map((one) => [one.digest, one]))
  const rows = (await approvalRows(tx, release.id)).filter(
    (row) => row.to_state === to && signed.has(row.statement_digest),
  )
  const approved = rows.filter((row) => row.decision === 'approved' && !release.authors.includes(row.person_id))
  const refused = rows.filter((row) => row.decision === 'refused')
  const named = (row: ApprovalRow): Both => {
    const by = saidOf(signed, row)?.by
    const name = `${by?.name ?? row.person_id} (${by?.organisation ?? '–'})`
    return both(name, name)
  }
  const organisations = new Set(approved.map((row) => row.organisation_id)).size
  const isEnough = approved.length >= rule.count && (!rule.distinctOrganisations || organisations >= rule.count)
  const parties = partiesText(rule.parties)
  const apart = rule.distinctOrganisations
    ? { en: ', each of another organisation', zh: '，且分属不同机构' }
    : { en: '', zh: '' }
  const digests = (of: readonly ApprovalRow[]) => of.map((row) => row.statement_digest)
  const checks: Check[] = [
    {
      id: 'approvals',
      title: both('Approvals', '批准'),
      required: both(
        `${rule.count} by approvers of ${parties.en}, none of them an author${apart.en}`,
        `${rule.count} 份，由${parties.zh}的审批人给出，且均非作者${apart.zh}`,
      ),
      observed:
        approved.length === 0
          ? both('none yet', '尚无')
          : joined([both(`${approved.length}`, `${approved.length} 份`), joined(approved.map(named))], {
              en: ': ',
              zh: '：',
            }),
      outcome: isEnough ? 'pass' : 'fail',
      evidence: digests(approved),
    },
    {
      id: 'refusals',
      title: both('Refusals', '拒绝'),
      required: both('no approver has refused', '没有审批人拒绝'),
      observed:
        refused.length === 0
          ? both('none', '无')
          : joined(refused.map((row) => joined([named(row), both(row.reason, row.reason)], { en: ': ', zh: '：' }))),
      outcome: refused.length === 0 ? 'pass' : 'fail',
      evidence: digests(refused),
    },
  ]
  return { checks, statements: digests(approved) }
}

function saidOf(signed: ReadonlyMap<string, Verified>, row: ApprovalRow) {
  const statement = signed.get(row.statement_digest)
  return statement === undefined ? null : saidAs(statement, 'approval')
}

/** The decisions on a release as they were signed. */
export async function approvalsOf(tx: Tx, releaseId: string, all: readonly Verified[]): Promise<Approval[]> {
  const signed = new Map(all.map((one) => [one.digest, one]))
  return (await approvalRows(tx, releaseId)).map((row) => {
    const by = saidOf(signed, row)?.by
    return {
      from: row.from_state,
      to: row.to_state,
      person: by?.name ?? row.person_id,
      organisation: by?.organisation ?? null,
      role: 'approver' as const,
      decision: row.decision,
      reason: row.reason,
      statement: row.statement_digest,
      decidedAt: row.decided_at.toISOString(),
    }
  })
}
