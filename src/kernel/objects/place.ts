import { problem } from './problems.ts'

/** What an object is known by and how long it is. */
export interface StoredObject {
  readonly sha256: string
  readonly sizeBytes: number
}

export interface ListedObject extends StoredObject {
  /** When it was last put: what protects it from collection while nothing refers to it yet. */
  readonly storedAt: Date
}

export type Content = Uint8Array | AsyncIterable<Uint8Array>

/** Bytes of an object: `start` inclusive, `end` exclusive; without `end`, to the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end?: number
}

/** `objects`: what was put, packs too. `indexes`: which objects lie in which pack. */
export type Area = 'objects' | 'indexes'

/**
 * A member of the family: where objects really lie. Everything is named by its SHA-256, and a name appears only when
 * its content is whole and durable. A place does not verify what it reads: the store above does, once for all members.
 */
export interface ObjectPlace {
  /** How it is called in words for people. */
  readonly name: string
  /** Resolves when the content would survive a power cut. A second put renews `storedAt` and heals a damaged copy. */
  write(area: Area, content: Content): Promise<StoredObject>
  /** Opens on the first read. Throws `kernel.object-missing` where there is none. */
  read(area: Area, sha256: string, range?: ByteRange): AsyncIterable<Uint8Array>
  stat(area: Area, sha256: string): Promise<ListedObject | null>
  /** Removes it, unless it was put again after `before`. True when something was removed. */
  remove(area: Area, sha256: string, before?: Date): Promise<boolean>
  list(area: Area): AsyncIterable<ListedObject>
  /** Removes what writes that never ended left behind, if untouched since `before`. Returns how many. */
  sweep(before: Date): Promise<number>
}

export const sha256Pattern = /^[0-9a-f]{64}$/

/** Refuses what is no digest before it becomes part of a path or key. */
export function checkDigest(digest: string): string {
  if (!sha256Pattern.test(digest)) throw problem('kernel.digest-wrong', { digest: digest.slice(0, 80) })
  return digest
}

/** The content as pieces. */
export async function* piecesOf(content: Content): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content
  else yield* content
}
