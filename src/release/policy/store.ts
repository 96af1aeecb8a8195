import { brokenConstraint, type Tx } from '../../kernel/index.ts'
import { type Policy, policyRules, type PolicyRules } from './contract.ts'
import { problem } from './problems.ts'

/** A policy with the id by which a release holds on to it. */
export interface StoredPolicy extends Policy {
  readonly id: string
}

interface PolicyRow {
  id: string
  version: number
  source: string
  source_sha256: string
  rules: unknown
  reason: string
  changed_by: string
  changed_by_name: string | null
  changed_at: Date
}

const selected = `select p.id, p.version, p.source, p.source_sha256, p.rules, p.reason, p.changed_by, w.name as changed_by_name, p.changed_at
    from release.policy p left join kernel.person w on w.id = p.changed_by`

function policyOf(row: PolicyRow): StoredPolicy {
  return {
    id: row.id,
    version: row.version,
    source: row.source,
    sourceSha256: row.source_sha256,
    rules: policyRules.parse(row.rules),
    reason: row.reason,
    changedBy: row.changed_by,
    changedByName: row.changed_by_name,
    changedAt: row.changed_at.toISOString(),
  }
}

/** What crosses the API of a policy. */
export function shownPolicy({ id: _id, ...shown }: StoredPolicy): Policy {
  return shown
}

/** Newest first. */
export async function policies(tx: Tx, projectId: string): Promise<StoredPolicy[]> {
  const rows = await tx.rows<PolicyRow>(`${selected} where p.project_id = $1 order by p.version desc`, [projectId])
  return rows.map(policyOf)
}

export async function newestPolicy(tx: Tx, projectId: string): Promise<StoredPolicy | null> {
  const row = await tx.maybe<PolicyRow>(`${selected} where p.project_id = $1 order by p.version desc limit 1`, [
    projectId,
  ])
  return row === null ? null : policyOf(row)
}

export async function policyById(tx: Tx, id: string): Promise<StoredPolicy> {
  return policyOf(await tx.one<PolicyRow>(`${selected} where p.id = $1`, [id]))
}

export interface NewPolicyRow {
  readonly version: number
  readonly source: string
  readonly rules: PolicyRules
  readonly reason: string
}

/** Adds the next version; the database refuses whoever is no owner, and a version that somebody else took meanwhile. */
export async function insertPolicy(tx: Tx, projectId: string, row: NewPolicyRow): Promise<void> {
  const changer = tx.actor.kind === 'person' ? tx.actor.userId : null
  try {
    await tx.change(
      `insert into release.policy (project_id, version, source, source_sha256, rules, reason, changed_by)
       values ($1, $2, $3, '', $4, $5, $6)`,
      [projectId, row.version, row.source, row.rules, row.reason, changer],
    )
  } catch (error) {
    const broken = brokenConstraint(error)
    if (broken === 'policy_version_next' || broken === 'policy_version_once')
      throw problem('release.policy-changed-meanwhile', {}, error)
    if (broken === 'policy_by_owner') throw problem('release.policy-not-owner', {}, error)
    throw error
  }
}

/** Names of the organisations that the caller can see. */
export async function organisationNames(tx: Tx): Promise<string[]> {
  const rows = await tx.rows<{ name: string }>('select name from kernel.organisation order by name')
  return rows.map((row) => row.name)
}
