import { missingObjects, readSnapshot } from '../../data/index.ts'
import { httpProblem, type Kernel, recordEvent, type Tx } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import type { JobSpec } from './contract.ts'
import { hasEnded } from './domain.ts'
import { findJob, insertJob, moveJob, type ScheduledJob, wishCancel } from './store.ts'

/** Accepts a job: once this transaction commits it will run, whatever happens to this base. */
export async function submitJob(tx: Tx, kernel: Kernel, projectId: string, spec: JobSpec): Promise<string> {
  const slots = kernel.config.jobSlots
  if (spec.resources.cpus > slots) throw problem('compute.too-large', { asked: spec.resources.cpus, slots })
  for (const input of spec.inputs) {
    if ('snapshot' in input) await readSnapshot(tx, projectId, input.snapshot)
    else if ((await missingObjects(kernel, [input.sha256])).size > 0)
      throw problem('compute.input-missing', { path: input.path })
  }
  const id = await insertJob(tx, projectId, spec)
  await recordEvent(tx, { projectId, kind: 'job.queued', subjectId: id, detail: { name: spec.name } })
  return id
}

export async function readJob(tx: Tx, projectId: string, id: string): Promise<ScheduledJob> {
  const job = await findJob(tx, id)
  if (job === null || job.projectId !== projectId) throw httpProblem('kernel.not-found', { kind: 'job', id })
  return job
}

/** Called in the transaction in which a job ends, so that what follows from it is committed with it. */
export type JobListener = (tx: Tx, job: ScheduledJob) => Promise<void>

/** Wishes a job to end. One that still waits ends here; a running one is ended by the base that runs it. */
export async function cancelJob(
  tx: Tx,
  projectId: string,
  id: string,
  onEnd: readonly JobListener[],
): Promise<ScheduledJob> {
  const job = await readJob(tx, projectId, id)
  if (hasEnded(job.state)) throw problem('compute.job-ended', { id, state: job.state })
  await wishCancel(tx, id)
  const isOver = job.state === 'queued' && (await moveJob(tx, job, 'cancelled'))
  const now = await readJob(tx, projectId, id)
  if (isOver) for (const listen of onEnd) await listen(tx, now)
  return now
}

/** Submits what a job was asked to do once more, as a new job. */
export async function retryJob(tx: Tx, kernel: Kernel, projectId: string, id: string): Promise<string> {
  const job = await readJob(tx, projectId, id)
  if (!hasEnded(job.state)) throw problem('compute.job-runs', { id, state: job.state })
  return submitJob(tx, kernel, projectId, job.spec)
}
