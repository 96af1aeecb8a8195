import { brokenConstraint, enqueue, type Kernel, recordEvent, type Tx } from '../../kernel/index.ts'
import { judge } from '../gate/judge.ts'
import { insertGate } from '../gate/store.ts'
import { joined, signedText, stageWords } from '../gate/words.ts'
import { newestPolicy, policyById } from '../policy/store.ts'
import type { NewRelease } from './contract.ts'
import { canMoveRelease, type GatedStage, nextStage, type Stage } from './domain.ts'
import type { ReleasedModels } from './models.ts'
import { problem } from './problems.ts'
import { type Project, stateOnRelease } from './stating.ts'
import { insertMove, insertRelease, lastStatement, readRelease, type StoredRelease } from './store.ts'

/** Proposes a version for one purpose at one site, under the policy that holds now. */
export async function propose(
  tx: Tx,
  kernel: Kernel,
  models: ReleasedModels,
  project: Project,
  wish: NewRelease,
): Promise<StoredRelease> {
  const policy = await newestPolicy(tx, project.id)
  if (policy === null) throw problem('release.no-policy')
  const version = await models.readVersion(tx, project.id, wish.version)
  let release: StoredRelease
  try {
    release = await insertRelease(tx, project.id, {
      policyId: policy.id,
      versionId: version.id,
      model: version.model,
      label: version.label,
      weightsDigest: version.weightsDigest,
      purpose: wish.purpose,
      site: wish.site,
      scope: wish.scope,
      synthetic: version.isSynthetic,
      demo: version.isDemo || project.isDemo,
    })
  } catch (error) {
    const broken = brokenConstraint(error)
    if (broken === 'release_of_version') throw problem('release.version-differs', { id: wish.version }, error)
    if (broken === 'release_by_proposer') throw problem('release.not-allowed', { to: 'proposed' }, error)
    if (broken === 'release_newest_policy') throw problem('release.moved-meanwhile', {}, error)
    throw error
  }
  await move(tx, kernel, project, release, null, 'proposed', wish.reason, [])
  return release
}

/**
 * Takes a release through its next gate. The gate is judged now, its statement signed, and the move is refused by the
 * database again if the duties are not apart or an approval is lacking.
 */
export async function advance(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  release: StoredRelease,
  to: GatedStage,
  reason: string,
): Promise<StoredRelease> {
  if (!canMoveRelease(release.state, to)) throw notNext(release, to)
  const { policy, checks, isOpen } = await judge(tx, kernel, release, to)
  if (!isOpen) {
    const lacking = joined(
      checks
        .filter((check) => check.outcome !== 'pass')
        .map(({ title, required, observed }) =>
          joined([title, required, ...(observed === null ? [] : [observed])], { en: ' – ', zh: ' – ' }),
        ),
    )
    throw problem('release.gate-shut', { to, lackingEn: lacking.en, lackingZh: lacking.zh })
  }
  const used = checks.flatMap((check) => check.evidence)
  const gate = await stateOnRelease(tx, kernel, project, release, policy, 'gate', {
    previous: [...new Set([await lastStatement(tx, release.id), ...used])],
    gate: { id: to, version: String(policy.version) },
    from: release.state,
    to,
    checks: checks.map((check) => ({
      id: check.id,
      title: signedText(check.title),
      outcome: check.outcome,
      required: signedText(check.required),
      observed: check.observed === null ? null : signedText(check.observed),
      evidence: [...check.evidence],
    })),
    outcome: 'open',
    expiresAt: null,
  })
  await insertGate(tx, release, to, 'open', gate)
  await move(tx, kernel, project, release, release.state, to, reason, [gate])
  if (to === 'shadow')
    await enqueue(tx, 'release.deploy', { releaseId: release.id }, { key: `release.deploy ${release.id}` })
  return readRelease(tx, project.id, release.id)
}

/** Takes a release out of use, at once: from the commit on nothing answers in its name, and its deployment is stopped. */
export async function withdraw(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  release: StoredRelease,
  reason: string,
): Promise<StoredRelease> {
  if (!canMoveRelease(release.state, 'withdrawn')) throw notNext(release, 'withdrawn')
  await move(tx, kernel, project, release, release.state, 'withdrawn', reason, [await lastStatement(tx, release.id)])
  await enqueue(tx, 'release.stop', { releaseId: release.id }, { key: `release.stop ${release.id}`, priority: -100 })
  return readRelease(tx, project.id, release.id)
}

/** The one way in which a release comes into a state: a signed statement, the move, and the news of it. */
async function move(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  release: StoredRelease,
  from: Stage | null,
  to: Stage,
  reason: string,
  previous: string[],
): Promise<void> {
  const policy = await policyById(tx, release.policyId)
  const statementDigest = await stateOnRelease(tx, kernel, project, release, policy, 'release', {
    previous,
    purpose: release.purpose,
    site: release.site,
    from,
    to,
    scope: release.scope,
    reason,
  })
  try {
    await insertMove(tx, release, { from, to, reason, statementDigest })
  } catch (error) {
    throw moveProblem(error, release, to)
  }
  await recordEvent(tx, {
    projectId: project.id,
    kind: `release.${to}`,
    subjectId: release.id,
    detail: { purpose: release.purpose, site: release.site, model: release.model, label: release.label, reason },
  })
}

function moveProblem(error: unknown, release: StoredRelease, to: Stage): unknown {
  const { purpose, site } = release
  switch (brokenConstraint(error)) {
    case 'move_by_mover':
      return problem('release.not-allowed', { to }, error)
    case 'move_from_state':
    case 'move_once':
    case 'release_not_refused':
    case 'release_approved':
    case 'release_approved_apart':
      return problem('release.moved-meanwhile', {}, error)
    case 'release_one_live':
      return problem('release.live-already', { purpose, site }, error)
    default:
      return error
  }
}

function notNext(release: StoredRelease, to: Stage) {
  const next = nextStage(release.state)
  return problem('release.not-next-stage', {
    state: release.state,
    to,
    next: next === null ? '–' : (stageWords[next]?.en ?? next),
  })
}
