import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { actorSettings } from './kernel/database/actor.ts'
import { type Role, roles } from './kernel/index.ts'
import { as, type TestBase, testBase } from './kernel/testing.ts'
import { roomMigrations } from './main.ts'

interface Table {
  readonly schema: string
  readonly name: string
  readonly isSecured: boolean
  readonly policies: number
  readonly hasProject: boolean
}

let base: TestBase
let admin: pg.Client
let tables: Table[]
const people = new Map<string, string>()

before(async () => {
  base = await testBase({ migrations: roomMigrations })
  admin = new pg.Client({ connectionString: base.databaseUrl })
  await admin.connect()
  tables = (
    await admin.query<Table>(
      `select n.nspname as schema, c.relname as name, c.relrowsecurity as "isSecured",
              (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
              exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id') as "hasProject"
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'graphile_worker', 'public')
        order by 1, 2`,
    )
  ).rows
  for (const role of roles) people.set(role, (await base.person(`only-${role}`, role)).id)
  people.set('outsider', await personElsewhere())
  await dropChecks()
  for (const table of tables) await fill(table)
})
after(async () => {
  await admin.end()
  await base.close()
})

test('every table is under row-level security and has a policy', () => {
  assert.ok(tables.length >= 20, 'the tables were found')
  const open = tables.filter((one) => !one.isSecured || one.policies === 0).map(nameOf)
  assert.deepEqual(open, [], 'a new table needs "enable row level security" and policies in its own migration')
})

test('the role of the base owns nothing, bypasses nothing and can give itself no other role', async () => {
  const { rows } = await admin.query(
    `select rolsuper, rolbypassrls, rolcreaterole, (select count(*)::int from pg_class c where c.relowner = r.oid) as owns
       from pg_roles r where rolname = 'pilotbase_app'`,
  )
  assert.deepEqual(rows, [{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owns: 0 }])
})

test('a stranger sees no row of any table', async () => {
  assert.deepEqual(await seenBy(''), [])
})

test('a member of another organisation sees nothing of this project', async () => {
  const seen = await seenBy(people.get('outsider') ?? '')
  const ofProjects = seen.filter((name) => tables.find((one) => nameOf(one) === name)?.hasProject)
  assert.deepEqual(ofProjects, [])
})

test('each role sees what its work needs', async () => {
  const secret = [
    'kernel.session',
    'kernel.sign_in_link',
    'kernel.api_key',
    'kernel.base_instance',
    'kernel.audit_head',
  ]
  for (const role of roles) {
    const seen = await seenBy(people.get(role) ?? '')
    for (const name of secret.filter((one) => one !== 'kernel.api_key'))
      assert.ok(!seen.includes(name), `${role} sees ${name}`)
    assert.equal(
      seen.includes('kernel.audit_row'),
      (['owner', 'auditor'] as Role[]).includes(role),
      `${role} and the audit log`,
    )
    if (tables.some((one) => nameOf(one) === 'apps.case'))
      assert.equal(seen.includes('apps.case'), (['clinician', 'auditor'] as Role[]).includes(role), `${role} and cases`)
    for (const name of ['data.snapshot', 'compute.job', 'kernel.statement'])
      assert.ok(seen.includes(name), `${role} sees ${name}`)
  }
})

test('nobody outside writes into the project, whatever they send', async () => {
  for (const who of ['', people.get('outsider') ?? ''])
    for (const table of tables.filter((one) => one.hasProject)) {
      assert.equal(
        await changes(who, `update ${nameOf(table)} set project_id = project_id ${ofProject(table)}`),
        0,
        `${nameOf(table)} by ${who || 'a stranger'}`,
      )
      assert.equal(
        await changes(who, `delete from ${nameOf(table)} ${ofProject(table)}`),
        0,
        `${nameOf(table)} by ${who || 'a stranger'}`,
      )
    }
})

test('the audit log and signed statements can be added to and never changed, by any role or capability', async () => {
  for (const table of [
    'kernel.audit_row',
    'kernel.audit_link',
    'kernel.audit_seal',
    'kernel.statement',
    'kernel.event',
  ])
    for (const who of [...people.values(), 'capability:sealer', 'capability:scheduler', 'capability:seed'])
      for (const sql of [`delete from ${table}`, `update ${table} set at = now()`, `truncate ${table}`])
        assert.equal(await changes(who, sql), 0, `${sql} by ${who}`)
})

