import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { capability, type Kernel, Problem, referObjects } from '../../kernel/index.ts'
import type { Executor, Handle, LogStream, Observation } from '../executors/executor.ts'
import { keepLogs, readKeptLog, stage, storeOutputs } from './attempt-files.ts'
import type { JobEnding, JobOutput } from './contract.ts'
import { attemptId, hasEnded, verdict } from './domain.ts'
import type { JobListener } from './jobs.ts'
import { type ProgressReader, progressReader } from './progress.ts'
import { claimJobs, findJob, moveJob, noteProgress, openJobs, type ScheduledJob } from './store.ts'

export interface SchedulerOptions {
  readonly kernel: Kernel
  readonly executor: Executor
  /** Folder below which each attempt has its work folder. */
  readonly workFolder: string
  readonly slots: number
  readonly onEnd: readonly JobListener[]
}

/** Starts waiting jobs while slots are free, watches those that run, and collects what they made. */
export interface Scheduler {
  /** Looks for waiting work now; calls at the same time fold into one. */
  wake(): void
  /** Carries out a wish to cancel that is in the database already. */
  cancel(jobId: string): Promise<void>
  readLog(job: ScheduledJob, stream: LogStream, fromByte: number): Promise<Uint8Array>
  stop(): Promise<void>
}

interface Attempt {
  job: ScheduledJob
  /** Null until it was started and that is written down. */
  handle: Handle | null
  progress: ProgressReader | null
  isLaunching: boolean
}

const actor = capability('scheduler')
// A job that nobody told us about (another base accepted it, a wake was lost) starts this late at most.
const sweepEveryMs = 1000
const noEnding: JobEnding = {
  exitCode: null,
  signal: null,
  reason: null,
  message: null,
  cpuSeconds: null,
  peakMemoryBytes: null,
  wallMs: null,
}

