import type { Project } from '../data/index.ts'
import type { Kernel, MigrationFolder, Room, Tx } from '../kernel/index.ts'
import { ecgInterpretation } from './ecg-interpretation/application.ts'
import { type Opening, openFromSnapshot, type SnapshotWish } from './ecg-interpretation/opening.ts'
import { ecgRoutes } from './ecg-interpretation/routes.ts'
import { ecgStreams } from './ecg-interpretation/streams.ts'
import { analysisOf } from './kit/case/jobs.ts'
import type { Released } from './kit/released.ts'

export { ecgPurpose } from './ecg-interpretation/application.ts'
export type { SnapshotWish } from './ecg-interpretation/opening.ts'
export { releasedFrom } from './kit/release-room.ts'
export type { Released, ReleasedModel, Stage } from './kit/released.ts'

export const appsMigrations: MigrationFolder = { room: 'apps', folder: new URL('./migrations/', import.meta.url) }

export interface AppsRoom extends Room {
  /** Opens an ECG case of a recording in a snapshot, in the caller's transaction; the analysis follows. */
  openEcgCase(tx: Tx, project: Project, wish: SnapshotWish): Promise<{ readonly id: string }>
}

/** The clinical applications over what is released; they never hold a model. */
export function openApps(kernel: Kernel, released: Released): AppsRoom {
  const ecg: Opening = { kernel, released, application: ecgInterpretation(kernel) }
  return {
    name: 'apps',
    routes: ecgRoutes(ecg),
    mounts: [(app) => ecgStreams(app, ecg)],
    work: { [ecg.application.task]: analysisOf(kernel, released, ecg.application) },
    openEcgCase: (tx, project, wish) => openFromSnapshot(tx, ecg, project, wish),
  }
}
