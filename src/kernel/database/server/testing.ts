import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { startTestServer, type TestServer, templatePrefix, testDatabasePrefix } from './test-server.ts'

export { startTestServer, type TestServer }

let own: Promise<TestServer> | null = null

// Not an after hook: those of the module run before those of the test file, which still needs the server.
process.once('beforeExit', () => {
  const started = own
  own = null
  void started?.then((server) => server.destroy())
})

/**
 * Connection string of a server that tests may fill, as a superuser: the run's (PILOTBASE_TEST_DATABASE, set by
 * `npm test`), or one of this process's own, stopped when the file's tests are done.
 */
export async function testServer(): Promise<string> {
  const given = process.env['PILOTBASE_TEST_DATABASE']
  if (given !== undefined && given !== '') return given
  own ??= startTestServer()
  return (await own).url
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

export interface Template {
  /** Equal keys mean equal content: a digest of the migrations. */
  readonly key: string
  /** Fills an empty database; must have closed its connections when it settles. */
  migrate(url: string): Promise<void>
}

/** A database of the caller's own: empty, or a copy of a template that is made once per server and key. */
export async function testDatabase(options: { readonly template?: Template } = {}): Promise<TestDatabase> {
  const server = await testServer()
  const name = `${testDatabasePrefix}${randomBytes(6).toString('hex')}`
  const source = options.template === undefined ? null : await ensureTemplate(server, options.template)
  // file_copy is the faster strategy for a database that is small and warm when nothing waits for the disk.
  await inServer(server, (client) =>
    client.query(`create database ${name}${source === null ? '' : ` template ${source} strategy file_copy`}`),
  )
  return {
    url: withDatabase(server, name),
    async drop() {
      await inServer(server, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

const templates = new Map<string, Promise<string>>()

async function ensureTemplate(server: string, template: Template): Promise<string> {
  const name = `${templatePrefix}${createHash('sha256').update(template.key).digest('hex').slice(0, 16)}`
  const at = `${server} ${name}`
  const known = templates.get(at) ?? makeTemplate(server, name, template)
  templates.set(at, known)
  return known
}

/** Several test processes share the server: one makes the template, the others wait for its lock. */
async function makeTemplate(server: string, name: string, template: Template): Promise<string> {
  return inServer(server, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('select oid from pg_database where datname = $1', [name])
    if (rowCount !== 0) return name
    const making = `${name}_${randomBytes(4).toString('hex')}`
    await client.query(`create database ${making}`)
    try {
      await template.migrate(withDatabase(server, making))
      // Nobody may connect: a copy is refused while anyone is in its source.
      await client.query(`alter database ${making} with allow_connections false`)
      await client.query(`alter database ${making} rename to ${name}`)
    } catch (error) {
      await client.query(`drop database if exists ${making} with (force)`)
      throw error
    }
    return name
  })
}

async function inServer<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server, application_name: 'pilotbase-test' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
