import { recordEvent, type Tx } from '../../kernel/index.ts'
import { type Job, type JobEnding, type JobOutput, type JobSpec, jobSpec } from './contract.ts'
import { canMove, hasEnded, type JobState } from './domain.ts'

interface JobRow {
  id: string
  project_id: string
  name: string
  state: JobState
  spec: unknown
  attempt: number
  max_attempts: number
  handle: string | null
  is_cancel_wished: boolean
  slots: number
  ending: JobEnding | null
  outputs: JobOutput[] | null
  progress: Job['progress']
  created_by: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

/** A job with what only the scheduler needs. */
export interface ScheduledJob extends Job {
  readonly projectId: string
  readonly maxAttempts: number
  readonly handle: string | null
  readonly isCancelWished: boolean
  readonly slots: number
  readonly createdBy: string | null
}

const columns =
  'id, project_id, name, state, spec, attempt, max_attempts, handle, is_cancel_wished, slots, ending, outputs, progress, created_by, created_at, started_at, ended_at'

function scheduledOf(row: JobRow): ScheduledJob {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    spec: jobSpec.parse(row.spec),
    attempt: row.attempt,
    ending: row.ending,
    outputs: row.outputs,
    progress: row.progress,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    projectId: row.project_id,
    maxAttempts: row.max_attempts,
    handle: row.handle,
    isCancelWished: row.is_cancel_wished,
    slots: row.slots,
    createdBy: row.created_by,
  }
}

/** What crosses the API of a job. */
export function jobOf(job: ScheduledJob): Job {
  const { projectId: _p, maxAttempts: _m, handle: _h, isCancelWished: _c, slots: _s, createdBy: _b, ...shown } = job
  return shown
}

export async function insertJob(tx: Tx, projectId: string, spec: JobSpec): Promise<string> {
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  const row = await tx.one<{ id: string }>(
    `insert into compute.job (project_id, name, spec, priority, slots, max_attempts, created_by)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [projectId, spec.name, spec, spec.priority, spec.resources.cpus, spec.maxAttempts, creator],
  )
  return row.id
}

export async function findJob(tx: Tx, id: string): Promise<ScheduledJob | null> {
  const row = await tx.maybe<JobRow>(`select ${columns} from compute.job where id = $1`, [id])
  return row === null ? null : scheduledOf(row)
}

export async function pageJobs(tx: Tx, projectId: string, after: string | null, limit: number): Promise<Job[]> {
  const rows = await tx.rows<JobRow>(
    `select ${columns} from compute.job
      where project_id = $1 and ($2::uuid is null or (created_at, id) < (select j.created_at, j.id from compute.job j where j.id = $2))
      order by created_at desc, id desc limit $3`,
    [projectId, after, limit],
  )
  return rows.map((row) => jobOf(scheduledOf(row)))
}

/** Jobs that this machine's executor has under way. */
export async function openJobs(tx: Tx, runsOn: string): Promise<ScheduledJob[]> {
  const rows = await tx.rows<JobRow>(
    `select ${columns} from compute.job where state in ('starting', 'running', 'collecting') and runs_on = $1`,
    [runsOn],
  )
  return rows.map(scheduledOf)
}

/**
 * Claims waiting jobs for as many free slots as there are, best first. `skip locked`: two bases never claim the same job.
 * A job that needs more slots than are free waits, and those behind it wait too, so that a large one is not starved.
 */
export async function claimJobs(tx: Tx, freeSlots: number, runsOn: string): Promise<ScheduledJob[]> {
  const rows = await tx.rows<JobRow>(
    `with waiting as (
       select id, sum(slots) over (order by priority, created_at, id) as taken
         from (select id, slots, priority, created_at from compute.job where state = 'queued'
                order by priority, created_at, id limit 64 for update skip locked) w)
     update compute.job j set state = 'starting', attempt = attempt + 1, handle = null, runs_on = $2, started_at = coalesce(started_at, clock_timestamp())
       from waiting w where j.id = w.id and w.taken <= $1 returning ${columns.replace(/\b(\w+)\b/g, 'j.$1')}`,
    [freeSlots, runsOn],
  )
  return rows.map(scheduledOf)
}

/** Moves a job from the state and attempt it is known in; false where it is no longer there. Tells those who watch. */
export async function moveJob(
  tx: Tx,
  job: ScheduledJob,
  to: JobState,
  change: { readonly ending?: JobEnding; readonly outputs?: readonly JobOutput[]; readonly handle?: string } = {},
): Promise<boolean> {
  if (!canMove(job.state, to)) throw new Error(`a job cannot go from ${job.state} to ${to}`)
  const moved = await tx.change(
    `update compute.job set state = $4, ending = coalesce($5, ending), outputs = coalesce($6, outputs), handle = coalesce($7, handle),
            ended_at = case when $8 then clock_timestamp() else null end
      where id = $1 and state = $2 and attempt = $3`,
    [
      job.id,
      job.state,
      job.attempt,
      to,
      change.ending ?? null,
      change.outputs === undefined ? null : JSON.stringify(change.outputs),
      change.handle ?? null,
      hasEnded(to),
    ],
  )
  if (moved === 1)
    await recordEvent(tx, {
      projectId: job.projectId,
      kind: `job.${to}`,
      subjectId: job.id,
      detail: { name: job.name },
    })
  return moved === 1
}

export async function wishCancel(tx: Tx, id: string): Promise<void> {
  await tx.change('update compute.job set is_cancel_wished = true where id = $1', [id])
}

export async function noteProgress(tx: Tx, job: ScheduledJob, progress: object): Promise<void> {
  const changed = await tx.change(
    'update compute.job set progress = $3 where id = $1 and attempt = $2 and progress is distinct from $3',
    [job.id, job.attempt, progress],
  )
  if (changed === 1)
    await recordEvent(tx, { projectId: job.projectId, kind: 'job.progress', subjectId: job.id, detail: { progress } })
}

export interface NewMetric {
  readonly name: string
  readonly step: number
  readonly value: number
}

export async function insertMetrics(
  tx: Tx,
  projectId: string,
  jobId: string,
  metrics: readonly NewMetric[],
): Promise<void> {
  await tx.change(
    `insert into compute.job_metric (project_id, job_id, name, step, value)
     select $1, $2, * from unnest($3::text[], $4::bigint[], $5::float8[])`,
    [projectId, jobId, metrics.map((one) => one.name), metrics.map((one) => one.step), metrics.map((one) => one.value)],
  )
}

export async function readMetrics(tx: Tx, jobId: string) {
  const rows = await tx.rows<{ name: string; step: number; value: number; at: Date }>(
    'select name, step, value, at from compute.job_metric where job_id = $1 order by name, step, id limit 100000',
    [jobId],
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}
