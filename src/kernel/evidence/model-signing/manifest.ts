import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Refusal, refuse } from '../problems.ts'

/** One file of a model: path relative to its folder with `/` between the parts, and SHA-256 in hex. */
export interface ModelFile {
  readonly name: string
  readonly sha256: string
}

/** What belongs to git and not to the model: left out by the OpenSSF tool unless it is told otherwise. */
export const gitPaths: readonly string[] = ['.git', '.gitattributes', '.github', '.gitignore']

export interface FolderReading {
  readonly name: string
  readonly files: readonly ModelFile[]
  /** Links and special files, which are neither followed nor signed. */
  readonly refusals: readonly Refusal[]
}

/** Hashes every file of a folder but the ignored paths (a folder stands for all in it), in the manifest's order. */
export async function readModelFolder(folder: string, ignored: readonly string[]): Promise<FolderReading> {
  const refusals: Refusal[] = []
  const names: string[] = []
  const isIgnored = (name: string) => ignored.some((path) => name === path || name.startsWith(`${path}/`))
  const walk = async (inside: string): Promise<void> => {
    for await (const entry of await opendir(join(folder, inside))) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`
      if (entry.isDirectory() && !entry.isSymbolicLink()) {
        if (!isIgnored(name)) await walk(name)
      } else if (entry.isFile()) {
        if (!isIgnored(name)) names.push(name)
      } else {
        refusals.push(refuse('malformed', name, null, { detail: 'it is a link or a special file' }))
      }
    }
  }
  if (!(await stat(folder)).isDirectory()) {
    refusals.push(refuse('malformed', folder, null, { detail: 'it is not a folder' }))
    return { name: basename(resolve(folder)), files: [], refusals }
  }
  await walk('')
  const files: ModelFile[] = []
  for (const name of names) files.push({ name, sha256: await fileDigest(join(folder, name)) })
  return { name: basename(resolve(folder)), files: inOrder(files), refusals }
}

/** SHA-256 over the digests (as bytes) of all files in the manifest's order: the model's own digest. */
export function rootDigest(files: readonly ModelFile[]): string {
  const hash = createHash('sha256')
  for (const { sha256 } of files) hash.update(Buffer.from(sha256, 'hex'))
  return hash.digest('hex')
}

/** Refuses each file that is missing, changed, or was never signed. */
export function compareFiles(
  signed: readonly ModelFile[],
  found: readonly ModelFile[],
  ignoreUnsigned = false,
): Refusal[] {
  const present = new Map(found.map(({ name, sha256 }) => [name, sha256]))
  const expected = new Set(signed.map(({ name }) => name))
  const refusals: Refusal[] = []
  for (const { name, sha256 } of signed) {
    const has = present.get(name)
    if (has === undefined) refusals.push(refuse('truncated', name, null, { detail: `the file ${name} is missing` }))
    else if (has !== sha256) refusals.push(refuse('digest-mismatch', name, null, { detail: `it is ${has}` }))
  }
  if (ignoreUnsigned) return refusals
  for (const { name } of found) {
    if (expected.has(name)) continue
    refusals.push(refuse('digest-mismatch', name, null, { detail: 'it is not among the files that were signed' }))
  }
  return refusals
}

/** The files in the manifest's order: part by part of the path, by code point, as the tool's path objects compare. */
export function inOrder(files: readonly ModelFile[]): ModelFile[] {
  return files.toSorted((a, b) => byParts(a.name, b.name))
}

function byParts(left: string, right: string): number {
  const [a, b] = [left.split('/'), right.split('/')]
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = Buffer.compare(Buffer.from(a[at] ?? ''), Buffer.from(b[at] ?? ''))
    if (order !== 0) return order
  }
  return a.length - b.length
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}
