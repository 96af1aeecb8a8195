import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { runMigrations as runQueueMigrations } from 'graphile-worker'
import pg from 'pg'
import { appRole } from './database.ts'
import { problem } from './problems.ts'

export interface MigrationFolder {
  /** The room, and the schema that holds its tables. */
  readonly room: string
  readonly folder: URL
}

interface Migration {
  readonly id: string
  readonly sql: string
  readonly sha256: string
}

// Any constant will do; every base that shares the database takes the same lock before it migrates.
const migrationLock = 7_304_911

/**
 * Brings the database to the newest migrations of every room, in the order given. `url` connects as the owner of the
 * tables. Applied migrations are compared by SHA-256, and one that this program doesn't know stops it.
 */
export async function migrate(url: string, rooms: readonly MigrationFolder[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'pilotbase-migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await createBase(client)
    const known = (await Promise.all(rooms.map(readMigrations))).flat()
    const { rows } = await client.query<{ id: string; sha256: string }>('select id, sha256 from kernel_migration')
    const applied = new Map(rows.map((row) => [row.id, row.sha256]))
    for (const id of applied.keys()) {
      if (!known.some((one) => one.id === id)) throw problem('kernel.database-newer', { migration: id })
    }
    if (!applied.has('kernel/0001_foundation')) await runQueueMigrations({ connectionString: url })
    for (const migration of known) {
      const before = applied.get(migration.id)
      if (before === undefined) await apply(client, migration)
      else if (before !== migration.sha256) throw problem('kernel.migration-changed', { migration: migration.id })
    }
  } finally {
    await client.end()
  }
}

/** A digest of all migrations: equal digests mean equal schemas. */
export async function migrationsDigest(rooms: readonly MigrationFolder[]): Promise<string> {
  const all = (await Promise.all(rooms.map(readMigrations))).flat()
  return createHash('sha256')
    .update(all.map((one) => `${one.id} ${one.sha256}\n`).join(''))
    .digest('hex')
}

async function createBase(client: pg.Client): Promise<void> {
  await client.query(`
    do $$ begin
      create role ${appRole} nologin;
    exception when duplicate_object or unique_violation then null;
    end $$;
    grant ${appRole} to current_user;
    create table if not exists kernel_migration (
      id text primary key, sha256 text not null, applied_at timestamptz not null default now())`)
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(migration.sql)
    await client.query('insert into kernel_migration (id, sha256) values ($1, $2)', [migration.id, migration.sha256])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${migration.id} failed: ${(error as Error).message}`, { cause: error })
  }
}

async function readMigrations({ room, folder }: MigrationFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { id: `${room}/${name.slice(0, -4)}`, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
