import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { hasCode } from './binaries.ts'
import { socketPort } from './places.ts'
import { ownerRole } from './settings.ts'

/** How to reach the private server. `host` is the folder of its Unix socket. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

export const baseDatabase = 'pilotbase'

export function connectionTo(socketFolder: string, database = baseDatabase): Connection {
  return { host: socketFolder, port: socketPort, user: ownerRole, database }
}

/** The same as a URL that `pg` reads; the port is named, so that PGPORT in the environment changes nothing. */
export function urlOf({ host, port, user, database }: Connection): string {
  return `postgresql://${user}@localhost/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}&port=${port}`
}

// SQLSTATE 57P03: the server is starting up, recovering or shutting down.
const notYet = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03']

/**
 * A first connection to the server once it takes any, or null where the server ended or the time ran out before.
 * Recovery after a crash takes as long as its log is long; the server refuses with 57P03 meanwhile.
 */
export async function connectWhenReady(
  connection: Connection,
  isRunning: () => boolean,
  limitMs: number,
): Promise<pg.Client | null> {
  const start = performance.now()
  for (let waitMs = 10; isRunning() && performance.now() - start < limitMs; waitMs = Math.min(waitMs * 1.5, 200)) {
    const client = new pg.Client({
      ...connection,
      application_name: 'pilotbase-server',
      connectionTimeoutMillis: 10_000,
    })
    // A connection that breaks later is seen by whoever waits on its end.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      // Not awaited: `end` of a client that never connected does not settle.
      void client.end().catch(() => {})
      if (!hasCode(error, ...notYet)) throw error
    }
    await pause(waitMs)
  }
  return null
}

export async function ensureBaseDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select oid from pg_database where datname = $1', [baseDatabase])
  if (rowCount === 0) await client.query(`create database ${baseDatabase}`)
}

/** Keeps an idle connection from holding a finished process open. */
export function release(client: pg.Client): void {
  // Documented in pg, absent from its types.
  const { unref } = client as unknown as { unref(): void }
  unref.call(client)
}
