import type { Released, ReleasedModel, Stage } from './apps/index.ts'
import type { Kernel, Tx } from './kernel/index.ts'
import { deployVersion, type EcgInput, findVersionById, type ModelsRoom, stopDeployment } from './models/index.ts'
import { readRelease, type ReleasedModels, type ReleaseRoom, type StoredRelease } from './release/index.ts'
import { httpProblem, Problem } from './kernel/index.ts'

/** What the release room needs of the models room. */
export function releasedModels(kernel: Kernel, models: ModelsRoom): ReleasedModels {
  return {
    async readVersion(tx, projectId, versionId) {
      const version = await findVersionById(tx, versionId)
      if (version === null || version.projectId !== projectId)
        throw httpProblem('kernel.not-found', { kind: 'version', id: versionId })
      const { id, model, label, weightsDigest, trainingJobId, createdBy, synthetic, demo } = version
      return { id, model, label, weightsDigest, trainingJobId, createdBy, isSynthetic: synthetic, isDemo: demo }
    },
    async deployVersion(tx, projectId, { name, versionId }) {
      const version = await findVersionById(tx, versionId)
      if (version === null) throw httpProblem('kernel.not-found', { kind: 'version', id: versionId })
      const running = await tx.maybe<{ version_id: string }>(
        `select version_id from compute.deployment where project_id = $1 and name = $2 and state <> 'stopped'`,
        [projectId, name],
      )
      if (running?.version_id === versionId) return
      const project = await projectOf(tx, projectId)
      if (running !== null) await stopDeployment(tx, project, name)
      await deployVersion(tx, project, { name, model: version.model, version: version.label, replicas: 1 })
    },
    async stopDeployment(tx, projectId, name) {
      try {
        await stopDeployment(tx, await projectOf(tx, projectId), name)
      } catch (error) {
        // None of that name is what was wished for.
        if (!(error instanceof Problem) || error.code !== 'kernel.not-found') throw error
      }
    },
    analyse: (projectId, deployment, input) => models.analyse(projectId, deployment, input as EcgInput),
  }
}

async function projectOf(tx: Tx, projectId: string) {
  const row = await tx.one<{ slug: string; is_demo: boolean }>(
    'select slug, is_demo from kernel.project where id = $1',
    [projectId],
  )
  return { id: projectId, slug: row.slug, isDemo: row.is_demo }
}

const servedStages: readonly string[] = ['shadow', 'pilot', 'live']

/** What the applications need of the release room. */
export function releasedFor(kernel: Kernel, release: ReleaseRoom, models: ReleasedModels): Released {
  const shown = async (tx: Tx, found: StoredRelease): Promise<ReleasedModel> => {
    const version = await models.readVersion(tx, found.projectId, found.versionId)
    return {
      releaseId: found.id,
      versionId: found.versionId,
      purpose: found.purpose,
      modelLabel: `${found.model} ${found.label}`,
      weightsDigest: found.weightsDigest,
      stage: found.state as Stage,
      isSynthetic: version.isSynthetic,
      isDemo: version.isDemo,
    }
  }
  return {
    async live(tx, projectId, purpose, site) {
      const found = await release.liveRelease(tx, projectId, purpose, site)
      return found === null ? null : shown(tx, await readRelease(tx, projectId, found.id))
    },
    async served(tx, projectId, releaseId) {
      const found = await readRelease(tx, projectId, releaseId)
      return servedStages.includes(found.state) ? shown(tx, found) : null
    },
    analyse: (projectId, releaseId, input) => release.analyseReleased(projectId, releaseId, input),
  }
}
