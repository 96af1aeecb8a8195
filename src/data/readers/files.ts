import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { problem } from './problems.ts'

/** The files that one recording may consist of: a folder, or an upload in memory. Names are relative, with '/'. */
export interface FileSet {
  /** null where there is no such file. */
  sizeBytes(name: string): Promise<number | null>
  /** Bytes `from` (included) to `to` (excluded); fewer where the file ends before. */
  read(name: string, from: number, to: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Where a recording lies: a path, or named bytes. */
export type Source = string | { readonly files: ReadonlyMap<string, Uint8Array>; readonly name: string }

const OPEN_FILES = 16

/** A name that stays in its folder: relative, no '..', no drive, no backslash, no control character. */
export function isInsideFolder(name: string): boolean {
  if (name === '' || /[\\:\p{Cc}]/u.test(name)) return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

interface Opened {
  /** null: no such file. */
  readonly handle: Promise<FileHandle | null>
  /** Reads under way: a file in use is never closed to make room. */
  users: number
}

/** Keeps the files last used open, so that a stream of chunks doesn't open its file anew for each. */
class Folder implements FileSet {
  readonly #root: string
  readonly #opened = new Map<string, Opened>()

  constructor(root: string) {
    this.#root = root
  }

  sizeBytes(name: string): Promise<number | null> {
    return this.#use(name, async (handle) => {
      const stat = await handle?.stat()
      return stat?.isFile() ? stat.size : null
    })
  }

  read(name: string, from: number, to: number): Promise<Uint8Array> {
    return this.#use(name, async (handle) => {
      if (handle === null) throw problem('data.recording-file-missing', { file: name })
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, to - from)) // filled below; what isn't is cut off
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return filled === bytes.length ? bytes : bytes.subarray(0, filled)
    })
  }

  async close(): Promise<void> {
    const all = [...this.#opened.values()]
    this.#opened.clear()
    for (const { handle } of all) await (await handle)?.close()
  }

  async #use<T>(name: string, work: (handle: FileHandle | null) => Promise<T>): Promise<T> {
    if (!isInsideFolder(name)) throw problem('data.recording-unsafe-name', { file: name })
    const entry = this.#opened.get(name) ?? { handle: this.#open(name), users: 0 }
    // put last: the first in the map is the one longest unused
    this.#opened.delete(name)
    this.#opened.set(name, entry)
    entry.users++
    try {
      return await work(await entry.handle)
    } finally {
      entry.users--
      await this.#makeRoom()
    }
  }

  #open(name: string): Promise<FileHandle | null> {
    return open(path.join(this.#root, name), 'r').catch((error: NodeJS.ErrnoException) => {
      // a name in a header that is no file, a folder in the way, or too long a name: all mean "not there"
      if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(error.code ?? '')) return null
      throw error
    })
  }

  async #makeRoom(): Promise<void> {
    for (const [name, { handle, users }] of this.#opened) {
      if (this.#opened.size <= OPEN_FILES) return
      if (users > 0) continue
      this.#opened.delete(name)
      await (await handle)?.close()
    }
  }
}

export function folder(root: string): FileSet {
  return new Folder(root)
}

export function memory(files: ReadonlyMap<string, Uint8Array>): FileSet {
  return {
    async sizeBytes(name) {
      return files.get(name)?.length ?? null
    },
    async read(name, from, to) {
      const bytes = files.get(name)
      if (bytes === undefined) throw problem('data.recording-file-missing', { file: name })
      return bytes.subarray(from, to)
    },
    async close() {},
  }
}

/** The folder (or upload) and the name in it that a source means. */
export function locate(source: Source): { files: FileSet; name: string } {
  if (typeof source === 'string') return { files: folder(path.dirname(source)), name: path.basename(source) }
  return { files: memory(source.files), name: source.name }
}
