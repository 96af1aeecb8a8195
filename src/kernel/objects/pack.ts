import { createHash } from 'node:crypto'
import { type Content, piecesOf, type StoredObject } from './place.ts'

/** A file of a pack: named by whoever puts it, found again by its digest. */
export interface PackedFile extends StoredObject {
  readonly name: string
}

/** Where an object lies inside a pack. */
export interface PackEntry {
  readonly pack: string
  readonly offset: number
  readonly sizeBytes: number
}

const magic = Buffer.from('PBPACK1\n')
const headBytes = magic.length + 32 + 4
/** One entry: digest (32 bytes), offset and size (8 bytes each, big endian). */
const entryBytes = 48

interface Placed {
  readonly digest: Buffer
  readonly offset: number
  readonly sizeBytes: number
}

/** Gathers files into one stream of bytes and remembers where each lies. Equal files given as bytes are stored once. */
export class PackWriter {
  readonly files: PackedFile[] = []
  private readonly placed = new Map<string, Placed>()
  private offset = 0

  /** The pack's bytes, as the files come. */
  async *bytes(
    files: Iterable<{ name: string; content: Content }> | AsyncIterable<{ name: string; content: Content }>,
  ): AsyncGenerator<Uint8Array> {
    for await (const { name, content } of files) {
      const hash = createHash('sha256')
      if (content instanceof Uint8Array) {
        const digest = hash.update(content).digest()
        if (this.place(name, digest, content.byteLength)) yield content
        continue
      }
      let sizeBytes = 0
      for await (const piece of piecesOf(content)) {
        hash.update(piece)
        sizeBytes += piece.byteLength
        yield piece
      }
      if (!this.place(name, hash.digest(), sizeBytes)) this.offset += sizeBytes
    }
  }

  /** The index of what was written, by digest; its own digest is its name, so it is verified when it is read. */
  index(pack: string): Buffer {
    const entries = [...this.placed.values()].sort((a, b) => a.digest.compare(b.digest))
    const index = Buffer.alloc(headBytes + entries.length * entryBytes)
    magic.copy(index)
    index.write(pack, magic.length, 'hex')
    index.writeUInt32BE(entries.length, magic.length + 32)
    for (const [at, { digest, offset, sizeBytes }] of entries.entries()) {
      const start = headBytes + at * entryBytes
      digest.copy(index, start)
      index.writeBigUInt64BE(BigInt(offset), start + 32)
      index.writeBigUInt64BE(BigInt(sizeBytes), start + 40)
    }
    return index
  }

  /** True when this content is new to the pack. */
  private place(name: string, digest: Buffer, sizeBytes: number): boolean {
    const sha256 = digest.toString('hex')
    this.files.push({ name, sha256, sizeBytes })
    if (this.placed.has(sha256)) return false
    this.placed.set(sha256, { digest, offset: this.offset, sizeBytes })
    this.offset += sizeBytes
    return true
  }
}

/** An index in memory: 48 bytes an object, found by halving. */
export interface PackIndex {
  readonly pack: string
  readonly count: number
  find(sha256: string): PackEntry | null
  digests(): Iterable<StoredObject>
}

/** Reads an index whose digest was verified; null where it is none. */
export function readIndex(bytes: Buffer): PackIndex | null {
  if (bytes.length < headBytes || !bytes.subarray(0, magic.length).equals(magic)) return null
  const pack = bytes.toString('hex', magic.length, magic.length + 32)
  const count = bytes.readUInt32BE(magic.length + 32)
  if (bytes.length !== headBytes + count * entryBytes) return null
  const digestAt = (at: number) => bytes.subarray(headBytes + at * entryBytes, headBytes + at * entryBytes + 32)
  const numberAt = (at: number, skip: number) => Number(bytes.readBigUInt64BE(headBytes + at * entryBytes + skip))
  return {
    pack,
    count,
    find(sha256) {
      const wanted = Buffer.from(sha256, 'hex')
      let low = 0
      let high = count - 1
      while (low <= high) {
        const middle = (low + high) >> 1
        const order = digestAt(middle).compare(wanted)
        if (order === 0) return { pack, offset: numberAt(middle, 32), sizeBytes: numberAt(middle, 40) }
        if (order < 0) low = middle + 1
        else high = middle - 1
      }
      return null
    },
    *digests() {
      for (let at = 0; at < count; at += 1) {
        yield { sha256: digestAt(at).toString('hex'), sizeBytes: numberAt(at, 40) }
      }
    },
  }
}
