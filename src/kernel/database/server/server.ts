import { spawn } from 'node:child_process'
import { open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { type Binaries, binaryEnvironment, exists, findBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { type Places, preparePlaces } from './places.ts'
import { clearOrphans, findPostmaster, isAlive, type LockNote, stopPostmaster } from './postmaster.ts'
import { problem } from './problems.ts'
import { type Connection, connectionTo, connectWhenReady, ensureBaseDatabase, release, urlOf } from './ready.ts'
import { findRunUser, type RunUser } from './run-user.ts'
import { type Launch, launchOf } from './settings.ts'

export interface ServerOptions {
  readonly dataFolder: string
  /** False in tests alone: nothing is flushed to the disk. */
  readonly isDurable?: boolean
  /** Where the binaries and the cluster lie when root starts the base. */
  readonly systemFolder?: string
  /** Called when the server ends without `stop`; `ensureRunning` brings it back. */
  readonly onExit?: (exit: ServerExit) => void
  /** How long a start may take. Recovery after a crash reads at most max_wal_size of log. */
  readonly startLimitMs?: number
}

export interface ServerExit {
  /** Null for an adopted server, of which only the end is seen. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The private PostgreSQL of one data folder. */
export interface DatabaseServer {
  readonly connection: Connection
  /** The same as a connection string, as the owner of the tables. */
  readonly url: string
  /** True where a server that outlived its base was taken over. */
  readonly adopted: boolean
  /** The cluster's folder: under the data folder, or elsewhere when root started it. */
  readonly clusterFolder: string
  readonly logFile: string
  /** Process id of the server, or null while it does not run. */
  pid(): number | null
  /** Starts the server again where it has ended; calls at the same time share one start. */
  ensureRunning(): Promise<void>
  /** Ends it cleanly: open transactions are rolled back, everything is written. */
  stop(): Promise<void>
}

interface Ground {
  readonly places: Places
  readonly binaries: Binaries
  readonly user: RunUser
  readonly launch: Launch
  readonly connection: Connection
  readonly startLimitMs: number
}

/** A running postmaster: its id, and how its end is learned. */
interface Running {
  readonly pid: number
  readonly isAdopted: boolean
  readonly ended: Promise<ServerExit>
}

const largestLogBytes = 8 * 2 ** 20

/**
 * Starts the private server of a data folder, or adopts the one that still runs there after its base was killed.
 * The caller holds the folder's instance lock: two bases never work on one cluster.
 */
export async function startServer(options: ServerOptions): Promise<DatabaseServer> {
  const ground = await prepare(options)
  let running: Running | null = null
  let starting: Promise<void> | null = null
  let isStopping = false

  const begin = async () => {
    const begun = await bringUp(ground)
    running = begun
    void begun.ended.then((exit) => {
      if (running === begun) running = null
      if (!isStopping) options.onExit?.(exit)
    })
  }
  const ensureRunning = async () => {
    if (isStopping || (running !== null && isAlive(running.pid))) return
    starting ??= begin().finally(() => {
      starting = null
    })
    await starting
  }

  await ensureRunning()
  return {
    connection: ground.connection,
    url: urlOf(ground.connection),
    adopted: (running as Running | null)?.isAdopted ?? false,
    clusterFolder: ground.places.cluster,
    logFile: ground.places.log,
    pid: () => running?.pid ?? null,
    ensureRunning,
    async stop() {
      isStopping = true
      await starting?.catch(() => {})
      const last = running
      if (last === null) return
      await stopPostmaster(last.pid)
      if (!last.isAdopted) await last.ended
    },
  }
}

async function prepare(options: ServerOptions): Promise<Ground> {
  const { isDurable = true, systemFolder = '/var/lib/pilotbase', startLimitMs = 300_000 } = options
  const user = await findRunUser()
  const places = await preparePlaces(options.dataFolder, user, systemFolder)
  const binaries = await findBinaries(places.binariesCopy, places.home)
  const launch = await launchOf(places, user, isDurable)
  await ensureCluster(places, binaries, user, isDurable)
  return { places, binaries, user, launch, connection: connectionTo(places.socketFolder), startLimitMs }
}

async function bringUp(ground: Ground): Promise<Running> {
  const found = await findPostmaster(ground.places.cluster)
  if (found !== null) {
    const adopted = await adopt(ground, found)
    if (adopted !== null) return adopted
    await stopPostmaster(found.pid)
  }
  await clearOrphans(ground.places.cluster)
  return launchChild(ground)
}

/** Takes over a healthy server that carries today's settings; null where it must be replaced. */
async function adopt({ connection, launch, startLimitMs }: Ground, { pid, socketFolder }: LockNote) {
  // Started with another TMPDIR, it listens where nobody looks.
  if (socketFolder !== null && socketFolder !== connection.host) return null
  const postgres = { ...connection, database: 'postgres' }
  const watcher = await connectWhenReady(postgres, () => isAlive(pid), startLimitMs)
  if (watcher === null) return null
  const { rows } = await watcher.query<{ name: string }>("select current_setting('cluster_name') as name")
  if (rows[0]?.name !== launch.clusterName) {
    await watcher.end()
    return null
  }
  await ensureBaseDatabase(watcher)
  return { pid, isAdopted: true, ended: adoptedEnd(postgres, watcher, pid) } satisfies Running
}

/** Another's child can't be waited for: an idle connection breaks when it ends. A crashed backend breaks it as well, and is no end. */
async function adoptedEnd(connection: Connection, watcher: pg.Client, pid: number): Promise<ServerExit> {
  for (let client: pg.Client | null = watcher; client !== null; ) {
    release(client)
    await endOf(client)
    client = await connectWhenReady(connection, () => isAlive(pid), Number.POSITIVE_INFINITY)
  }
  return { code: null, signal: null }
}

async function endOf(client: pg.Client): Promise<void> {
  await new Promise<void>((resolve) => client.once('end', () => resolve()))
}

async function launchChild(ground: Ground): Promise<Running> {
  const { places, connection, startLimitMs } = ground
  await rotate(places.log)
  const log = await open(places.log, 'a', 0o600)
  const logStart = (await log.stat()).size
  let running: Running
  try {
    running = await spawnPostmaster(ground, log.fd)
  } finally {
    await log.close()
  }
  let hasEnded = false
  void running.ended.then(() => {
    hasEnded = true
  })
  const client = await connectWhenReady({ ...connection, database: 'postgres' }, () => !hasEnded, startLimitMs)
  if (client === null) {
    if (!hasEnded) await stopPostmaster(running.pid)
    await running.ended
    throw await startFailure(places, logStart)
  }
  try {
    await ensureBaseDatabase(client)
  } finally {
    await client.end()
  }
  return running
}

async function spawnPostmaster({ places, binaries, user, launch }: Ground, logHandle: number): Promise<Running> {
  // A session of its own: Ctrl-C in the terminal reaches the base alone, which then ends the server in order.
  const child = spawn(path.join(binaries.folder, 'bin', 'postgres'), [...launch.args], {
    cwd: places.home,
    env: binaryEnvironment(binaries),
    detached: true,
    stdio: ['ignore', logHandle, logHandle],
    ...user.switchTo,
  })
  // The base lives by its own work; the server must not keep a finished process from exiting.
  child.unref()
  const ended = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => {
      reject(problem('kernel.postgres-failed', { reason: error.message, log: places.log }, error))
    })
  })
  if (child.pid === undefined) throw new Error('a process that was spawned has an id')
  return { pid: child.pid, isAdopted: false, ended }
}

async function startFailure(places: Places, logStart: number) {
  const said = (await readFile(places.log)).subarray(logStart).toString('utf8')
  if (said.includes('No space left on device')) return problem('kernel.database-disk-full', { folder: places.home })
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const reason = lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? 'it ended without a word'
  return problem('kernel.postgres-failed', { reason, log: places.log })
}

async function rotate(log: string): Promise<void> {
  if ((await exists(log)) && (await stat(log)).size > largestLogBytes) await rename(log, `${log}.1`)
}
