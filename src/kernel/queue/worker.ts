import { EventEmitter } from 'node:events'
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import { appRole, type Database } from '../database/database.ts'
import { capability } from '../database/actor.ts'

/** What a piece of work is handed besides its payload. `attempt` counts from 1 and fences: a later one wins. */
export interface WorkContext {
  readonly attempt: number
  readonly signal: AbortSignal
}

export type Work = (payload: unknown, context: WorkContext) => Promise<void>
export type WorkTable = Readonly<Record<string, Work>>

export interface QueueOptions {
  /** Connects as the owner of the queue's tables. */
  readonly url: string
  readonly database: Database
  readonly work: WorkTable
  readonly concurrency: number
  readonly onFailure: (task: string, error: unknown, parked: boolean) => void
  readonly log: (level: 'info' | 'error', message: string) => void
}

export interface Queue {
  stop(): Promise<void>
}

// Class of the advisory locks by which bases show that they live; the second key is the row in base_instance.
const instanceLockClass = 7304
const reapEveryMs = 15_000
// A lock held by a pool that no base has registered yet is only broken when it is older than this.
const unregisteredGraceMs = 60_000

/**
 * Starts the workers of this base. Each base holds an advisory lock while it lives; PostgreSQL drops the lock with the
 * connection, so that what a killed base held is taken up at once by another, and never from a base that still works.
 */
export async function startQueue(options: QueueOptions): Promise<Queue> {
  const { url, database, log } = options
  const scheduler = capability('scheduler')
  let stopping = false
  const { id } = await database.transaction(scheduler, (tx) =>
    tx.one<{ id: number }>('insert into kernel.base_instance default values returning id'),
  )
  const pool = new pg.Pool({ connectionString: url, max: options.concurrency + 2, application_name: 'pilotbase-queue' })
  const noteLost = (error: Error) => log('error', `queue connection: ${error.message}`)
  pool.on('error', noteLost)
  pool.on('connect', (client) => client.on('error', noteLost))
  let sign = await holdLifeSign(url, id)
  const abort = new AbortController()

  const register = (poolId: string) =>
    database.transaction(scheduler, (tx) =>
      tx.change('update kernel.base_instance set worker_ids = array_append(worker_ids, $2) where id = $1', [
        id,
        poolId,
      ]),
    )

  const reap = async (): Promise<void> => {
    if (!sign.alive) sign = await holdLifeSign(url, id)
    await reapDead(pool, id)
  }
  const timer = setInterval(() => {
    reap().catch((error: Error) => log('error', `queue reaper: ${error.message}`))
  }, reapEveryMs)
  await reap()

  let active: Runner | undefined
  const loop = (async () => {
    while (!stopping) {
      try {
        const runner = await runOnce(options, pool, abort.signal, register)
        active = runner
        await runner.promise
      } catch (error) {
        if (stopping) return
        log('error', `queue restarts: ${(error as Error).message}`)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
  })()

  return {
    async stop() {
      stopping = true
      clearInterval(timer)
      abort.abort()
      await active?.stop().catch(() => log('info', 'queue was already stopping'))
      await loop
      await database
        .transaction(scheduler, (tx) => tx.change('delete from kernel.base_instance where id = $1', [id]))
        .catch((error: Error) => log('error', `queue sign-off: ${error.message}`))
      await sign.release()
      await pool.end()
    },
  }
}

async function runOnce(
  options: QueueOptions,
  pool: pg.Pool,
  signal: AbortSignal,
  register: (poolId: string) => Promise<unknown>,
): Promise<Runner> {
  const { work, concurrency, log, onFailure } = options
  const taskList: TaskList = {}
  for (const [task, handle] of Object.entries(work)) {
    taskList[task] = async (payload, helpers) => {
      const { attempts, max_attempts: most } = helpers.job
      try {
        await handle(payload, { attempt: attempts, signal })
      } catch (error) {
        onFailure(task, error, attempts >= most)
        throw error
      }
    }
  }
  const events: WorkerEvents = new EventEmitter()
  events.on('pool:create', ({ workerPool }) => {
    register(workerPool.id).catch((error: Error) => log('error', `queue registration: ${error.message}`))
  })
  return run({
    events,
    pgPool: pool,
    taskList,
    concurrency,
    noHandleSignals: true,
    pollInterval: 2000,
    // Batched, a failure to write an end reaches the pool's own handler; otherwise it would be nobody's and end the process.
    preset: { worker: { maxPoolSize: concurrency + 2, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    logger: new Logger(() => (level, message) => {
      if (level === 'error') log('error', message)
    }),
  })
}

interface LifeSign {
  readonly alive: boolean
  release(): Promise<void>
}

async function holdLifeSign(url: string, id: number): Promise<LifeSign> {
  const client = new pg.Client({
    connectionString: url,
    options: `-c role=${appRole}`,
    application_name: 'pilotbase-life',
    keepAlive: true,
  })
  const state = { alive: true, release: () => client.end() }
  const lost = () => {
    state.alive = false
  }
  client.on('error', lost)
  client.on('end', lost)
  await client.connect()
  await client.query('select pg_advisory_lock($1, $2)', [instanceLockClass, id])
  return state
}

/** Gives back what dead bases held: those whose life sign is gone, and locks that no living base answers for. */
async function reapDead(pool: pg.Pool, ownId: number): Promise<void> {
  const { rows } = await pool.query<{ id: number; worker_ids: string[] }>(
    `select b.id, b.worker_ids from kernel.base_instance b
      where b.id <> $2 and not exists (select from pg_locks l where l.locktype = 'advisory' and l.classid = $1 and l.objid = b.id and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database()))`,
    [instanceLockClass, ownId],
  )
  for (const dead of rows) {
    await pool.query('select graphile_worker.force_unlock_workers($1)', [dead.worker_ids])
    await pool.query('delete from kernel.base_instance where id = $1', [dead.id])
  }
  await pool.query(
    `select graphile_worker.force_unlock_workers(array_agg(distinct j.locked_by))
       from graphile_worker._private_jobs j
      where j.locked_by is not null and j.locked_at < now() - make_interval(secs => $1)
        and not exists (select from kernel.base_instance b where j.locked_by = any (b.worker_ids)) having count(*) > 0`,
    [unregisteredGraceMs / 1000],
  )
}
