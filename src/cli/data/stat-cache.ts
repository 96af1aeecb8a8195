import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ScannedFile } from './scan.ts'

/**
 * Digests of files by what the file system says about them, one file a folder, kept outside it. A file whose stamp is
 * as it was is not read again.
 */
export interface StatCache {
  /** The digest of a file that is as it was; null where it must be read. */
  digest(file: ScannedFile): string | null
  /** Remembers what was read at `hashedAtMs` and forgets every other file of the folder. */
  save(files: readonly (ScannedFile & { readonly sha256: string })[], hashedAtMs: number): void
}

interface Entry {
  readonly stamp: string
  readonly sha256: string
}

/** First line of a cache: its form, and the folder that it is of. Then a line a file: digest, stamp, path. */
const headOf = (folder: string): string => `pilotbase.stat/1 ${JSON.stringify(folder)}`

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
      return entry !== undefined && entry.stamp === stamp ? entry.sha256 : null
    },
    save(files, hashedAtMs) {
      const isKnown = (file: ScannedFile): boolean => known.get(file.path)?.stamp === file.stamp
      const settled = files.filter((file) => isKnown(file) || file.changedMs + settledAfterMs <= hashedAtMs)
      if (settled.length === known.size && settled.every(isKnown)) return
      const lines = settled.map((file) => `${file.sha256} ${file.stamp} ${file.path}`)
      writeAside(path, [headOf(real), ...lines, ''].join('\n'))
    },
  }
}

/** A missing or damaged cache is an empty one: it only saves time. Paths hold no line breaks, the scan refuses them. */
function read(path: string, folder: string): ReadonlyMap<string, Entry> {
  const known = new Map<string, Entry>()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return known
  }
  const [head, ...lines] = text.split('\n')
  // The file is moved into place whole; its last line is empty.
  if (head !== headOf(folder) || lines.pop() !== '') return known
  for (const line of lines) {
    const at = line.indexOf(' ', 65)
    known.set(line.slice(at + 1), { sha256: line.slice(0, 64), stamp: line.slice(65, at) })
  }
  return known
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
