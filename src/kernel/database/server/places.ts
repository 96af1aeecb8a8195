import { createHash, randomUUID } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { exists, hasCode } from './binaries.ts'
import { problem } from './problems.ts'
import type { RunUser } from './run-user.ts'

/** Where one base's database lies. All paths are absolute. */
export interface Places {
  /** Holds the cluster, its log, its access rules. */
  readonly home: string
  readonly cluster: string
  readonly log: string
  readonly socketFolder: string
  /** Where the server's binaries must be copied so that its user can run them; null: they run where they lie. */
  readonly binariesCopy: string | null
}

export const socketPort = 5432

// sun_path is 108 bytes on Linux and 104 on macOS, its closing zero included.
const longestSocketPath = 103

/** Makes the folders that the server needs, each open to its user alone. */
export async function preparePlaces(dataFolder: string, user: RunUser, systemFolder: string): Promise<Places> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const data = await realpath(dataFolder)
  return user.switchTo === null ? inDataFolder(data) : forRoot(data, systemFolder, user.switchTo)
}

async function inDataFolder(data: string): Promise<Places> {
  const home = path.join(data, 'postgres')
  await mkdir(home, { recursive: true, mode: 0o700 })
  return { ...within(home), socketFolder: await socketFolderFor(home), binariesCopy: null }
}

/**
 * Root's data folder may lie where nobody else can enter, so the cluster lies under `systemFolder`, in a folder named
 * by an id that the data folder keeps: a removed data folder starts empty, a moved one finds its database again.
 */
async function forRoot(data: string, systemFolder: string, ids: { uid: number; gid: number }): Promise<Places> {
  await mkdir(systemFolder, { recursive: true, mode: 0o755 })
  const home = path.join(await realpath(systemFolder), await clusterId(data))
  await mkdir(home, { recursive: true, mode: 0o700 })
  await claim(home, data)
  const socketFolder = path.join(home, 'socket')
  await mkdir(socketFolder, { recursive: true, mode: 0o700 })
  for (const folder of [home, socketFolder]) {
    await chown(folder, ids.uid, ids.gid)
    await chmod(folder, 0o700)
  }
  return { ...within(home), socketFolder, binariesCopy: systemFolder }
}

function within(home: string) {
  return { home, cluster: path.join(home, 'cluster'), log: path.join(home, 'server.log') }
}

async function clusterId(data: string): Promise<string> {
  const file = path.join(data, 'cluster-id')
  try {
    await writeFile(file, `${randomUUID().slice(0, 13)}\n`, { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
  const id = (await readFile(file, 'utf8')).trim()
  if (!/^[0-9a-f-]{13}$/.test(id)) throw new Error(`${file} does not hold a cluster id`)
  return id
}

/** A copied data folder must not write into its original's database. */
async function claim(home: string, data: string): Promise<void> {
  const file = path.join(home, 'data-folder')
  const owner = (await exists(file)) ? (await readFile(file, 'utf8')).trim() : data
  if (
    owner !== data &&
    (await exists(path.join(owner, 'cluster-id'))) &&
    (await clusterId(owner)) === (await clusterId(data))
  )
    throw problem('kernel.data-folder-copied', { folder: data, original: owner })
  await writeFile(file, `${data}\n`, { mode: 0o600 })
}

/** In the data folder where the path is short and plain; otherwise a private folder under the system's temporary one. */
async function socketFolderFor(home: string): Promise<string> {
  const inside = path.join(home, 'socket')
  // unix_socket_directories is a comma-separated list with its own quoting.
  const isPlain = /^[\w./-]+$/.test(inside)
  if (isPlain && isShort(inside)) {
    await mkdir(inside, { recursive: true, mode: 0o700 })
    return inside
  }
  const name = `pilotbase-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`
  const temporary = path.join(tmpdir(), name)
  const folder = isShort(temporary) ? temporary : path.join('/tmp', name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    throw problem('kernel.socket-folder-unsafe', { folder })
  return folder
}

function isShort(folder: string): boolean {
  return Buffer.byteLength(path.join(folder, `.s.PGSQL.${socketPort}`)) <= longestSocketPath
}
