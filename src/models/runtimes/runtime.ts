import type { Clock } from './clock.ts'
import type { Signature, Tensor } from './tensor.ts'

/** How a model is run. Every member takes all of them; a limit that has no meaning for a member is documented there. */
export interface RuntimeOptions {
  /** Threads that each hold a copy of the model and run one batch at a time. Default 1. */
  readonly workers?: number
  /** Threads that one run may use inside an operator. Default 1: workers, not operators, share the cores. */
  readonly intraOpNumThreads?: number
  /**
   * Most rows (first dimension) that one run may join from several requests. Default 1, no joining: a dynamic first
   * dimension may be time or length, where joining would mix patients, so only a model's card may raise it.
   */
  readonly maxBatch?: number
  /** How long a request may wait for others to join it. Default 0: join only what already waits. */
  readonly maxDelayMs?: number
  /** Requests that may wait; one more is refused with `models.overloaded`. Default 64. */
  readonly maxQueue?: number
  /** Bytes of input that may wait. Default 256 MiB. */
  readonly maxQueuedBytes?: number
  /** Deadline of a request that names none. Default 30,000. */
  readonly deadlineMs?: number
  /** `pass` for models that read NaN as missing (tree ensembles). Default `refuse`. */
  readonly notFinite?: 'refuse' | 'pass'
  readonly clock?: Clock
}

export interface InferOptions {
  /** Names of the outputs to compute; default all, in the signature's order. */
  readonly outputs?: readonly string[]
  /** Time from now until the caller no longer wants the answer. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  /** The runtime may take the inputs' buffers: saves a copy, and leaves the caller's arrays empty. Default false. */
  readonly surrender?: boolean
}

/** Counters since `open`; sums, so that two readings give a rate and a mean. */
export interface RuntimeStats {
  readonly workers: number
  readonly queued: number
  readonly running: number
  readonly succeeded: number
  /** Requests that were accepted and then failed, whatever the reason. */
  readonly failed: number
  /** Requests refused because the queue was full. */
  readonly overloaded: number
  /** Runs of the model that held at least one request; `succeeded / runs` above 1 is what batching gained. */
  readonly runs: number
  /** Workers lost and replaced. */
  readonly restarts: number
  /** Sum over answered requests of the time from acceptance to the start of the run. */
  readonly queueMs: number
  /** Sum over runs of the time inside the model. */
  readonly inferMs: number
}

/** An opened model. Inputs are checked against the signature before anything runs. */
export interface Runtime {
  signature(): Signature
  infer(inputs: readonly Tensor[], options?: InferOptions): Promise<readonly Tensor[]>
  stats(): RuntimeStats
  /** Takes no more requests, answers those accepted, then frees the model. Calling it again waits for the same end. */
  close(): Promise<void>
}

/** One way of running models: a member of the family. */
export interface RuntimeMember {
  readonly name: string
  /** The protocol's `platform` of models that it runs. */
  readonly platform: string
  /** Whether this member runs the file, judged by its name alone. */
  reads(file: string): boolean
  open(file: string, options?: RuntimeOptions): Promise<Runtime>
}
