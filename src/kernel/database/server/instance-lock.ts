import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { hasCode } from './binaries.ts'
import { problem } from './problems.ts'

/** One base works in one data folder. */
export interface InstanceLock {
  release(): Promise<void>
}

const lockName = 'base.lock'
const holderName = 'base.pid'
const sqliteBusy = 5

/**
 * Takes the data folder for this process, or refuses with the process that has it.
 *
 * The lock is the operating system's own on `base.lock`: it ends with the process, however that ends, so that none is
 * ever stale and none has to be broken. Node reaches it only through SQLite, which is used for nothing else here.
 * POSIX drops a process's lock when the process closes the file through any handle: nothing else may open it.
 */
export async function lockDataFolder(dataFolder: string): Promise<InstanceLock> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const folder = await realpath(dataFolder)
  const lock = new DatabaseSync(path.join(folder, lockName))
  const holder = path.join(folder, holderName)
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive')
  } catch (error) {
    lock.close()
    if (isBusy(error)) throw problem('kernel.data-folder-busy', { folder, pid: await readHolder(holder) }, error)
    throw error
  }
  await writeFile(holder, `${process.pid}\n`, { mode: 0o600 })
  return {
    async release() {
      await rm(holder, { force: true })
      lock.close()
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}

/** Null in the instant between the lock and its holder's note. */
async function readHolder(file: string): Promise<number | null> {
  try {
    return Number((await readFile(file, 'utf8')).trim())
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}
