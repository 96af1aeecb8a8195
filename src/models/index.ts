import type { Kernel, MigrationFolder, Room } from '../kernel/index.ts'
import type { EcgAnswer } from './ecg/contract.ts'
import type { EcgInput } from './ecg/pipeline.ts'
import type { InferOptions } from './runtimes/runtime.ts'
import { openAccounting } from './serving/accounting.ts'
import { ecgEndpoint, type RecordingLimits, recordingLimits } from './serving/ecg-endpoint.ts'
import { oipMount } from './serving/oip.ts'
import { deploymentRoutes } from './serving/routes.ts'
import { Serving } from './serving/serving.ts'
import { versionRoutes, versionStreams } from './version/routes.ts'

export { seedShipped, type ShippedModel, shippedAlias, shippedModels } from './bundled/bundled.ts'
export type { BeatClass, EcgAnswer, EcgBeat } from './ecg/contract.ts'
export type { EcgInput } from './ecg/pipeline.ts'
export { type Registration, registerVersion } from './import/register.ts'
export { recordTraining, type TrainingReport } from './import/training.ts'
export { weightsDigest } from './import/weights.ts'
export type { InferOptions, Runtime } from './runtimes/runtime.ts'
export type { Tensor } from './runtimes/tensor.ts'
export type { NewDeployment, ServedDeployment } from './serving/contract.ts'
export { deployVersion, stopDeployment } from './serving/deployments.ts'
export { openVersion, type OpenVersion, type RunnableVersion } from './serving/open-version.ts'
export type { ModelCard } from './version/card.ts'
export { findVersionById, type StoredVersion } from './version/store.ts'
export { moveAlias, readVersion } from './version/versions.ts'

export const modelsMigrations: MigrationFolder = { room: 'models', folder: new URL('./migrations/', import.meta.url) }

export interface ModelsRoom extends Room {
  readonly start: () => Promise<() => Promise<void>>
  /** Every beat of a recording by a deployment of a project, or the problem that says why not. */
  analyse(projectId: string, deployment: string, input: EcgInput, options?: InferOptions): Promise<EcgAnswer>
}

export function openModels(kernel: Kernel, limits: RecordingLimits = recordingLimits): ModelsRoom {
  const accounting = openAccounting(kernel)
  const serving = new Serving(kernel, accounting)
  return {
    name: 'models',
    routes: [...versionRoutes(kernel), ...deploymentRoutes],
    mounts: [
      (app) => versionStreams(app, kernel),
      (app) => ecgEndpoint(app, kernel, serving, limits),
      (app) => oipMount(app, kernel, serving, accounting),
    ],
    work: {},
    start: () => serving.start(),
    analyse: (projectId, deployment, input, options) => serving.analyse(projectId, deployment, input, options),
  }
}
