import type { Release, ReleaseRoom } from '../../release/index.ts'
import { type Released, type ReleasedModel, stages } from './released.ts'

/** The release room's answers as applications read them. */
export function releasedFrom(room: Pick<ReleaseRoom, 'liveRelease' | 'servedRelease' | 'analyseReleased'>): Released {
  return {
    live: async (tx, projectId, purpose, site) => modelOf(await room.liveRelease(tx, projectId, purpose, site)),
    served: async (tx, projectId, releaseId) => modelOf(await room.servedRelease(tx, projectId, releaseId)),
    analyse: (projectId, releaseId, input) => room.analyseReleased(projectId, releaseId, input),
  }
}

function modelOf(release: Release | null): ReleasedModel | null {
  const stage = stages.find((one) => one === release?.state)
  if (release === null || stage === undefined) return null
  const { id: releaseId, versionId, purpose, model, label, synthetic, demo } = release
  return {
    releaseId,
    versionId,
    purpose,
    modelLabel: `${model} ${label}`,
    weightsDigest: release.weightsDigest.replace(/^sha256:/, ''),
    stage,
    isSynthetic: synthetic,
    isDemo: demo,
  }
}
