import { Problem } from '../../../kernel/index.ts'
import { checkInputs, wantedOutputs } from '../check.ts'
import { type Clock, systemClock } from '../clock.ts'
import { problem } from '../problems.ts'
import type { InferOptions, Runtime, RuntimeOptions, RuntimeStats } from '../runtime.ts'
import { type Signature, sizeBytesOf, type Tensor, tensorOf } from '../tensor.ts'
import { batchKey, isBatchable, rowsOf } from './batch.ts'
import type { Answer } from './messages.ts'
import { takeBatch } from './queue.ts'
import type { ModelThread } from './thread.ts'

interface Request {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly string[]
  readonly rows: number
  readonly key: string | null
  readonly sizeBytes: number
  readonly acceptedAt: number
  /** Both do nothing once the request has its answer. */
  resolve(outputs: readonly Tensor[]): void
  reject(reason: unknown): void
}

/** Starts of a lost thread's successor that may fail in a row before the model counts as broken. */
const maxFailedStarts = 3

/** A model behind a bounded queue and a fixed number of threads, each with its own session. */
export class ModelPool implements Runtime {
  readonly #signature: Signature
  readonly #startThread: () => Promise<ModelThread>
  readonly #limits: Required<Omit<RuntimeOptions, 'clock' | 'notFinite' | 'intraOpNumThreads'>>
  readonly #clock: Clock
  readonly #waiting: Request[] = []
  readonly #threads = new Set<ModelThread>()
  readonly #idle: ModelThread[] = []
  readonly #counts = { succeeded: 0, failed: 0, overloaded: 0, runs: 0, restarts: 0, queueMs: 0, inferMs: 0 }
  #queuedBytes = 0
  #running = 0
  #failedStarts = 0
  #broken: Problem | null = null
  #closing: Promise<void> | null = null
  #closed = false
  #drained: (() => void) | null = null
  #cancelWake: (() => void) | null = null

