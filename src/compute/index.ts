import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Kernel, MigrationFolder, Room } from '../kernel/index.ts'
import { openExecutor } from './executors/registry.ts'
import type { JobListener } from './job/jobs.ts'
import { cancelRoute, jobRoutes, jobStreams } from './job/routes.ts'
import { type Scheduler, startScheduler } from './job/scheduler.ts'

export {
  type Deployment,
  findDeployment,
  insertDeployment,
  moveDeployment,
  openDeployments,
  pageDeployments,
  shownDeployment,
} from './deployment/store.ts'
export { type Job, jobSpec, type JobSpec } from './job/contract.ts'
export { type JobListener, readJob, submitJob } from './job/jobs.ts'
export type { ScheduledJob } from './job/store.ts'

export const computeMigrations: MigrationFolder = { room: 'compute', folder: new URL('./migrations/', import.meta.url) }

export interface ComputeRoom extends Room {
  /** Tells the scheduler that a job was accepted; call it after the commit. */
  wake(): void
  /** Adds what follows from a job's end; before the base starts. */
  onJobEnd(listener: JobListener): void
}

/** `attemptsFolder` holds work folders and records of attempts, where the users that attempts run as can enter. */
export function openCompute(kernel: Kernel, attemptsFolder: string): ComputeRoom {
  const listeners: JobListener[] = []
  let scheduler: Scheduler | null = null
  const running = (): Scheduler => {
    if (scheduler === null) throw new Error('the scheduler is asked before the base has started')
    return scheduler
  }
  const wake = () => scheduler?.wake()
  return {
    name: 'compute',
    routes: [...jobRoutes(kernel, wake), cancelRoute(running, listeners)],
    mounts: [(app) => jobStreams(app, kernel, running)],
    work: {},
    wake,
    onJobEnd: (listener) => listeners.push(listener),
    async start() {
      await mkdir(attemptsFolder, { recursive: true, mode: 0o711 })
      const executor = await openExecutor(
        'local',
        { folder: join(attemptsFolder, 'records'), users: usersOf(attemptsFolder) },
        {
          now: () => kernel.clock().getTime(),
          every: kernel.every,
          fault: (error) => kernel.log.warn({ err: error }, 'the executor reports a fault'),
        },
      )
      scheduler = await startScheduler({
        kernel,
        executor,
        workFolder: join(attemptsFolder, 'work'),
        slots: kernel.config.jobSlots,
        onEnd: listeners,
      })
      return () => running().stop()
    },
  }
}

const usersEach = 4096
const ranges = 400

/**
 * The user ids that attempts run as where the base is root. Two bases on one machine must not share any: what ends one
 * attempt ends everything of its user. The folder picks one range of many, beyond what systems give to people.
 */
function usersOf(attemptsFolder: string): { first: number; count: number } {
  return { first: 1_000_000 + (crc32(attemptsFolder) % ranges) * usersEach, count: usersEach }
}
