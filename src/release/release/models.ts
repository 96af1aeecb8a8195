import type { Tx } from '../../kernel/index.ts'

/** A version as the models room knows it. Who registered and trained it is read by the database itself, at the proposal. */
export interface ReleasedVersion {
  readonly id: string
  readonly model: string
  readonly label: string
  readonly weightsDigest: string
  readonly isSynthetic: boolean
  readonly isDemo: boolean
}

/** What this room needs of the models room; main.ts puts the two together. */
export interface ReleasedModels {
  /** Refuses with kernel.not-found where the project has no such version. */
  readVersion(tx: Tx, projectId: string, versionId: string): Promise<ReleasedVersion>
  /** Makes the version callable under the name. The same wish again changes nothing: it may come twice after a crash. */
  deployVersion(tx: Tx, projectId: string, wish: { readonly name: string; readonly versionId: string }): Promise<void>
  /** Ends the deployment of that name; none, or one that has ended, is fine. */
  stopDeployment(tx: Tx, projectId: string, name: string): Promise<void>
  analyse(projectId: string, deploymentName: string, input: unknown): Promise<unknown>
}
