import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { findPostmaster, isAlive, readLockFile, signal } from './postmaster.ts'
import { type ServerExit, startServer } from './server.ts'
import { startTestServer } from './test-server.ts'

// One cluster serves all tests, one after the other: making one takes most of a second.
const dataFolder = await mkdtemp(path.join(tmpdir(), 'pilotbase-server-'))
const first = await startTestServer({ dataFolder })
await first.stop()
after(() => first.destroy())

function start(onExit: (exit: ServerExit) => void = () => {}) {
  return startServer({ dataFolder, isDurable: false, onExit })
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

/** Another process that starts the server of the data folder and is then killed: its server lives on. */
async function killedBase(isDurable: boolean): Promise<number> {
  const script = `
    const { startServer } = await import(process.argv[1])
    const server = await startServer({ dataFolder: process.argv[2], isDurable: process.argv[3] === 'true' })
    console.log(server.pid())
    setInterval(() => {}, 1000)`
  const module = new URL('./server.ts', import.meta.url).href
  const args = ['--input-type=module', '-e', script, module, dataFolder, String(isDurable)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  child.kill('SIGKILL')
  await once(child, 'exit')
  return Number(said.toString())
}

test('the server answers on its socket alone, in UTF-8, with checksums and modest memory', async () => {
  const { url, connection, stop } = await start()
  assert.equal(await ask(url, 'select 1'), 1)
  assert.equal(await ask(url, "select current_setting('listen_addresses')"), '')
  assert.equal(await ask(url, "select current_setting('server_encoding')"), 'UTF8')
  assert.equal(await ask(url, "select current_setting('data_checksums')"), 'on')
  assert.equal(await ask(url, "select current_setting('shared_buffers')"), '48MB')
  const locale = "select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()"
  assert.equal(await ask(url, locale), 'b C.UTF-8')
  assert.equal(await ask(url, "select upper('é 心电')"), 'É 心电')
  assert.equal((await stat(connection.host)).mode & 0o777, 0o700)
  await stop()
})

test('a data folder with spaces, quotes, commas and a very long path has a database', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'pilotbase-odd-'))
  const odd = path.join(parent, `it's a, "long" 文件夹: ${'x'.repeat(120)}`)
  const server = await startTestServer({ dataFolder: odd })
  assert.equal(await ask(server.url, 'select 1'), 1)
  await server.destroy()
  await rm(parent, { recursive: true })
})

test('what was written is there after a stop and a start, and no process stays behind a stop', async () => {
  const before = await start()
  await ask(before.url, "create table kept as select 'here'::text as word")
  const pid = before.pid()
  await before.stop()
  assert.ok(pid !== null && !isAlive(pid))
  const again = await start()
  assert.equal(again.adopted, false)
  assert.equal(await ask(again.url, 'select word from kept'), 'here')
  await again.stop()
})

test('a server that outlived its killed base is adopted, and its end is seen', async () => {
  const pid = await killedBase(false)
  const seen = Promise.withResolvers<ServerExit>()
  const server = await start(seen.resolve)
  assert.equal(server.adopted, true)
  assert.equal(server.pid(), pid)
  await ask(server.url, 'create table adopted as select 1 as n')
  signal(pid, 'SIGKILL')
  assert.deepEqual(await seen.promise, { code: null, signal: null })
  await server.ensureRunning()
  assert.notEqual(server.pid(), pid)
  assert.equal(await ask(server.url, 'select n from adopted'), 1)
  await server.stop()
})

test('an adopted server is stopped in order', async () => {
  const pid = await killedBase(false)
  const server = await start(() => assert.fail('a stop is no unexpected end'))
  await server.stop()
  assert.equal(isAlive(pid), false)
  assert.equal(await findPostmaster(server.clusterFolder), null)
})

test('a server with other settings is not adopted but stopped cleanly and replaced', async () => {
  const pid = await killedBase(true)
  const server = await start()
  assert.equal(server.adopted, false)
  assert.equal(isAlive(pid), false)
  assert.equal(await ask(server.url, 'select 1'), 1)
  await server.stop()
})

test('a server that is killed while a long statement runs is reported and comes back', async () => {
  const seen = Promise.withResolvers<ServerExit>()
  const server = await start(seen.resolve)
  const busy = new pg.Client({ connectionString: server.url })
  busy.on('error', () => {})
  await busy.connect()
  const statement = assert.rejects(busy.query('select pg_sleep(60)'))
  const pid = server.pid()
  assert.ok(pid !== null)
  signal(pid, 'SIGKILL')
  assert.deepEqual(await seen.promise, { code: null, signal: 'SIGKILL' })
  assert.equal(server.pid(), null)
  await Promise.all([server.ensureRunning(), server.ensureRunning()])
  assert.equal(await ask(server.url, 'select 1'), 1)
  await statement
  await server.stop()
})

test('a lock file that names a living stranger does not keep the server from starting', async () => {
  await writeFile(path.join(first.clusterFolder, 'postmaster.pid'), `${process.pid}\n${first.clusterFolder}\n`)
  assert.equal((await readLockFile(first.clusterFolder))?.pid, process.pid)
  const server = await start()
  assert.equal(await ask(server.url, 'select 1'), 1)
  await server.stop()
})

test('a cluster of a newer PostgreSQL is refused and left as it is', async () => {
  const versionFile = path.join(first.clusterFolder, 'PG_VERSION')
  const version = await readFile(versionFile)
  await writeFile(versionFile, '99\n')
  await assert.rejects(start(), { code: 'kernel.cluster-newer' })
  assert.equal(await readFile(versionFile, 'utf8'), '99\n')
  await writeFile(versionFile, version)
})

test('a server that can not start says why, in the words of its log', async () => {
  const control = path.join(first.clusterFolder, 'global', 'pg_control')
  await rename(control, `${control}.aside`)
  await assert.rejects(start(), { code: 'kernel.postgres-failed', message: /pg_control|control file/ })
  await rename(`${control}.aside`, control)
})

test('a half-made cluster is removed and made again', async () => {
  const home = path.dirname(first.clusterFolder)
  await rename(first.clusterFolder, path.join(home, 'cluster.new-1'))
  const server = await start()
  assert.equal(await ask(server.url, 'select 1'), 1)
  assert.deepEqual(
    (await readdir(home)).filter((name) => name.startsWith('cluster')),
    ['cluster'],
  )
  await server.stop()
})
