import { type Kernel, type MigrationFolder, type Room } from '../kernel/index.ts'
import { snapshotRoutes, snapshotStreams } from './snapshot/routes.ts'

export { type Annotation, isSynthetic, type Lead, leadOf, type Recording } from './readers/recording.ts'
export { readRecording } from './readers/registry.ts'
export { encodeRecord } from './readers/wfdb/writer.ts'
export { type EcgSettings, syntheticEcg } from './synthetic/ecg.ts'
export { type Manifest, type ManifestFile, manifestSchema, type Snapshot } from './snapshot/contract.ts'
export { isSafePath } from './snapshot/domain.ts'
export { packHeader, unpack } from './snapshot/pack.ts'
export {
  createSnapshot,
  manifestDigest,
  materialise,
  missingObjects,
  type Project,
  readManifest,
  readSnapshot,
  statingActor,
} from './snapshot/snapshots.ts'
export { syntheticDataset, type SyntheticDatasetSettings, syntheticRhythms } from './synthetic/dataset.ts'

export const dataMigrations: MigrationFolder = { room: 'data', folder: new URL('./migrations/', import.meta.url) }

export function openData(kernel: Kernel): Room {
  return {
    name: 'data',
    routes: snapshotRoutes(kernel),
    mounts: [(app) => snapshotStreams(app, kernel)],
    work: {},
  }
}
