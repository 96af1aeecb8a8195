import { Worker } from 'node:worker_threads'
import type { Problem } from '../../../kernel/index.ts'
import { openPool } from '../../runtimes/onnx/onnx.ts'
import { ModelThread } from '../../runtimes/onnx/thread.ts'
import { problem } from '../../runtimes/problems.ts'
import type { InferOptions, Runtime, RuntimeOptions } from '../../runtimes/runtime.ts'
import type { Signature } from '../../runtimes/tensor.ts'
import { answerOf, problemOf, type RecordingSent, recordingTensor, type Refusal } from './messages.ts'

type First =
  | { readonly kind: 'ready'; readonly signature: Signature }
  | { readonly kind: 'unreadable'; readonly refusal: Refusal }

/** An ECG model on threads of its own, behind the runtimes' bounded queue. */
export interface EcgPool {
  /** The answer as JSON of `ecgAnswer`; throws the problem where the recording is refused. */
  answer(recording: RecordingSent, options?: InferOptions): Promise<Uint8Array>
  readonly runtime: Runtime
  close(): Promise<void>
}

// A day of two leads takes about a minute; a request that names no deadline is given up after five.
const deadlineMs = 300_000
// Recordings are large: few may wait, and not beyond half a gigabyte.
const limits: RuntimeOptions = { maxQueue: 16, maxQueuedBytes: 512 << 20, deadlineMs }

/** Opens weights/ecg, or a version like it, on as many threads as there are replicas. */
export async function openEcgPool(folder: string, replicas: number): Promise<EcgPool> {
  const runtime = await openPool(() => startThread(folder), { ...limits, workers: replicas })
  return {
    runtime,
    answer: async (recording, options = {}) => answerOf(await runtime.infer([recordingTensor(recording)], options)),
    close: () => runtime.close(),
  }
}

// In a package the sources are plain .js, and this file's own ending says which.
const entry = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

async function startThread(folder: string): Promise<ModelThread> {
  const worker = new Worker(entry, { workerData: { folder }, name: 'pilotbase-ecg' })
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
    new Promise<First>((resolve) => {
      worker.once('message', resolve)
    }),
    ended,
  ])
  if (!('kind' in first)) throw first
  if (first.kind === 'ready') return new ModelThread(worker, first.signature, ended)
  await worker.terminate()
  throw problemOf(first.refusal)
}
