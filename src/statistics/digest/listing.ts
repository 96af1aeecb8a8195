import { byCodePoint } from '../retrieval/ranked.ts'
import { canonicalJson } from './canonical-json.ts'

/** SHA-256 of UTF-8 text as lower-case hex: given by the caller, since this room knows no library. */
export type Sha256 = (text: string) => string

export interface FileDigest {
  /** Relative, `/` between folders. */
  readonly path: string
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string
}

/** A line `<sha256>  <path>` a file, sorted by path bytes: what `sha256sum` prints and checks. */
export function digestListing(files: readonly FileDigest[]): string {
  return files
    .toSorted((one, other) => byCodePoint(one.path, other.path))
    .map(({ path, sha256 }) => {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`"${sha256}" is no SHA-256 in hex`)
      if (/[\r\n]/.test(path)) throw new TypeError('a path with a line break cannot be listed')
      return `${sha256}  ${path}\n`
    })
    .join('')
}

/** Digest of what a task reads: the listing of its files, then its manifest entry in canonical form. */
export function dataDigest(files: readonly FileDigest[], taskEntry: unknown, sha256: Sha256): string {
  return `sha256:${sha256(`${digestListing(files)}${canonicalJson(taskEntry)}\n`)}`
}

/** Digest of a model: its file's, or that of the listing where it has several. */
export function modelDigest(files: readonly FileDigest[], sha256: Sha256): string {
  const [only, ...more] = files
  if (!only) throw new RangeError('a model has at least one file')
  return `sha256:${more.length === 0 ? only.sha256 : sha256(digestListing(files))}`
}
