import type { Kernel, MigrationFolder, Room, Tx } from '../kernel/index.ts'
import { dossierMounts } from './dossier/routes.ts'
import { policyRoutes } from './policy/routes.ts'
import type { Release } from './release/contract.ts'
import type { ReleasedModels } from './release/models.ts'
import { releaseRoutes } from './release/routes.ts'
import { analyseReleased, liveRelease, releaseWork, servedRelease } from './release/serving.ts'
import { shownRelease } from './release/store.ts'

export { decide } from './approval/approvals.ts'
export { setPolicy, suggestedPolicy } from './policy/policies.ts'
export type { Release } from './release/contract.ts'
export type { Stage } from './release/domain.ts'
export type { ReleasedModels, ReleasedVersion } from './release/models.ts'
export { advance, propose, withdraw } from './release/releases.ts'
export { readRelease, type StoredRelease } from './release/store.ts'

export const releaseMigrations: MigrationFolder = { room: 'release', folder: new URL('./migrations/', import.meta.url) }

export interface ReleaseRoom extends Room {
  /**
   * The release that is live for a purpose, or null. Without a site it is refused where several have one. Its gate's signed
   * statement is verified first.
   */
  liveRelease(tx: Tx, projectId: string, purpose: string, site?: string): Promise<Release | null>
  /** A release by its id while it is in shadow, pilot or live, or null. Its gate's signed statement is verified first. */
  servedRelease(tx: Tx, projectId: string, releaseId: string): Promise<Release | null>
  /** Asks a release that is in shadow, pilot or live; refused at once after it was withdrawn. */
  analyseReleased(projectId: string, releaseId: string, input: unknown): Promise<unknown>
}

export function openRelease(kernel: Kernel, models: ReleasedModels): ReleaseRoom {
  return {
    name: 'release',
    routes: [...policyRoutes, ...releaseRoutes(kernel, models)],
    mounts: dossierMounts(kernel, models),
    work: releaseWork(kernel, models),
    async liveRelease(tx, projectId, purpose, site) {
      const release = await liveRelease(tx, kernel, projectId, purpose, site)
      return release === null ? null : shownRelease(release)
    },
    async servedRelease(tx, projectId, releaseId) {
      const release = await servedRelease(tx, kernel, projectId, releaseId)
      return release === null ? null : shownRelease(release)
    },
    analyseReleased: (projectId, releaseId, input) => analyseReleased(kernel, models, projectId, releaseId, input),
  }
}