  constructor(
    threads: readonly ModelThread[],
    signature: Signature,
    start: () => Promise<ModelThread>,
    options: RuntimeOptions,
  ) {
    this.#signature = signature
    this.#startThread = start
    this.#clock = options.clock ?? systemClock
    this.#limits = {
      workers: threads.length,
      maxBatch: isBatchable(signature) ? (options.maxBatch ?? 1) : 1,
      maxDelayMs: options.maxDelayMs ?? 0,
      maxQueue: options.maxQueue ?? 64,
      maxQueuedBytes: options.maxQueuedBytes ?? 256 * 1024 * 1024,
      deadlineMs: options.deadlineMs ?? 30_000,
    }
    for (const thread of threads) this.#adopt(thread)
  }

  signature(): Signature {
    return this.#signature
  }

  stats(): RuntimeStats {
    return { ...this.#counts, workers: this.#threads.size, queued: this.#waiting.length, running: this.#running }
  }

  async infer(inputs: readonly Tensor[], options: InferOptions = {}): Promise<readonly Tensor[]> {
    if (this.#closing !== null) throw problem('models.runtime-closed')
    if (this.#broken !== null) throw this.#broken
    if (options.signal?.aborted === true) throw problem('models.request-cancelled')
    checkInputs(this.#signature, inputs)
    const outputs = wantedOutputs(this.#signature, options.outputs)
    const sizeBytes = inputs.reduce((sum, tensor) => sum + sizeBytesOf(tensor), 0)
    // A request larger than the whole allowance still runs when nothing else waits: it is the body limit's to refuse.
    const full = this.#waiting.length > 0 && this.#queuedBytes + sizeBytes > this.#limits.maxQueuedBytes
    if (full || (this.#waiting.length >= this.#limits.maxQueue && this.#idle.length === 0)) {
      this.#counts.overloaded++
      throw problem('models.overloaded', { queued: this.#waiting.length })
    }
    const owned = this.#inOrder(options.surrender === true ? inputs : inputs.map(copyOf))
    return new Promise((resolve, reject) => this.#accept(owned, outputs, sizeBytes, options, resolve, reject))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #accept(
    inputs: readonly Tensor[],
    outputs: readonly string[],
    sizeBytes: number,
    { deadlineMs = this.#limits.deadlineMs, signal }: InferOptions,
    resolve: (outputs: readonly Tensor[]) => void,
    reject: (reason: unknown) => void,
  ): void {
    let settled = false
    const settle = (): boolean => {
      if (settled) return false
      settled = true
      cancelDeadline()
      signal?.removeEventListener('abort', abandon)
      return true
    }
    const rows = this.#limits.maxBatch > 1 ? rowsOf(inputs) : null
    const request: Request = {
      inputs,
      outputs,
      sizeBytes,
      rows: rows ?? 1,
      key: rows === null ? null : batchKey(inputs, outputs),
      acceptedAt: this.#clock.now(),
      resolve: (answer) => {
        if (!settle()) return
        this.#counts.succeeded++
        resolve(answer)
      },
      reject: (reason) => {
        if (!settle()) return
        this.#counts.failed++
        reject(reason)
      },
    }
    const leave = (reason: Problem): void => {
      const at = this.#waiting.indexOf(request)
      if (at >= 0) {
        this.#waiting.splice(at, 1)
        this.#queuedBytes -= sizeBytes
      }
      request.reject(reason)
      this.#endWhenDrained()
    }
    const abandon = (): void => leave(problem('models.request-cancelled'))
    const cancelDeadline = this.#clock.after(deadlineMs, () => leave(problem('models.deadline-passed', { deadlineMs })))
    signal?.addEventListener('abort', abandon, { once: true })
    this.#waiting.push(request)
    this.#queuedBytes += sizeBytes
    this.#pump()
  }

  /** Gives idle threads what waits. Called whenever a request came, a thread became free, or a batch has waited enough. */
  #pump(): void {
    this.#cancelWake?.()
    this.#cancelWake = null
    const maxDelayMs = this.#closing === null ? this.#limits.maxDelayMs : 0
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const { batch, waitMs } = takeBatch(this.#waiting, { ...this.#limits, maxDelayMs }, this.#clock.now())
      if (batch.length === 0) {
        this.#cancelWake = this.#clock.after(waitMs, () => this.#pump())
        return
      }
      const thread = this.#idle.pop()
      if (thread !== undefined) void this.#runBatch(thread, batch)
    }
  }

  async #runBatch(thread: ModelThread, batch: readonly Request[]): Promise<void> {
    const startedAt = this.#clock.now()
    for (const request of batch) this.#queuedBytes -= request.sizeBytes
    this.#running += batch.length
    this.#counts.runs++
    try {
      const outputs = batch[0]?.outputs ?? []
      const { answers, inferMs } = await thread.run(
        batch.map((request) => request.inputs),
        outputs,
      )
      this.#counts.inferMs += inferMs
      batch.forEach((request, index) => {
        this.#counts.queueMs += startedAt - request.acceptedAt
        answer(request, answers[index])
      })
      this.#idle.push(thread)
    } catch (error) {
      // Either the thread ended under the run, and its successor is on the way (#adopt), or nothing reached it.
      if (!(error instanceof Problem)) this.#idle.push(thread)
      for (const request of batch) request.reject(error)
    }
    this.#running -= batch.length
    this.#pump()
    this.#endWhenDrained()
  }

  #adopt(thread: ModelThread): void {
    this.#threads.add(thread)
    this.#idle.push(thread)
    void thread.ended.then(() => {
      this.#threads.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
      if (this.#closing === null || this.#waiting.length > 0) void this.#replace()
    })
    this.#pump()
  }

  async #replace(): Promise<void> {
    try {
      const thread = await this.#startThread()
      if (this.#closed) return await thread.close()
      this.#failedStarts = 0
      this.#counts.restarts++
      this.#adopt(thread)
    } catch (error) {
      this.#failedStarts++
      if (this.#failedStarts < maxFailedStarts) return this.#replace()
      if (this.#threads.size > 0) return
      const reason = error instanceof Error ? error.message : String(error)
      this.#broken = problem('models.runtime-broken', { reason }, error)
      for (const request of this.#waiting.splice(0)) request.reject(this.#broken)
      this.#queuedBytes = 0
      this.#endWhenDrained()
    }
  }

  async #close(): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve
    })
    // Async functions run up to their first await at once: `close` has not yet stored the promise this pump asks for.
    await Promise.resolve()
    this.#pump()
    this.#endWhenDrained()
    await drained
    this.#closed = true
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  #endWhenDrained(): void {
    if (this.#waiting.length === 0 && this.#running === 0) this.#drained?.()
  }

  /** The inputs in the signature's order, so that requests that name them in another order can be joined. */
  #inOrder(inputs: readonly Tensor[]): readonly Tensor[] {
    return this.#signature.inputs.flatMap((spec) => inputs.find((tensor) => tensor.name === spec.name) ?? [])
  }
}

function answer(request: Request, given: Answer | undefined): void {
  if (given === undefined) throw new Error('a model thread answered fewer requests than it was given')
  if ('outputs' in given) request.resolve(given.outputs)
  else request.reject(problem(given.code, given.params))
}

function copyOf(tensor: Tensor): Tensor {
  const data = tensor.datatype === 'BYTES' ? tensor.data.map((bytes) => bytes.slice()) : tensor.data.slice()
  return tensorOf(tensor.name, tensor.datatype, tensor.shape, data)
}
