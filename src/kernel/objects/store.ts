import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Problem } from '../errors/problem.ts'
import { type PackEntry, type PackedFile, type PackIndex, PackWriter, readIndex } from './pack.ts'
import {
  type ByteRange,
  checkDigest,
  type Content,
  type ListedObject,
  type ObjectPlace,
  type StoredObject,
} from './place.ts'
import { problem } from './problems.ts'

export interface Collected {
  readonly removedObjects: number
  readonly removedBytes: number
  /** Unreferenced, but put too recently to be sure that nobody is about to refer to it. */
  readonly tooYoung: number
  /** What writes that never ended had left behind. */
  readonly leftovers: number
}

/** Objects by their SHA-256: durable when acknowledged, verified when read. */
export interface ObjectStore {
  /** How the place is called in words for people. */
  readonly place: string
  /** Stores the content. Put again what may be there already: that is what protects it from a running collection. */
  put(content: Content, expectedSha256?: string): Promise<StoredObject>
  /** Stores many small files as one pack and its index: durable together, at the price of two files. */
  putMany(
    files: Iterable<{ name: string; content: Content }> | AsyncIterable<{ name: string; content: Content }>,
  ): Promise<{ pack: StoredObject; files: readonly PackedFile[] }>
  /**
   * The content, verified: where a bit differs the stream ends in `kernel.object-damaged` and the last piece is never
   * handed over, so nobody can take it for whole. A range reads and verifies the whole object too.
   */
  get(sha256: string, range?: ByteRange): Promise<Readable>
  /** The whole content in memory, verified. */
  read(sha256: string): Promise<Buffer>
  stat(sha256: string): Promise<StoredObject | null>
  has(sha256: string): Promise<boolean>
  /** Those of the digests that are not stored; for many at once, at the price of few looks at the place. */
  missing(digests: Iterable<string>): Promise<Set<string>>
  /** Removes an object that is stored by itself; one inside a pack goes with its pack, by `collect`. */
  delete(sha256: string): Promise<boolean>
  list(): AsyncIterable<ListedObject & { readonly pack: string | null }>
  /**
   * Removes what nothing refers to and nobody put within `olderThanMs`, which must exceed the longest time between a
   * put and the commit of what refers to it. A pack stays as long as one of its files is referred to.
   */
  collect(referenced: AsyncIterable<string>, olderThanMs: number, now?: Date): Promise<Collected>
}

// Looks at the place that are under way at a time.
const sideBySide = 16

