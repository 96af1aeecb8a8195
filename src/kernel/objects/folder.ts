import { createHash, randomBytes } from 'node:crypto'
import type { Dir } from 'node:fs'
import { type FileHandle, link, mkdir, open, opendir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../errors/problem.ts'
import { syncFolder, systemCode } from './durable.ts'
import {
  type Area,
  type ByteRange,
  type Content,
  type ListedObject,
  type ObjectPlace,
  piecesOf,
  sha256Pattern,
  type StoredObject,
} from './place.ts'
import { problem } from './problems.ts'

/** Pieces are gathered to this size before they are written: a pack of 4 KB files makes few calls. */
const writeBytes = 1024 * 1024
const readBytes = 256 * 1024
const shardNames = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'))

/**
 * A local folder: `objects/ab/cdef…`, `indexes/abcdef…`, and `incoming/` for what is still being written. A file is
 * written aside on the same file system, fsynced, renamed to its digest, and the folder is fsynced: a name is never
 * seen with half a content, whatever is cut when.
 */
export async function openFolder(root: string): Promise<ObjectPlace> {
  const incoming = join(root, 'incoming')
  const at = (area: Area, sha256: string) =>
    area === 'indexes' ? join(root, area, sha256) : join(root, area, sha256.slice(0, 2), sha256.slice(2))
  await inWords(root, async () => {
    for (const area of ['objects', 'indexes']) await mkdir(join(root, area), { recursive: true })
    await mkdir(incoming, { recursive: true })
    await syncFolder(root)
    const probe = await newFile(incoming)
    await probe.file.close()
    await unlink(probe.path)
  })

  return {
    name: root,

    async write(area, content) {
      const made = await inWords(root, () => newFile(incoming))
      try {
        const stored = await fill(made.file, content, root)
        const now = new Date()
        await inWords(root, () => made.file.utimes(now, now))
        await inWords(root, () => made.file.sync())
        await inWords(root, () => moveInto(join(root, area), made.path, at(area, stored.sha256)))
        return stored
      } catch (cause) {
        await unlinkIfThere(made.path)
        throw cause
      } finally {
        await made.file.close()
      }
    },

    async *read(area, sha256, range) {
      let file: FileHandle
      try {
        file = await open(at(area, sha256), 'r')
      } catch (cause) {
        if (systemCode(cause) === 'ENOENT') throw problem('kernel.object-missing', { sha256, place: root }, cause)
        throw words(root, cause)
      }
      try {
        yield* bytesOf(file, range)
      } catch (cause) {
        throw words(root, cause)
      } finally {
        await file.close()
      }
    },

    async stat(area, sha256) {
      return inWords(root, () => describe(at(area, sha256), sha256))
    },

    async remove(area, sha256, before) {
      return inWords(root, () => removeFile(at(area, sha256), join(incoming, `gone-${sha256}-${nonce()}`), before))
    },

    async *list(area) {
      const shards = area === 'indexes' ? [''] : shardNames
      for (const shard of shards) {
        for await (const rest of entriesOf(join(root, area, shard))) {
          const sha256 = shard + rest
          const listed = sha256Pattern.test(sha256) ? await describe(at(area, sha256), sha256) : null
          if (listed !== null) yield listed
        }
      }
    },

    async sweep(before) {
      let swept = 0
      for await (const name of entriesOf(incoming)) {
        const path = join(incoming, name)
        const found = await describe(path, '')
        if (found === null || found.storedAt >= before) continue
        if (await unlinkIfThere(path)) swept += 1
      }
      return swept
    },
  }
}

/** Says in words what the operating system refused; our own problems and everything unforeseen pass unchanged. */
export function words(place: string, cause: unknown): unknown {
  if (cause instanceof Problem) return cause
  const code = systemCode(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') return problem('kernel.disk-full', { place }, cause)
  if (code !== null && unwritable.has(code)) return problem('kernel.storage-unwritable', { place, detail: code }, cause)
  return cause
}

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EIO', 'ENOENT', 'ENXIO', 'ESTALE'])

async function inWords<T>(place: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (cause) {
    throw words(place, cause)
  }
}

async function newFile(folder: string): Promise<{ path: string; file: FileHandle }> {
  const path = join(folder, nonce())
  return { path, file: await open(path, 'wx', 0o640) }
}

function nonce(): string {
  return randomBytes(12).toString('hex')
}

/** Writes the content and hashes it on the way. A failure of the source itself is passed on as it is. */
async function fill(file: FileHandle, content: Content, place: string): Promise<StoredObject> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  const flush = () => inWords(place, () => file.writeFile(Buffer.concat(waiting)))
  for await (const piece of piecesOf(content)) {
    hash.update(piece)
    sizeBytes += piece.byteLength
    waiting.push(piece)
    waitingBytes += piece.byteLength
    if (waitingBytes < writeBytes) continue
    await flush()
    waiting = []
    waitingBytes = 0
  }
  await flush()
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** Renames over whatever has the name: the content is the same, the copy is fresh. */
async function moveInto(area: string, from: string, to: string): Promise<void> {
  const shard = join(to, '..')
  if ((await mkdir(shard, { recursive: true })) !== undefined) await syncFolder(area)
  await rename(from, to)
  await syncFolder(shard)
}

/**
 * Takes the file out of the way first and looks at its age then: where somebody put it again meanwhile, it goes back.
 * So a put that was acknowledged is never lost to a collector that decided earlier.
 */
async function removeFile(path: string, aside: string, before: Date | undefined): Promise<boolean> {
  const known = await describe(path, '')
  if (known === null || (before !== undefined && known.storedAt >= before)) return false
  try {
    await rename(path, aside)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false
    throw cause
  }
  const taken = await stat(aside)
  const isYoung = before !== undefined && taken.mtime >= before
  if (isYoung) await linkIfFree(aside, path)
  await unlink(aside)
  await syncFolder(join(path, '..'))
  return !isYoung
}

async function linkIfFree(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw cause
  }
}

async function describe(path: string, sha256: string): Promise<ListedObject | null> {
  try {
    const found = await stat(path)
    return { sha256, sizeBytes: found.size, storedAt: found.mtime }
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw cause
  }
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false
    throw cause
  }
}

async function* entriesOf(folder: string): AsyncGenerator<string> {
  let entries: Dir
  try {
    entries = await opendir(folder)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return
    throw cause
  }
  for await (const entry of entries) if (entry.isFile()) yield entry.name
}

async function* bytesOf(file: FileHandle, range: ByteRange | undefined): AsyncGenerator<Uint8Array> {
  let position = range?.start ?? 0
  const end = range?.end ?? Number.POSITIVE_INFINITY
  while (position < end) {
    const length = Math.min(readBytes, end - position)
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
