import type { z } from 'zod'
import type { Project } from '../../data/index.ts'
import type { Tx } from '../../kernel/index.ts'
import type { Case, Dictionary, NewFinding } from './case/contract.ts'
import type { StoredCase } from './case/store.ts'

type Json = Case['summary']

/** What one application says of one input. */
export interface Answered {
  /** Kept whole, by digest. */
  readonly answer: Json
  /** What of it is shown with the case. */
  readonly summary: Json
  /** In the application's own order; the kit ranks them by urgency. */
  readonly findings: readonly NewFinding[]
}

/** A decision's corrections as labelled data. */
export interface KeptCorrections {
  readonly snapshotId: string
  readonly snapshotDigest: string
}

/** One clinical application: what the kit needs of it to open, answer, decide and list its cases. */
export interface Application<Corrections extends z.ZodType = z.ZodType> {
  /** Also its part of the address, `apps/<id>`. */
  readonly id: string
  /** What its release is for: the release room knows it by this. */
  readonly purpose: string
  /** Its case's name in operations, such as `ecg-case`. */
  readonly noun: string
  /** Its analysis in the work table. */
  readonly task: string
  readonly dictionary: Dictionary
  /** What a clinician may correct beside findings. */
  readonly corrections: Corrections
  /** Asks the released model and reads its answer; throws a problem where the case is refused. */
  analyse(found: StoredCase, ask: (input: object) => Promise<unknown>): Promise<Answered>
  /** Makes a labelled snapshot of what was corrected, in the decision's transaction; null where nothing was. */
  keepCorrections(
    tx: Tx,
    project: Project,
    found: StoredCase,
    corrections: z.infer<Corrections>,
  ): Promise<KeptCorrections | null>
}
