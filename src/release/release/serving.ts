import { capability, type Kernel, openStatement, type Tx, type WorkTable } from '../../kernel/index.ts'
import { ringOf, saidAs } from '../gate/statements.ts'
import { gateEnvelope } from '../gate/store.ts'
import { deploymentName, isServed } from './domain.ts'
import type { ReleasedModels } from './models.ts'
import { problem } from './problems.ts'
import { liveReleases, readRelease, releaseById, type StoredRelease } from './store.ts'

/** The release that is live for a purpose, or null. The gate that let it in is verified before anything relies on it. */
export async function liveRelease(
  tx: Tx,
  kernel: Kernel,
  projectId: string,
  purpose: string,
  site?: string,
): Promise<StoredRelease | null> {
  const live = await liveReleases(tx, projectId, purpose)
  const meant = site === undefined ? live : live.filter((one) => one.site === site)
  if (meant.length > 1)
    throw problem('release.site-needed', { purpose, sites: meant.map((one) => one.site).join(', ') })
  const [release] = meant
  if (release === undefined) return null
  await refuseUnproved(tx, kernel, release)
  return release
}

/** A release while it is served, or null. */
export async function servedRelease(
  tx: Tx,
  kernel: Kernel,
  projectId: string,
  releaseId: string,
): Promise<StoredRelease | null> {
  const release = await releaseById(tx, releaseId)
  if (release === null || release.projectId !== projectId || !isServed(release.state)) return null
  await refuseUnproved(tx, kernel, release)
  return release
}

/** Asks a release: in shadow, pilot or live, while its gate's statement holds. */
export async function analyseReleased(
  kernel: Kernel,
  models: ReleasedModels,
  projectId: string,
  releaseId: string,
  input: unknown,
): Promise<unknown> {
  await kernel.database.transaction(capability('scheduler'), async (tx) => {
    const release = await readRelease(tx, projectId, releaseId)
    if (!isServed(release.state)) throw problem('release.not-served', { id: releaseId, state: release.state })
    await refuseUnproved(tx, kernel, release)
  })
  return models.analyse(projectId, deploymentName(releaseId), input)
}

/**
 * The database holds approvals and states apart but can't verify a signature: here the gate's statement must open with a
 * key of this ring and speak of this release. A row that was written round the base serves nobody.
 */
async function refuseUnproved(tx: Tx, kernel: Kernel, release: StoredRelease): Promise<void> {
  const broken = (reason: string) =>
    problem('release.evidence-broken', { id: release.id, state: release.state, reason })
  const envelope = await gateEnvelope(tx, release.id, release.state)
  if (envelope === null) throw broken('there is none')
  const opened = openStatement(envelope, await ringOf(tx, kernel))
  if (!opened.ok) throw broken(opened.refusal.problem.code)
  const said = saidAs(opened.value, 'gate')
  if (said?.releaseId !== release.id || said.to !== release.state || said.outcome !== 'open')
    throw broken('it speaks of something else')
}

/**
 * What follows from a move, outside its transaction. Each may come twice and in any order. A release may be withdrawn while
 * it is deployed: so the state is looked at again once that is done, and by whoever takes the work up after a crash.
 */
export function releaseWork(kernel: Kernel, models: ReleasedModels): WorkTable {
  const withRelease = (payload: unknown, act: (tx: Tx, release: StoredRelease) => Promise<void>) =>
    kernel.database.transaction(capability('scheduler'), async (tx) => {
      const { releaseId } = payload as { releaseId: string }
      const release = await releaseById(tx, releaseId)
      if (release !== null) await act(tx, release)
    })
  const deployServed = async (tx: Tx, { id, projectId, versionId, state }: StoredRelease) => {
    if (isServed(state)) await models.deployVersion(tx, projectId, { name: deploymentName(id), versionId })
  }
  const stopUnserved = async (tx: Tx, { id, projectId, state }: StoredRelease) => {
    if (!isServed(state)) await models.stopDeployment(tx, projectId, deploymentName(id))
  }
  return {
    'release.deploy': async (payload) => {
      await withRelease(payload, deployServed)
      await withRelease(payload, stopUnserved)
    },
    'release.stop': (payload) => withRelease(payload, stopUnserved),
  }
}
