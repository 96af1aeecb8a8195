import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { appsMigrations, openApps, releasedFrom } from './apps/index.ts'
import { benchMigrations, openBench } from './bench/index.ts'
import { computeMigrations, openCompute } from './compute/index.ts'
import { dataMigrations, openData } from './data/index.ts'
import { seedDemo } from './demo/seed.ts'
import {
  type Config,
  type Kernel,
  openKernel,
  openLog,
  openStorage,
  type RunningBase,
  startBase,
  type DatabaseServer,
  lockDataFolder,
  startServer,
} from './kernel/index.ts'
import { releasedModels } from './joints.ts'
import { modelsMigrations, openModels } from './models/index.ts'
import { openRelease, releaseMigrations } from './release/index.ts'

export const version: string = packageJson.version

export interface OpenBase {
  readonly kernel: Kernel
  readonly address: string
  /** A one-time link by which the first operator signs in; null once somebody has. */
  readonly signInLink: string | null
  stop(): Promise<void>
}

/** Tables of every room, in the order in which rooms lean on one another. */
export const roomMigrations = [
  dataMigrations,
  computeMigrations,
  modelsMigrations,
  benchMigrations,
  releaseMigrations,
  appsMigrations,
]

/** Starts a whole base: the lock on its folder, the database child, the rooms, the HTTP server. */
export async function openBase(config: Config, log: Logger = openLog(config.logLevel)): Promise<OpenBase> {
  const dataFolder = resolve(config.data)
  const lock = await lockDataFolder(dataFolder)
  const server = config.databaseUrl === undefined ? await startChild(dataFolder, log) : null
  try {
    const databaseUrl = config.databaseUrl ?? server?.url ?? ''
    const kernel = await openKernel({
      config,
      version,
      databaseUrl,
      migrations: roomMigrations,
      objects: await openStorage(config),
      log,
    })
    const rooms = await openRooms(kernel, attemptsFolder(dataFolder, server))
    const signInLink = await seedDemo(kernel)
    const base = await startBase(kernel, rooms, databaseUrl)
    return { kernel, address: base.address, signInLink, stop: () => stopAll(base, server, lock.release) }
  } catch (error) {
    await server?.stop()
    await lock.release()
    throw error
  }
}

/** The rooms, each leaning on those before it. */
async function openRooms(kernel: Kernel, attempts: string) {
  const data = openData(kernel)
  const compute = openCompute(kernel, attempts)
  const models = openModels(kernel)
  const bench = openBench(kernel)
  const toRelease = releasedModels(models)
  const release = openRelease(kernel, toRelease)
  const apps = openApps(kernel, releasedFrom(release))
  return [data, compute, models, bench, release, apps]
}

async function startChild(dataFolder: string, log: Logger): Promise<DatabaseServer> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const server: DatabaseServer = await startServer({
    dataFolder,
    onExit: ({ code, signal }) => {
      log.warn({ code, signal }, 'the database child ended and is started again')
      server.ensureRunning().catch((error: Error) => log.error({ err: error }, 'the database child does not start'))
    },
  })
  if (server.adopted) log.info('took over the database child of an earlier base')
  return server
}

/**
 * Where jobs run. As root each job is a user of its own, which must be able to enter every parent: the data folder may
 * lie under /root, so attempts lie beside the cluster then.
 */
function attemptsFolder(dataFolder: string, server: DatabaseServer | null): string {
  if (process.getuid?.() !== 0) return join(dataFolder, 'attempts')
  const name = server === null ? dataFolder.replaceAll('/', '_') : dirname(server.clusterFolder).split('/').at(-1)
  return join('/var/lib/pilotbase/attempts', name ?? 'base')
}

async function stopAll(base: RunningBase, server: DatabaseServer | null, release: () => Promise<void>): Promise<void> {
  await base.stop()
  await server?.stop()
  await release()
}