test('a query that forgets its filter returns nothing of others through the API either', async () => {
  const app = await base.http()
  const outsider = await base.person('second-outsider')
  const answer = await app.inject(as(outsider, 'GET', '/api/projects'))
  assert.deepEqual(answer.json(), { projects: [] })
})

function nameOf({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/** The other organisation has rows of its own, which it sees; what counts are the rows of this project. */
function ofProject({ hasProject }: Table): string {
  return hasProject ? `where project_id = '${base.project.id}'` : ''
}

/** Runs `work` as the base's role with this actor, and rolls everything back. */
async function acting<T>(who: string, work: () => Promise<T>): Promise<T> {
  const settings = who.startsWith('capability:')
    ? actorSettings({ kind: 'capability', capability: who.slice(11) as 'sealer' })
    : `select set_config('pilotbase.user', '${who}', true), set_config('pilotbase.capability', '', true)`
  await admin.query(`begin; set local role pilotbase_app; ${settings}`)
  try {
    return await work()
  } finally {
    await admin.query('rollback')
  }
}

async function seenBy(who: string): Promise<string[]> {
  const seen: string[] = []
  for (const table of tables) {
    const count = await acting(who, async () => {
      const result = await admin
        .query<{ n: number }>(`select count(*)::int as n from ${nameOf(table)} ${ofProject(table)}`)
        .catch(denied)
      return result === null ? 0 : (result.rows[0]?.n ?? 0)
    })
    if (count > 0) seen.push(nameOf(table))
  }
  return seen
}

function changes(who: string, sql: string): Promise<number> {
  return acting(who, async () => (await admin.query(sql).catch(denied))?.rowCount ?? 0)
}

/** Permission denied, or a column that a table does not have, changes nothing; any other error is a fault of the test. */
function denied(error: unknown): null {
  const code = (error as { code?: string }).code ?? ''
  if (['42501', '42703'].includes(code)) return null
  throw error
}

async function personElsewhere(): Promise<string> {
  const { rows } = await admin.query<{ id: string }>(
    `with o as (insert into kernel.organisation (kind, name) values ('company', 'Elsewhere') returning id),
          p as (insert into kernel.person (organisation_id, handle, name) select id, 'elsewhere', 'Elsewhere' from o returning id),
          j as (insert into kernel.project (slug, title, organisation_id) select 'elsewhere', 'Elsewhere', id from o returning id)
     insert into kernel.membership (project_id, person_id, role) select j.id, p.id, 'owner' from j, p returning person_id as id`,
  )
  return rows[0]?.id ?? ''
}

/** The rows that fill the tables need not make sense, only be there: this database is thrown away. */
async function dropChecks(): Promise<void> {
  const { rows } = await admin.query<{ sql: string }>(
    `select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) as sql from pg_constraint k
       join pg_namespace n on n.oid = k.connamespace where k.contype = 'c' and k.conrelid <> 0 and n.nspname = any ($1)`,
    [[...new Set(tables.map((one) => one.schema))]],
  )
  for (const { sql } of rows) await admin.query(sql)
}

/** One row of the project in each table that has none yet; foreign keys and triggers are off for it. */
async function fill(table: Table): Promise<void> {
  const { rows: found } = await admin.query(`select 1 from ${nameOf(table)} ${ofProject(table)} limit 1`)
  if (found.length > 0) return
  const { rows: columns } = await admin.query<{ name: string; type: string }>(
    `select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
        and (a.attname = 'project_id' or (a.attnotnull and not a.atthasdef))
      order by a.attnum`,
    [nameOf(table)],
  )
  const values = columns.map((one) => (one.name === 'project_id' ? `'${base.project.id}'` : sample(one.type)))
  await admin.query('begin; set local session_replication_role = replica')
  await admin.query(
    columns.length === 0
      ? `insert into ${nameOf(table)} default values`
      : `insert into ${nameOf(table)} (${columns.map((one) => one.name).join(', ')}) values (${values.join(', ')})`,
  )
  await admin.query('commit')
}

/** Any value of the column's type. */
function sample(type: string): string {
  if (type.endsWith('[]')) return "'{}'"
  if (type === 'text') return "'a'"
  if (type === 'uuid') return 'gen_random_uuid()'
  if (type === 'jsonb' || type === 'json') return "'{}'"
  if (type === 'bytea') return "'\\x00'"
  if (type === 'boolean') return 'true'
  if (type === 'date' || type.startsWith('timestamp')) return 'now()'
  return '1'
}
