import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { hasCode } from './binaries.ts'
import { findPostmaster, isAlive, signal, stopPostmaster } from './postmaster.ts'
import { type DatabaseServer, type ServerOptions, startServer } from './server.ts'

/** A server in a folder of its own that leaves nothing behind. */
export interface TestServer extends DatabaseServer {
  readonly dataFolder: string
  /** Stops it and removes its folders. */
  destroy(): Promise<void>
}

const folderPrefix = 'pilotbase-test-'
const noteName = 'test-server.json'

/** What a killed test process can't clean up any more is cleaned by the next one, which reads this. */
interface Note {
  readonly ownerPid: number
  readonly home: string
}

/** Starts a private server for tests: without flushes to the disk, in a temporary folder. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  await sweepAbandoned()
  const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), folderPrefix)))
  const server = await startServer({ isDurable: false, ...options, dataFolder })
  const home = path.dirname(server.clusterFolder)
  await writeFile(path.join(dataFolder, noteName), JSON.stringify({ ownerPid: process.pid, home } satisfies Note))
  // A socket with too long a path lies elsewhere.
  const folders = [dataFolder, home, server.connection.host]
  const endAtOnce = () => {
    const pid = server.pid()
    if (pid !== null) signal(pid, 'SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
  // A process that exits early has no time to shut its server down in order.
  process.on('exit', endAtOnce)
  return {
    ...server,
    dataFolder,
    async destroy() {
      await server.stop()
      process.off('exit', endAtOnce)
      await removeFolders(...folders)
    },
  }
}

async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue
    const dataFolder = path.join(tmpdir(), name)
    const note = await readNote(path.join(dataFolder, noteName))
    if (note === null || isAlive(note.ownerPid)) continue
    const running = await findPostmaster(path.join(note.home, 'cluster'))
    if (running !== null) await stopPostmaster(running.pid)
    await removeFolders(dataFolder, note.home)
  }
}

/** Null where the server is being started, is another user's, or was swept by someone else in this moment. */
async function readNote(file: string): Promise<Note | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Note
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES') || error instanceof SyntaxError) return null
    throw error
  }
}

async function removeFolders(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
}

/** What `testDatabase` names its databases and their templates by. */
export const testDatabasePrefix = 'pilotbase_test_'
export const templatePrefix = 'pilotbase_template_'

/** Drops what tests left on a server that outlives them. */
export async function dropTestDatabases(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, application_name: 'pilotbase-test' })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1) or starts_with(datname, $2)',
      [testDatabasePrefix, templatePrefix],
    )
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`)
  } finally {
    await client.end()
  }
}