/** The store over a place. Indexes of packs are read when first needed, and again when something is not found. */
export function objectStore(place: ObjectPlace): ObjectStore {
  const indexes = new Map<string, PackIndex>()
  let loaded: Promise<void> | null = null

  async function loadIndexes(): Promise<void> {
    // What is added while this reads is newer than its list, and stays.
    const known = [...indexes.keys()]
    const present = new Set<string>()
    for await (const { sha256 } of place.list('indexes')) {
      present.add(sha256)
      if (indexes.has(sha256)) continue
      const index = await readIndexIfThere(sha256)
      if (index !== null) indexes.set(sha256, index)
    }
    for (const name of known) if (!present.has(name)) indexes.delete(name)
  }

  /** Null where a collector in another process took it away since it was listed. */
  async function readIndexIfThere(sha256: string): Promise<PackIndex | null> {
    let bytes: Buffer
    try {
      bytes = await gather(verified(place.read('indexes', sha256), sha256, place.name))
    } catch (cause) {
      if (cause instanceof Problem && cause.code === 'kernel.object-missing') return null
      throw cause
    }
    const index = readIndex(bytes)
    if (index === null) throw problem('kernel.object-damaged', { sha256, place: place.name })
    return index
  }

  /** Loads once for all who ask at the same time; a failure is not remembered. */
  function load(isAgain: boolean): Promise<void> {
    if (loaded === null || isAgain) {
      loaded = loadIndexes().catch((cause: unknown) => {
        loaded = null
        throw cause
      })
    }
    return loaded
  }

  function findPacked(sha256: string): PackEntry | null {
    for (const index of indexes.values()) {
      const entry = index.find(sha256)
      if (entry !== null) return entry
    }
    return null
  }

  /** Where the object lies: by itself, which heals a damaged pack, or inside a pack. */
  async function locate(sha256: string): Promise<{ sizeBytes: number; packed: PackEntry | null } | null> {
    const alone = await place.stat('objects', checkDigest(sha256))
    if (alone !== null) return { sizeBytes: alone.sizeBytes, packed: null }
    for (const isAgain of [false, true]) {
      await load(isAgain)
      const packed = findPacked(sha256)
      if (packed !== null && (await place.stat('objects', packed.pack)) !== null) return { ...packed, packed }
    }
    return null
  }

  async function get(sha256: string, range?: ByteRange): Promise<Readable> {
    const found = await locate(sha256)
    if (found === null) throw problem('kernel.object-missing', { sha256, place: place.name })
    const { packed, sizeBytes } = found
    const slice = { start: range?.start ?? 0, end: Math.min(range?.end ?? sizeBytes, sizeBytes) }
    if (slice.start < 0 || slice.start > slice.end || !Number.isSafeInteger(slice.start)) {
      throw problem('kernel.object-range', { start: slice.start, end: range?.end ?? sizeBytes, sizeBytes })
    }
    const source =
      packed === null
        ? place.read('objects', sha256)
        : place.read('objects', packed.pack, { start: packed.offset, end: packed.offset + packed.sizeBytes })
    return Readable.from(verified(source, sha256, place.name, slice), { objectMode: false })
  }

  async function collect(referenced: AsyncIterable<string>, olderThanMs: number, now = new Date()): Promise<Collected> {
    const before = new Date(now.getTime() - olderThanMs)
    // Candidates first, references after: what is referred to while this runs is seen by the later of the two reads.
    const candidates = await Array.fromAsync(place.list('objects'))
    await load(true)
    const kept = new Set<string>()
    for await (const sha256 of referenced) kept.add(sha256)
    const indexesOf = new Map<string, string[]>()
    for (const [name, index] of indexes) {
      indexesOf.set(index.pack, [...(indexesOf.get(index.pack) ?? []), name])
      if (someIn(index.digests(), kept)) kept.add(index.pack)
    }
    let [removedObjects, removedBytes, tooYoung] = [0, 0, 0]
    for (const { sha256, sizeBytes, storedAt } of candidates) {
      if (kept.has(sha256)) continue
      if (storedAt >= before) {
        tooYoung += 1
        continue
      }
      // Indexes go before their pack: at no time does an index name a pack that is gone.
      if (!(await removeIndexes(indexesOf.get(sha256) ?? [], before))) continue
      if (!(await place.remove('objects', sha256, before))) continue
      removedObjects += 1
      removedBytes += sizeBytes
    }
    return { removedObjects, removedBytes, tooYoung, leftovers: await place.sweep(before) }
  }

  /** False where one of them was written again since `before`. */
  async function removeIndexes(names: readonly string[], before: Date): Promise<boolean> {
    for (const name of names) {
      if (!(await place.remove('indexes', name, before))) return false
      indexes.delete(name)
    }
    return true
  }

  /** Packs answer for thousands of files by one look each; what no pack holds is looked up side by side. */
  async function missing(digests: Iterable<string>): Promise<Set<string>> {
    const left = new Set(digests)
    await load(true)
    const packs = new Map<string, Promise<boolean>>()
    for (const sha256 of left) {
      const pack = findPacked(sha256)?.pack
      if (pack === undefined) continue
      const isThere = packs.get(pack) ?? place.stat('objects', pack).then((found) => found !== null)
      packs.set(pack, isThere)
      if (await isThere) left.delete(sha256)
    }
    const queue = [...left].values()
    const look = async () => {
      for (const sha256 of queue) if ((await place.stat('objects', checkDigest(sha256))) !== null) left.delete(sha256)
    }
    await Promise.all(Array.from({ length: sideBySide }, look))
    return left
  }

  return {
    place: place.name,
    missing,
    get,
    collect,

    async put(content, expectedSha256) {
      if (expectedSha256 !== undefined) checkDigest(expectedSha256)
      const checked = expectedSha256 === undefined ? content : announced(content, expectedSha256)
      return place.write('objects', checked)
    },

    async putMany(files) {
      const writer = new PackWriter()
      const pack = await place.write('objects', writer.bytes(files))
      const bytes = writer.index(pack.sha256)
      const { sha256 } = await place.write('indexes', bytes)
      const index = readIndex(bytes)
      if (index !== null) indexes.set(sha256, index)
      return { pack, files: writer.files }
    },

    async read(sha256) {
      return gather(await get(sha256))
    },

    async stat(sha256) {
      const found = await locate(sha256)
      return found === null ? null : { sha256, sizeBytes: found.sizeBytes }
    },

    async has(sha256) {
      return (await locate(sha256)) !== null
    },

    async delete(sha256) {
      return place.remove('objects', checkDigest(sha256))
    },

    async *list() {
      await load(true)
      for await (const listed of place.list('objects')) yield { ...listed, pack: null }
      for (const [name, index] of indexes) {
        const stored = await place.stat('indexes', name)
        if (stored === null) continue
        for (const entry of index.digests()) yield { ...entry, storedAt: stored.storedAt, pack: index.pack }
      }
    },
  }
}

/** Passes the slice of an object on and hashes all of it; holds the last piece back until the digest is known. */
async function* verified(
  source: AsyncIterable<Uint8Array>,
  sha256: string,
  place: string,
  slice: { start: number; end: number } = { start: 0, end: Number.POSITIVE_INFINITY },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let position = 0
  let held: Uint8Array | null = null
  for await (const piece of source) {
    hash.update(piece)
    const from = Math.max(slice.start - position, 0)
    const to = Math.min(slice.end - position, piece.byteLength)
    position += piece.byteLength
    if (from >= to) continue
    if (held !== null) yield held
    held = piece.subarray(from, to)
  }
  if (hash.digest('hex') !== sha256) throw problem('kernel.object-damaged', { sha256, place })
  if (held !== null) yield held
}

/** Refuses at the end what does not have the digest that was announced: then nothing is kept. */
async function* announced(content: Content, expected: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  const pieces = content instanceof Uint8Array ? [content] : content
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
  const found = hash.digest('hex')
  if (found !== expected) throw problem('kernel.object-not-as-announced', { found, expected })
}

async function gather(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

function someIn(entries: Iterable<StoredObject>, kept: ReadonlySet<string>): boolean {
  for (const { sha256 } of entries) if (kept.has(sha256)) return true
  return false
}
