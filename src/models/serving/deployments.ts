import {
  type Deployment,
  findDeployment,
  insertDeployment,
  moveDeployment,
  shownDeployment,
} from '../../compute/index.ts'
import type { Project } from '../../data/index.ts'
import { httpProblem, type Tx } from '../../kernel/index.ts'
import { findVersionById, type StoredVersion } from '../version/store.ts'
import { readVersion } from '../version/versions.ts'
import type { NewDeployment, ServedDeployment } from './contract.ts'

/** Makes a version callable under a name. It is opened once this is committed; until then it is pending. */
export async function deployVersion(tx: Tx, project: Project, wish: NewDeployment): Promise<ServedDeployment> {
  const version = await readVersion(tx, project.id, wish.model, wish.version)
  const { name, replicas } = wish
  const deployment = await insertDeployment(tx, project.id, {
    name,
    versionId: version.id,
    replicas,
    isDemo: project.isDemo,
  })
  return servedOf(project.slug, deployment, version)
}

/** Stops a deployment for good; what it has accepted is still answered. Returns it as it is now. */
export async function stopDeployment(tx: Tx, project: Project, key: string): Promise<ServedDeployment> {
  const deployment = await readDeployment(tx, project.id, key)
  // Where it moved meanwhile (it became ready, say), the wish holds for what it is now.
  if (!(await moveDeployment(tx, deployment, 'stopped')))
    await moveDeployment(tx, await readDeployment(tx, project.id, deployment.id), 'stopped')
  return describeDeployment(tx, project, await readDeployment(tx, project.id, deployment.id))
}

export async function readDeployment(tx: Tx, projectId: string, key: string): Promise<Deployment> {
  const deployment = await findDeployment(tx, projectId, key)
  if (deployment === null) throw httpProblem('kernel.not-found', { kind: 'deployment', id: key })
  return deployment
}

export async function describeDeployment(
  tx: Tx,
  project: Pick<Project, 'slug'>,
  deployment: Deployment,
): Promise<ServedDeployment> {
  return servedOf(project.slug, deployment, await versionOf(tx, deployment))
}

export async function versionOf(tx: Tx, deployment: Deployment): Promise<StoredVersion> {
  const version = await findVersionById(tx, deployment.versionId)
  if (version === null) throw new Error(`the deployment ${deployment.id} names a version that is not there`)
  return version
}

function servedOf(projectSlug: string, deployment: Deployment, version: StoredVersion): ServedDeployment {
  const { model, label, kind, synthetic, signature } = version
  return {
    ...shownDeployment(deployment),
    model,
    label,
    kind,
    synthetic,
    networks: signature.networks.map(({ name }) => oipName(projectSlug, deployment.name, version, name)),
  }
}

/** `<project>.<deployment>` where there is one network to call, else `<project>.<deployment>.<network>`. */
function oipName(projectSlug: string, deployment: string, { kind, signature }: StoredVersion, network: string): string {
  const base = `${projectSlug}.${deployment}`
  return kind === 'onnx' && signature.networks.length === 1 ? base : `${base}.${network}`
}
