/** The folder that is evaluated: every byte that is read from it enters the digest. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafePath } from '../../data/index.ts'
import type { FileDigest } from '../../statistics/index.ts'
import { problem } from '../problems.ts'

export interface DataFolder {
  /** A whole file; null where there is none. The path must be plain and relative. */
  read(path: string): Promise<Buffer | null>
  /** The files read so far. */
  digests(): FileDigest[]
}

export function openFolder(root: string): DataFolder {
  const known = new Map<string, string>()
  return {
    async read(path) {
      if (!isSafePath(path)) throw problem('bench.data-path', { file: path, line: 1, field: 'path', path })
      const bytes = await readPlain(join(root, path), path)
      if (bytes !== null && !known.has(path)) known.set(path, createHash('sha256').update(bytes).digest('hex'))
      return bytes
    },
    digests: () => [...known].map(([path, sha256]) => ({ path, sha256 })),
  }
}

/** A file, null where there is none; `name` is what refusals call it. */
export async function readPlain(path: string, name: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw problem('bench.data-file-unreadable', { file: name, detail: code }, cause)
  }
}