/** Takes over what ran when the base last ended, then goes on until stopped. */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { kernel, executor, slots } = options
  const { database, log } = kernel
  await mkdir(options.workFolder, { recursive: true, mode: 0o711 })
  const runsOn = await machineName(options.workFolder)
  const attempts = new Map<string, Attempt>()
  const settling = new Map<string, Promise<void>>()
  let claiming: Promise<void> | null = null
  let isWished = false
  let isStopping = false

  const wake = (): void => {
    isWished = true
    if (isStopping) return
    claiming ??= claimAll()
      .catch((error: Error) => log.error({ err: error }, 'jobs could not be claimed'))
      .finally(() => {
        claiming = null
        if (isWished) wake()
      })
  }

  async function claimAll(): Promise<void> {
    isWished = false
    const taken = [...attempts.values()].reduce((sum, { job }) => sum + job.slots, 0)
    if (taken >= slots) return
    const claimed = await database.transaction(actor, (tx) => claimJobs(tx, slots - taken, runsOn))
    await Promise.all(claimed.map((job) => launchLogged(job, true)))
    if (claimed.length > 0) isWished = true
  }

  /**
   * Starts an attempt, or takes up one that was being started when the base was killed: the executor starts each attempt
   * once, however often it is asked. What may pass (the database is away, a disk is full for a moment) is tried again by
   * the sweep; what the job itself is to blame for fails it.
   */
  async function launch(job: ScheduledJob, isFresh: boolean): Promise<void> {
    const attempt = attempts.get(job.id) ?? { job, handle: null, progress: null, isLaunching: false }
    if (attempt.isLaunching || attempt.handle !== null) return
    attempts.set(job.id, attempt)
    attempt.isLaunching = true
    try {
      const handle = await startAttempt(job, isFresh)
      const fresh = await database.transaction(actor, async (tx) => {
        if (job.state === 'starting') await moveJob(tx, job, 'running', { handle })
        return findJob(tx, job.id)
      })
      if (fresh !== null) attempt.job = fresh
      attempt.progress = progressReader(executor, handle)
      // Only now: an end that is settled while the job still moves to running would find it in neither state.
      attempt.handle = handle
      // A wish to cancel that came while the launch was under way found nothing to cancel yet.
      if (fresh?.isCancelWished === true) await executor.cancel(handle)
      void settle(job.id)
    } catch (error) {
      log.warn({ err: error, job: job.id }, 'job could not be started')
      if (error instanceof Problem && !error.row.retry && error.row.status < 500)
        await end(attempt.job, ['failed'], { ...noEnding, message: error.message })
    } finally {
      attempt.isLaunching = false
    }
  }

  async function startAttempt(job: ScheduledJob, isFresh: boolean): Promise<Handle> {
    const id = attemptId(job.id, job.attempt)
    const workFolder = join(options.workFolder, id)
    const { command, environment, resources, timeLimitMs, graceMs } = job.spec
    // What may run already must not be staged anew; an attempt that was claimed just now cannot.
    const isKnown = !isFresh && (await executor.adoptable()).some((one) => one.attemptId === id)
    // One that ran and whose records have vanished is lost, and never started a second time.
    if (!isKnown && job.handle !== null) return job.handle as Handle
    if (!isKnown) await stage(kernel, job, workFolder)
    return executor.launch({ attemptId: id, command, environment, workFolder, resources, timeLimitMs, graceMs })
  }

  /** One launch that fails stops no other. */
  const launchLogged = (job: ScheduledJob, isFresh = false): Promise<void> =>
    launch(job, isFresh).catch((error: Error) =>
      log.error({ err: error, job: job.id }, 'a failed start could not be written down'),
    )

  /** Follows up on an attempt that may have ended; one at a time for each job. */
  function settle(jobId: string): Promise<void> {
    const next: Promise<void> = (settling.get(jobId) ?? Promise.resolve())
      .then(() => settleOnce(jobId))
      .catch((error: Error) => log.error({ err: error, job: jobId }, 'job could not be settled'))
      .finally(() => {
        if (settling.get(jobId) === next) settling.delete(jobId)
      })
    settling.set(jobId, next)
    return next
  }

  async function settleOnce(jobId: string): Promise<void> {
    const attempt = attempts.get(jobId)
    if (attempt?.handle == null) return
    const seen = await executor.observe(attempt.handle)
    if (seen.state !== 'exited' && seen.state !== 'lost') return
    const fresh = await database.transaction(actor, (tx) => findJob(tx, jobId))
    if (fresh === null || fresh.attempt !== attempt.job.attempt || hasEnded(fresh.state)) {
      // Its end was written, and the answer lost on the way.
      attempts.delete(jobId)
      await tidy(attempt.job, attempt.handle)
    } else await conclude({ ...attempt, job: fresh }, attempt.handle, seen)
  }

  async function conclude(attempt: Attempt, handle: Handle, seen: Observation): Promise<void> {
    const { job } = attempt
    const ending = endingOf(seen)
    const isCancelWished = job.isCancelWished || seen.reason === 'cancelled'
    const to = verdict({
      exitCode: seen.exitCode,
      isLost: seen.state === 'lost',
      isCancelWished,
      attempt: job.attempt,
      maxAttempts: job.maxAttempts,
    })
    await keepLogs(kernel, executor, job, handle)
    await noteOne(attempt)
    const isOver = to === 'collecting' ? await collect(job, handle, ending) : await end(job, [to], ending)
    if (isOver) await tidy(job, handle)
  }

  async function tidy(job: ScheduledJob, handle: Handle): Promise<void> {
    await executor.forget(handle)
    await rm(join(options.workFolder, attemptId(job.id, job.attempt)), { recursive: true, force: true })
  }

  async function collect(job: ScheduledJob, handle: Handle, ending: JobEnding): Promise<boolean> {
    const { workFolder, files } = await executor.collect(handle)
    if (files.length === 0)
      return end(job, job.state === 'collecting' ? ['succeeded'] : ['collecting', 'succeeded'], ending, [])
    let collecting = job
    if (job.state !== 'collecting') {
      if (!(await database.transaction(actor, (tx) => moveJob(tx, job, 'collecting')))) return false
      collecting = { ...job, state: 'collecting' }
    }
    try {
      return await end(collecting, ['succeeded'], ending, await storeOutputs(kernel, workFolder, files))
    } catch (error) {
      log.warn({ err: error, job: job.id }, 'outputs could not be collected')
      return end(collecting, ['failed'], { ...ending, message: (error as Error).message })
    }
  }

  /** Moves the job along these states in one transaction, with what follows from its end; false where it had moved on. */
  async function end(
    job: ScheduledJob,
    path: readonly ('collecting' | 'succeeded' | 'failed' | 'cancelled' | 'lost' | 'queued')[],
    ending: JobEnding,
    outputs?: readonly JobOutput[],
  ): Promise<boolean> {
    const isOver = await database.transaction(actor, async (tx) => {
      let at = job
      for (const to of path) {
        if (!(await moveJob(tx, at, to, { ending, ...(outputs === undefined ? {} : { outputs }) }))) return false
        at = { ...at, state: to }
      }
      const owner = { projectId: job.projectId, kind: 'job' as const, id: job.id }
      await referObjects(
        tx,
        owner,
        (outputs ?? []).map((one) => one.sha256),
      )
      const ended = await findJob(tx, job.id)
      if (ended !== null && hasEnded(ended.state)) for (const listen of options.onEnd) await listen(tx, ended)
      return true
    })
    if (isOver) attempts.delete(job.id)
    wake()
    return isOver
  }

  async function noteOne({ job, progress }: Attempt): Promise<void> {
    const found = await progress?.next()
    if (found != null) await database.transaction(actor, (tx) => noteProgress(tx, job, found))
  }

  const noteAll = (): void => {
    for (const attempt of attempts.values())
      noteOne(attempt).catch((error: Error) => log.debug({ err: error }, 'progress could not be read'))
  }

  const unwatch = executor.watch((handle) => {
    for (const attempt of attempts.values()) if (attempt.handle === handle) void settle(attempt.job.id)
  })
  const open = await database.transaction(actor, (tx) => openJobs(tx, runsOn))
  await removeLeftovers(new Set(open.map((job) => attemptId(job.id, job.attempt))))
  for (const job of open) await launchLogged(job)
  wake()
  const stopSweep = kernel.every(sweepEveryMs, () => {
    wake()
    noteAll()
    // An end whose announcement was missed, or that could not be written because the database was away.
    for (const { job, handle } of attempts.values()) void (handle === null ? launchLogged(job) : settle(job.id))
  })

  /** What a killed base had no time to remove: records and folders of attempts whose jobs have ended. */
  async function removeLeftovers(kept: ReadonlySet<string>): Promise<void> {
    for (const { attemptId: id, handle } of await executor.adoptable()) {
      if (kept.has(id)) continue
      const { state } = await executor.observe(handle)
      if (state === 'exited' || state === 'lost') await executor.forget(handle)
      else await executor.cancel(handle)
    }
    for (const entry of await readdir(options.workFolder, { withFileTypes: true }))
      if (entry.isDirectory() && !kept.has(entry.name))
        await rm(join(options.workFolder, entry.name), { recursive: true, force: true })
  }

  return {
    wake,
    async cancel(jobId) {
      const handle = attempts.get(jobId)?.handle
      if (handle != null) await executor.cancel(handle)
      await settle(jobId)
    },
    readLog: (job, stream, fromByte) => {
      const handle = attempts.get(job.id)?.handle
      return handle == null ? readKeptLog(kernel, job, stream, fromByte) : executor.readLog(handle, stream, fromByte)
    },
    async stop() {
      isStopping = true
      stopSweep()
      unwatch()
      await claiming
      await Promise.all(settling.values())
      await executor.close()
    },
  }
}

/** A random name that stays with the folder in which this machine's attempts lie. */
async function machineName(workFolder: string): Promise<string> {
  const file = join(workFolder, 'machine')
  await writeFile(file, randomUUID(), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return readFile(file, 'utf8')
}

function endingOf({ exitCode, signal, reason, usage }: Observation): JobEnding {
  const { cpuSeconds, peakMemoryBytes, wallMs } = usage
  return { exitCode, signal, reason, message: null, cpuSeconds, peakMemoryBytes, wallMs }
}
