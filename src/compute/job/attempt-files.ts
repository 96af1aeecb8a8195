import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isSafePath, materialise, readSnapshot } from '../../data/index.ts'
import { capability, type Kernel } from '../../kernel/index.ts'
import type { Executor, Handle, LogStream } from '../executors/executor.ts'
import { problem } from '../problems.ts'
import type { JobOutput } from './contract.ts'
import type { ScheduledJob } from './store.ts'

const logStreams = ['stdout', 'stderr'] as const
const readBytes = 256 * 1024

/** Lays out an attempt's work folder anew: `inputs/` with the verified contents that the job names, and `outputs/`. */
export async function stage(kernel: Kernel, job: ScheduledJob, workFolder: string): Promise<void> {
  await rm(workFolder, { recursive: true, force: true })
  await mkdir(join(workFolder, 'inputs'), { recursive: true, mode: 0o755 })
  await mkdir(join(workFolder, 'outputs'))
  for (const input of job.spec.inputs) {
    if (!isSafePath(input.path)) throw problem('compute.input-missing', { path: input.path })
    const place = join(workFolder, 'inputs', input.path)
    if ('sha256' in input) {
      await mkdir(dirname(place), { recursive: true })
      await pipeline(await kernel.objects.get(input.sha256), createWriteStream(place))
    } else {
      const snapshot = await kernel.database.transaction(capability('scheduler'), (tx) =>
        readSnapshot(tx, job.projectId, input.snapshot),
      )
      await materialise(kernel, snapshot.digest, place)
    }
  }
}

/** Stores every regular file below `outputs/` by its digest. */
export async function storeOutputs(
  kernel: Kernel,
  workFolder: string,
  files: readonly { readonly path: string }[],
): Promise<JobOutput[]> {
  const outputs: JobOutput[] = []
  for (const { path } of files) {
    const stored = await kernel.objects.put(createReadStream(join(workFolder, 'outputs', path)))
    outputs.push({ path, sha256: stored.sha256, sizeBytes: stored.sizeBytes })
  }
  return outputs
}

function logPath(kernel: Kernel, jobId: string, attempt: number, stream: LogStream): string {
  return join(kernel.dataFolder, 'logs', jobId, `${attempt}.${stream}`)
}

/** Copies an attempt's logs out of the executor before it forgets them. An empty log leaves no file. */
export async function keepLogs(kernel: Kernel, executor: Executor, job: ScheduledJob, handle: Handle): Promise<void> {
  for (const stream of logStreams) {
    const first = await executor.readLog(handle, stream, 0)
    if (first.length === 0) continue
    const path = logPath(kernel, job.id, job.attempt, stream)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await pipeline(wholeLog(executor, handle, stream, first), createWriteStream(path, { mode: 0o600 }))
  }
}

async function* wholeLog(executor: Executor, handle: Handle, stream: LogStream, first: Uint8Array) {
  let at = 0
  for (let piece = first; piece.length > 0; piece = await executor.readLog(handle, stream, at)) {
    at += piece.length
    yield piece
  }
}

/** A piece of a kept log; empty past its end, and where the attempt printed nothing. */
export async function readKeptLog(
  kernel: Kernel,
  job: ScheduledJob,
  stream: LogStream,
  fromByte: number,
): Promise<Uint8Array> {
  const file = await open(logPath(kernel, job.id, job.attempt, stream)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (file === null) return new Uint8Array()
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(readBytes), 0, readBytes, fromByte)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
