import { execFile } from 'node:child_process'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Binaries, binaryEnvironment, exists, hasCode } from './binaries.ts'
import type { Places } from './places.ts'
import { problem } from './problems.ts'
import type { RunUser } from './run-user.ts'
import { ownerRole } from './settings.ts'

const run = promisify(execFile)
const makingPrefix = 'cluster.new-'

/**
 * Makes the cluster where there is none, beside its place and renamed into it: an interrupted one leaves nothing that
 * looks whole. UTF-8 with PostgreSQL's own C.UTF-8, so that order never changes with the system's libraries.
 */
export async function ensureCluster(
  places: Places,
  binaries: Binaries,
  user: RunUser,
  isDurable: boolean,
): Promise<void> {
  await removeHalfMade(places.home)
  if (await exists(places.cluster)) return checkVersion(places, binaries)
  const making = path.join(places.home, `${makingPrefix}${process.pid}`)
  const args = ['-D', making, '-U', ownerRole, '--encoding=UTF8', '--locale=C', '--locale-provider=builtin']
  args.push('--builtin-locale=C.UTF-8', '--data-checksums', '--auth-local=peer', '--auth-host=reject')
  args.push('--set', 'max_connections=60', '--set', 'shared_buffers=48MB', '--set', 'dynamic_shared_memory_type=posix')
  if (!isDurable) args.push('--no-sync')
  try {
    const env = binaryEnvironment(binaries)
    await run(path.join(binaries.folder, 'bin', 'initdb'), args, { env, cwd: places.home, ...user.switchTo })
    await rename(making, places.cluster)
    if (isDurable) await syncFolder(places.home)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    const reason = reasonOf(error)
    if (hasCode(error, 'ENOSPC') || reason.includes('No space left'))
      throw problem('kernel.database-disk-full', { folder: places.home }, error)
    throw problem('kernel.cluster-init-failed', { folder: places.home, reason }, error)
  }
}

async function checkVersion(places: Places, binaries: Binaries): Promise<void> {
  const found = Number.parseInt(await readFile(path.join(places.cluster, 'PG_VERSION'), 'utf8'), 10)
  const params = { folder: places.cluster, found, ours: binaries.major }
  if (found > binaries.major) throw problem('kernel.cluster-newer', params)
  if (found < binaries.major) throw problem('kernel.cluster-older', params)
}

async function removeHalfMade(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(makingPrefix)) await rm(path.join(home, name), { recursive: true, force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The line of initdb's output that says what is wrong. */
function reasonOf(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /error|fatal|could not/i.test(line)) ?? lines[0] ?? (error as Error).message
}
