import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { auditExportRoute, auditRoutes } from './audit/routes.ts'
import { sealPending, wishSeal } from './audit/sealer.ts'
import type { Config } from './config/schema.ts'
import { capability } from './database/actor.ts'
import { type Database, openDatabase } from './database/database.ts'
import { type MigrationFolder, migrate } from './database/migrate.ts'
import type { EventBus } from './events/bus.ts'
import { openEventBus } from './events/bus.ts'
import { eventRoutes } from './events/stream.ts'
import { openSigningKey, type SigningKey, type TrustedKey, trustedKeyOf } from './evidence/keys.ts'
import { evidenceRoutes } from './evidence/routes.ts'
import { trustedKeys } from './evidence/store.ts'
import type { Mount, Route } from './http/route.ts'
import { buildHttp } from './http/server.ts'
import { identityRoutes } from './identity/routes.ts'
import { oidcRoutes } from './identity/oidc/oidc.ts'
import { signInRoutes } from './identity/sign-in.ts'
import type { ObjectStore } from './objects/store.ts'
import { healthRoutes } from './observe/health.ts'
import { type Metrics, observeRequests, openMetrics } from './observe/metrics.ts'
import { every, pause } from './observe/timers.ts'
import { queueRoutes } from './queue/routes.ts'
import { startQueue, type WorkTable } from './queue/worker.ts'

/** What every room is given. */
export interface Kernel {
  readonly config: Config
  readonly version: string
  /** Absolute path of the data folder. */
  readonly dataFolder: string
  readonly database: Database
  readonly objects: ObjectStore
  readonly signer: SigningKey
  readonly ownKey: TrustedKey
  readonly bus: EventBus
  readonly metrics: Metrics
  readonly log: FastifyBaseLogger
  readonly clock: () => Date
  /** Calls `run` every so often without keeping the process alive; the answer stops it. */
  readonly every: (periodMs: number, run: () => void) => () => void
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What a room brings to the base. */
export interface Room {
  readonly name: string
  readonly routes: readonly Route[]
  readonly mounts: readonly Mount[]
  readonly work: WorkTable
  /** Called once the base answers; what it returns is called before the base stops. */
  readonly start?: () => Promise<() => Promise<void>>
}

export const kernelMigrations: MigrationFolder = { room: 'kernel', folder: new URL('./migrations/', import.meta.url) }

export interface KernelOptions {
  readonly config: Config
  readonly version: string
  /** Connects as the owner of the tables. */
  readonly databaseUrl: string
  readonly migrations: readonly MigrationFolder[]
  readonly objects: ObjectStore
  readonly log: FastifyBaseLogger
  readonly clock?: () => Date
}

/** Brings the database up to date and opens the shelves. */
export async function openKernel(options: KernelOptions): Promise<Kernel> {
  const { config, databaseUrl, log } = options
  const clock = options.clock ?? (() => new Date())
  const dataFolder = resolve(config.data)
  await migrate(databaseUrl, [kernelMigrations, ...options.migrations])
  await mkdir(join(dataFolder, 'keys'), { recursive: true, mode: 0o700 })
  const signer = await openSigningKey(join(dataFolder, 'keys', 'base.pem'))
  const database = openDatabase({
    url: databaseUrl,
    onConnectionError: (error) => log.warn({ err: error }, 'database connection lost'),
  })
  return {
    config,
    version: options.version,
    dataFolder,
    database,
    objects: options.objects,
    signer,
    // Statements are dated by this base's own clock, so its key holds from the start.
    ownKey: trustedKeyOf(signer, 'this base', new Date(0).toISOString()),
    bus: await openEventBus(database),
    metrics: openMetrics(),
    log,
    clock,
    every,
    pause,
  }
}

export interface RunningBase {
  readonly http: FastifyInstance
  readonly address: string
  stop(): Promise<void>
}

// Rows wait this long for company before they are sealed.
const sealDelayMs = 5_000

/** Starts the queue, the rooms and the HTTP server. */
export async function startBase(kernel: Kernel, rooms: readonly Room[], databaseUrl: string): Promise<RunningBase> {
  const { database, log, config } = kernel
  const http = await kernelHttp(kernel, rooms)
  const queue = await startQueue({
    url: databaseUrl,
    database,
    concurrency: config.concurrency,
    work: Object.assign({ 'kernel.seal': () => sealAll(kernel) }, ...rooms.map((room) => room.work)),
    onFailure: (task, error, parked) => {
      kernel.metrics.workFailures.inc({ task, parked: String(parked) })
      log[parked ? 'error' : 'warn']({ err: error, task }, parked ? 'work is parked' : 'work failed and is tried again')
    },
    log: (level, message) => log[level](message),
  })
  const sealTimer = setInterval(() => {
    database
      .transaction(capability('sealer'), (tx) => wishSeal(tx, 0))
      .catch((error: Error) => log.warn({ err: error }, 'seal could not be asked for'))
  }, sealDelayMs)
  const stops: (() => Promise<void>)[] = []
  for (const room of rooms) if (room.start) stops.push(await room.start())
  const address = await http.listen({ host: config.host, port: config.port })
  return {
    http,
    address,
    async stop() {
      clearInterval(sealTimer)
      await http.close()
      for (const stop of stops.reverse()) await stop()
      await queue.stop()
      await kernel.bus.close()
      await database.close()
    },
  }
}

/** The HTTP server over the kernel's and the rooms' routes; tests inject into it without listening. */
export function kernelHttp(kernel: Kernel, rooms: readonly Room[]): Promise<FastifyInstance> {
  const { database, bus, signer, clock, metrics } = kernel
  const ownKeys = async () => [
    kernel.ownKey,
    ...(await database.transaction(capability('sealer'), (tx) => trustedKeys(tx))),
  ]
  return buildHttp({
    database,
    log: kernel.log,
    version: kernel.version,
    // Only who names the outside address has a proxy; without one, anybody could claim to speak for another.
    isBehindProxy: kernel.config.publicUrl !== undefined,
    routes: [
      ...identityRoutes(database),
      ...auditRoutes,
      ...evidenceRoutes(kernel.ownKey),
      ...queueRoutes,
      ...rooms.flatMap((room) => room.routes),
    ],
    mounts: [
      (app) => signInRoutes(app, database),
      (app) => oidcRoutes(app, kernel.config, database),
      (app) => eventRoutes(app, database, bus),
      (app) => auditExportRoute(app, { database, signer, ownKeys, clock }),
      (app) => healthRoutes(app, database, metrics),
      ...rooms.flatMap((room) => room.mounts),
    ],
    prepare: (app) => observeRequests(app, metrics),
  })
}

async function sealAll({ database, signer, clock }: Kernel): Promise<void> {
  while ((await database.transaction(capability('sealer'), (tx) => sealPending(tx, signer, clock()))) > 0);
}
