import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasCode } from './binaries.ts'

const run = promisify(execFile)

/** How long a fast shutdown may take before the server is made to stop at once (it then recovers at its next start). */
const fastStopMs = 30_000
const orphansMs = 10_000

/** What a running server notes of itself; `socketFolder` is null until it listens. */
export interface LockNote {
  readonly pid: number
  readonly socketFolder: string | null
}

/** The note in the cluster's lock file, or null where there is none. */
export async function readLockFile(cluster: string): Promise<LockNote | null> {
  try {
    // Lines: process id, data folder, start time, port, socket folder, address, shared memory, state.
    const lines = (await readFile(lockFile(cluster), 'utf8')).split('\n')
    const pid = Number(lines[0])
    return Number.isInteger(pid) && pid > 1 ? { pid, socketFolder: lines[4] || null } : null
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/**
 * The server that runs on this cluster, or null. A process id is used again by others, so the process must also work
 * in the cluster's folder, as every PostgreSQL process does. A lock file that names a stranger is removed: PostgreSQL
 * itself would take the stranger for a server and refuse to start.
 */
export async function findPostmaster(cluster: string): Promise<LockNote | null> {
  const note = await readLockFile(cluster)
  if (note === null) return null
  if (await worksIn(note.pid, cluster)) return note
  if (isAlive(note.pid)) {
    await clearOrphans(cluster)
    await rm(lockFile(cluster), { force: true })
  }
  return null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return hasCode(error, 'EPERM')
  }
}

async function worksIn(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
    return stdout.includes('postgres') && stdout.includes(cluster)
  }
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === cluster
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ESRCH')) return false
    throw error
  }
}

/** Ends a server that this process did not start, or whose exit it can't await: fast, and at once only when that takes too long. */
export async function stopPostmaster(pid: number): Promise<void> {
  if (!signal(pid, 'SIGINT') || (await comesTrue(() => !isAlive(pid), fastStopMs))) return
  signal(pid, 'SIGQUIT')
  if (await comesTrue(() => !isAlive(pid), orphansMs)) return
  signal(pid, 'SIGKILL')
  await comesTrue(() => !isAlive(pid), orphansMs)
}

/** False where the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
    throw error
  }
}

/**
 * After a kill -9 of the postmaster its backends notice at their next wait and leave; until then they hold the shared
 * memory, and a new server refuses to start. Waits for them, then ends those that are stuck in a long statement.
 */
export async function clearOrphans(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return
  const isClear = async () => (await processesIn(cluster)).length === 0
  if (await comesTrue(isClear, orphansMs)) return
  for (const pid of await processesIn(cluster)) signal(pid, 'SIGQUIT')
  if (await comesTrue(isClear, orphansMs)) return
  for (const pid of await processesIn(cluster)) signal(pid, 'SIGKILL')
  await comesTrue(isClear, orphansMs)
}

async function processesIn(cluster: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const here = await Promise.all(pids.map(async (pid) => pid !== process.pid && (await isPostgresIn(pid, cluster))))
  return pids.filter((_, at) => here[at])
}

/** A shell or an editor may stand in the folder as well; only the server's own processes count. */
async function isPostgresIn(pid: number, cluster: string): Promise<boolean> {
  if (!(await worksIn(pid, cluster))) return false
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
  return name.trim() === 'postgres'
}

/** Looks again at growing distances until the condition holds (true) or the time is over (false). */
export async function comesTrue(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const start = performance.now()
  for (let waitMs = 5; !(await condition()); waitMs = Math.min(waitMs * 1.5, 250)) {
    if (performance.now() - start > limitMs) return false
    await pause(waitMs)
  }
  return true
}

function lockFile(cluster: string): string {
  return path.join(cluster, 'postmaster.pid')
}
