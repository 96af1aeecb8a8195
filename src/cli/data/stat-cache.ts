import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ScannedFile } from './scan.ts'

/**
 * Digests of files by what the file system says about them, one file of JSON a folder, kept outside it. A file whose
 * stamp is as it was is not read again.
 */
export interface StatCache {
  /** The digest of a file that is as it was; null where it must be read. */
  digest(file: ScannedFile): string | null
  /** Remembers what was read at `hashedAtMs` and forgets every other file of the folder. */
  save(files: readonly (ScannedFile & { readonly sha256: string })[], hashedAtMs: number): void
}

interface CacheFile {
  readonly version: 1
  readonly folder: string
  readonly entries: Readonly<Record<string, readonly [stamp: string, sha256: string]>>
}

/**
 * File systems keep times in steps of up to 2 s (FAT). A file that changed less than that before it was read may change
 * again within the step and keep its stamp: its digest is not remembered.
 */
const settledAfterMs = 2000

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pilotbase')
}

export function openStatCache(root: string, folder = cacheFolder()): StatCache {
  const real = realpathSync(root)
  const path = join(folder, 'stat', `${createHash('sha256').update(real).digest('hex').slice(0, 32)}.json`)
  const known = read(path, real)
  return {
    digest: ({ path: name, stamp }) => {
      const entry = known.get(name)
      return entry !== undefined && entry[0] === stamp ? entry[1] : null
    },
    save(files, hashedAtMs) {
      const settled = files.filter(
        (file) => known.get(file.path)?.[0] === file.stamp || file.changedMs + settledAfterMs <= hashedAtMs,
      )
      const isSame = settled.length === known.size && settled.every((file) => known.get(file.path)?.[0] === file.stamp)
      if (isSame) return
      const entries = Object.fromEntries(settled.map((file) => [file.path, [file.stamp, file.sha256] as const]))
      const kept: CacheFile = { version: 1, folder: real, entries }
      writeAside(path, JSON.stringify(kept))
    },
  }
}

/** A missing or damaged cache is an empty one: it only saves time. */
function read(path: string, folder: string): ReadonlyMap<string, readonly [string, string]> {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as CacheFile
    if (file.version !== 1 || file.folder !== folder) return new Map()
    return new Map(Object.entries(file.entries))
  } catch {
    return new Map()
  }
}

/** A manifest by its digest; null where none is kept. Its content is held against its name, so a damaged one is none. */
export function cachedManifest(digest: string, folder = cacheFolder()): Buffer | null {
  try {
    const bytes = readFileSync(join(folder, 'manifests', `${digest}.json`))
    return createHash('sha256').update(bytes).digest('hex') === digest ? bytes : null
  } catch {
    return null
  }
}

export function keepManifest(digest: string, bytes: Uint8Array, folder = cacheFolder()): void {
  writeAside(join(folder, 'manifests', `${digest}.json`), bytes)
}

function writeAside(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, content, { mode: 0o600 })
  renameSync(aside, path)
}
