import { createHash } from 'node:crypto'
import pg from 'pg'
import { type Actor, actorSettings, type Credentials, type Entered, enteredFrom, enterSql, nobody } from './actor.ts'
import { problem } from './problems.ts'

export type SqlValue = string | number | bigint | boolean | null | Date | Buffer | readonly SqlValue[] | object

/** One open transaction: the only handle through which a store reads or writes. */
export interface Tx {
  readonly actor: Actor
  /** All rows of one statement with numbered parameters. */
  rows<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>
  /** The one row, or null where there is none. More than one row is our bug. */
  maybe<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | null>
  /** The one row that must be there. */
  one<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row>
  /** The number of rows that the statement changed. */
  change(sql: string, values?: readonly SqlValue[]): Promise<number>
}

export interface Database {
  /** Runs `work` as the actor: commits when it returns, rolls back when it throws. */
  transaction<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same for a caller who shows credentials: who they are is settled inside the transaction. */
  enter<T>(credentials: Credentials | null, work: (tx: Tx, entered: Entered) => Promise<T>): Promise<T>
  /** A dedicated connection for `listen`, outside any transaction. */
  listen(channel: string, hear: (payload: string) => void): Promise<() => Promise<void>>
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** The role that the base works as. It owns nothing, so that row-level security holds for every statement it sends. */
export const appRole = 'pilotbase_app'

// bigint and numeric arrive as text by default; sizes and counters here stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number)

const listenAgainMs = 500

export interface DatabaseOptions {
  readonly url: string
  readonly maxConnections?: number
  readonly onConnectionError?: (error: Error) => void
}

export function openDatabase({ url, maxConnections = 12, onConnectionError }: DatabaseOptions): Database {
  const settings = { connectionString: url, options: `-c role=${appRole}`, application_name: 'pilotbase' }
  const pool = new pg.Pool({ ...settings, max: maxConnections, idleTimeoutMillis: 30_000 })
  let isClosing = false
  const noteLost = (error: Error) => {
    if (!isClosing) onConnectionError?.(error)
  }
  pool.on('error', noteLost)
  // For as long as it lives: a connection may break between two hands that hold it.
  pool.on('connect', (client) => client.on('error', noteLost))

  return {
    pool,
    transaction: (actor, work) => inTransaction(pool, actorSettings(actor), (client) => work(txOf(client, actor))),
    enter: (credentials, work) => {
      const prelude = credentials === null ? actorSettings(nobody.actor) : enterSql(credentials)
      return inTransaction(pool, prelude, (client, rows) => {
        const entered =
          credentials === null
            ? nobody
            : enteredFrom(rows[0] as Parameters<typeof enteredFrom>[0], credentials.projectSlug)
        return work(txOf(client, entered.actor), entered)
      })
    },
    async listen(channel, hear) {
      let client: pg.Client | null = null
      let isOver = false
      const connectOnce = async (): Promise<void> => {
        const next = new pg.Client(settings)
        next.on('error', noteLost)
        next.on('notification', (message) => {
          if (message.channel === channel) hear(message.payload ?? '')
        })
        await next.connect()
        await next.query(`listen ${pg.escapeIdentifier(channel)}`)
        next.on('end', again)
        client = next
      }
      // A database that was restarted is listened to again; what was announced meanwhile is made up for by one call.
      const again = (): void => {
        if (isOver || isClosing) return
        setTimeout(() => {
          if (isOver || isClosing) return
          connectOnce().then(() => hear(''), again)
        }, listenAgainMs).unref()
      }
      await connectOnce()
      return async () => {
        isOver = true
        await client?.end()
      }
    },
    close() {
      isClosing = true
      return pool.end()
    },
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  prelude: string,
  work: (client: pg.PoolClient, preludeRows: unknown[]) => Promise<T>,
): Promise<T> {
  const client = await connect(pool)
  let broken: Error | undefined
  const noteBroken = (error: Error) => {
    broken = error
  }
  client.on('error', noteBroken)
  try {
    // One round trip: who acts is set for this transaction alone.
    const answers = (await client.query(`begin; ${prelude}`)) as unknown as pg.QueryResult[]
    const result = await work(client, answers[1]?.rows ?? [])
    await client.query('commit')
    return result
  } catch (error) {
    if (isConnectionLost(error)) broken = error as Error
    else await client.query('rollback').catch(noteBroken)
    throw translated(error)
  } finally {
    client.off('error', noteBroken)
    client.release(broken)
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw problem('kernel.database-unreachable', { reason: (error as Error).message }, error)
  }
}

const names = new Map<string, string>()

/** A name of at most 63 bytes for a statement. Stores hold their SQL as constants, so there are few. */
function nameOf(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  const name = createHash('sha256').update(sql).digest('base64url')
  names.set(sql, name)
  return name
}

function txOf(client: pg.PoolClient, actor: Actor): Tx {
  // Named, a statement is parsed and planned once a connection: policies make planning the larger part of a small write.
  const run = async (sql: string, values: readonly SqlValue[] = []) =>
    client.query({ name: nameOf(sql), text: sql, values: values as unknown[] })
  const maybe = async <Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | null> => {
    const { rows } = await run(sql, values)
    if (rows.length > 1) throw new Error(`expected at most one row, got ${rows.length}: ${sql}`)
    return (rows[0] as Row | undefined) ?? null
  }
  return {
    actor,
    rows: async <Row>(sql: string, values?: readonly SqlValue[]) => (await run(sql, values)).rows as Row[],
    maybe,
    one: async <Row>(sql: string, values?: readonly SqlValue[]) => {
      const row = await maybe<Row>(sql, values)
      if (row === null) throw new Error(`expected one row, got none: ${sql}`)
      return row
    },
    change: async (sql, values) => (await run(sql, values)).rowCount ?? 0,
  }
}

/** SQLSTATE of a database error, or undefined where it is none. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** The constraint that a statement broke, or undefined: stores turn the ones they foresee into problems. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined
}

function translated(error: unknown): unknown {
  const state = sqlState(error)
  if (state === '40001' || state === '40P01') return problem('kernel.conflict', {}, error)
  if (isConnectionLost(error))
    return problem('kernel.database-unreachable', { reason: (error as Error).message }, error)
  return error
}

function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return state.startsWith('57P') || state.startsWith('08')
  return error instanceof Error && /connection|ECONNRE|EPIPE|ENOENT/i.test(error.message) && !('row' in error)
}
