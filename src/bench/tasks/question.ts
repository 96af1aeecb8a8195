/** What a task asks of a model and what a model replies; one member a kind of input. */
import type { Recording } from '../../data/index.ts'
import type { BeatClass } from '../../statistics/index.ts'

export interface EcgQuestion {
  readonly kind: 'ecg'
  readonly recording: Recording
  /** Known R positions, samples, rising: only their classes are wanted. */
  readonly beatsAt?: readonly number[]
}
export type Question = EcgQuestion

export interface EcgReply {
  readonly kind: 'ecg'
  /** In time order; with `beatsAt` one a position. */
  readonly beats: readonly { readonly sample: number; readonly class: BeatClass }[]
}
export type Reply = EcgReply
