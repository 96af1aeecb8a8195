import type { Kernel, Tx } from '../../kernel/index.ts'
import { judgeApprovals } from '../approval/approvals.ts'
import { policyById, type StoredPolicy } from '../policy/store.ts'
import type { GatedStage } from '../release/domain.ts'
import type { StoredRelease } from '../release/store.ts'
import type { Check } from './contract.ts'
import { judgeEvidence } from './evidence.ts'
import { judgeMetric } from './metrics.ts'
import { keptStatements } from './statements.ts'

export interface JudgedGate {
  readonly policy: StoredPolicy
  readonly checks: readonly Check[]
  readonly isOpen: boolean
}

/** Judges whether a release may enter a stage, by the policy of its proposal and by signed statements alone. */
export async function judge(tx: Tx, kernel: Kernel, release: StoredRelease, to: GatedStage): Promise<JudgedGate> {
  const policy = await policyById(tx, release.policyId)
  const rule = policy.rules.gates[to]
  const { verified } = await keptStatements(tx, kernel, release.projectId)
  const metrics = rule.metrics.map((one, at) => judgeMetric(one, release.weightsDigest, verified, `metric-${at + 1}`))
  const evidence = rule.evidence.map((one, at) => judgeEvidence(one, release, verified, `evidence-${at + 1}`))
  const approvals = await judgeApprovals(tx, release, to, rule.approvals, verified)
  const checks = [...metrics, ...evidence, ...approvals.checks]
  return { policy, checks, isOpen: checks.every((check) => check.outcome === 'pass') }
}
