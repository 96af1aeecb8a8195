import { deployVersion, type EcgInput, findVersionById, type ModelsRoom, stopDeployment } from './models/index.ts'
import type { ReleasedModels } from './release/index.ts'
import { httpProblem, Problem, type Tx } from './kernel/index.ts'

/** What the release room needs of the models room. */
export function releasedModels(models: ModelsRoom): ReleasedModels {
  return {
    async readVersion(tx, projectId, versionId) {
      const version = await findVersionById(tx, versionId)
      if (version === null || version.projectId !== projectId)
        throw httpProblem('kernel.not-found', { kind: 'version', id: versionId })
      const { id, model, label, weightsDigest, synthetic, demo } = version
      return { id, model, label, weightsDigest, isSynthetic: synthetic, isDemo: demo }
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
