import type { Tx } from '../../kernel/index.ts'
import type { Stage } from './stages.ts'

export { type Stage, stages } from './stages.ts'

/** What is in force for one purpose at one site. */
export interface ReleasedModel {
  readonly releaseId: string
  readonly versionId: string
  /** What it was released for. */
  readonly purpose: string
  /** Name and version, as a person reads it. */
  readonly modelLabel: string
  /** SHA-256 of the weights that answer. */
  readonly weightsDigest: string
  readonly stage: Stage
  /** Whether any of the data behind the model is synthetic. */
  readonly isSynthetic: boolean
  /** Whether it was released to show the product, and nobody relies on it. */
  readonly isDemo: boolean
}

/** The release room as an application sees it: it never holds a model, only what was released for its site. */
export interface Released {
  /** The release that is live for the purpose, or null; where several sites have one, the site must be named. */
  live(tx: Tx, projectId: string, purpose: string, site?: string): Promise<ReleasedModel | null>
  /** A release by its id while it is served (shadow, pilot or live), or null. */
  served(tx: Tx, projectId: string, releaseId: string): Promise<ReleasedModel | null>
  /** The released model's answer, in the shape of its family; throws a problem where the input is out of scope. */
  analyse(projectId: string, releaseId: string, input: object): Promise<unknown>
}
