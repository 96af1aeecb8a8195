import { isMarkedAsUntransferable, Worker } from 'node:worker_threads'
import type { Problem } from '../../../kernel/index.ts'
import { problem } from '../problems.ts'
import type { Signature, Tensor } from '../tensor.ts'
import { type Answer, buffersOf, type FromThread, type ThreadSetup, type ToThread } from './messages.ts'

/** What a run gave: one answer a request, and the time inside the model. */
export interface RunResult {
  readonly answers: readonly Answer[]
  readonly inferMs: number
}

/** A worker thread with one session. It runs one batch at a time; the pool sees to that. */
export class ModelThread {
  readonly signature: Signature
  /** Settles, with the reason, when the thread has ended, however it ended. */
  readonly ended: Promise<Problem>
  readonly #worker: Worker
  #run: { resolve(result: RunResult): void; reject(reason: Problem): void } | null = null

  constructor(worker: Worker, signature: Signature, ended: Promise<Problem>) {
    this.signature = signature
    this.#worker = worker
    this.ended = ended
    worker.on('message', (message: FromThread) => {
      if (message.kind !== 'done') return
      this.#run?.resolve(message)
      this.#run = null
    })
    ended.then((reason) => this.#run?.reject(reason))
  }

  /** Runs a batch; the inputs' buffers go to the thread and are empty here afterwards. */
  run(items: readonly (readonly Tensor[])[], outputs: readonly string[]): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject }
      const transfer = new Set<ArrayBuffer>()
      for (const item of items) buffersOf(item, transfer)
      const movable = [...transfer].filter((buffer) => !isMarkedAsUntransferable(buffer))
      try {
        this.#worker.postMessage({ kind: 'run', items, outputs } satisfies ToThread, movable)
      } catch (error) {
        // A buffer that its owner gave away twice. Nothing was sent: the thread is as free as before.
        this.#run = null
        throw error
      }
    })
  }

  /** Frees the session and lets the thread end by itself. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: 'close' } satisfies ToThread)
    await this.ended
  }

  /** Ends the thread at once; what it runs is lost. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }
}

// In a package the sources are plain .js, and this file's own ending says which.
const entry = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** Starts a thread and loads the model in it; a file that does not load ends the thread and is refused. */
export async function startThread(setup: ThreadSetup): Promise<ModelThread> {
  const worker = new Worker(entry, { workerData: setup, name: 'pilotbase-model' })
  let fault: unknown
  worker.on('error', (error) => {
    fault = error
  })
  const ended = new Promise<Problem>((resolve) => {
    worker.once('exit', (code) => {
      const reason = fault instanceof Error ? fault.message : `it left with code ${code}`
      resolve(problem('models.worker-lost', { reason }, fault))
    })
  })
  const first = await Promise.race([
    new Promise<FromThread>((resolve) => {
      worker.once('message', resolve)
    }),
    ended,
  ])
  if ('kind' in first && first.kind === 'ready') return new ModelThread(worker, first.signature, ended)
  await worker.terminate()
  if ('kind' in first && first.kind === 'unreadable') throw problem(first.refusal.code, first.refusal.params)
  throw await ended
}
