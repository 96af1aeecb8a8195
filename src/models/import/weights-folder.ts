import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, materialise, readManifest } from '../../data/index.ts'
import type { Kernel } from '../../kernel/index.ts'

const underWay = new Map<string, Promise<string>>()

/**
 * The folder that holds a snapshot's files for runtimes to open. It is made once in `cache/models/<digest>` and compared
 * with the manifest each time it is asked for: a damaged or changed cache is made anew, never opened.
 */
export function weightsFolder(kernel: Kernel, snapshotDigest: string): Promise<string> {
  const folder = join(kernel.dataFolder, 'cache', 'models', snapshotDigest)
  const before = underWay.get(folder)
  if (before !== undefined) return before
  const made = make(kernel, snapshotDigest, folder).finally(() => underWay.delete(folder))
  underWay.set(folder, made)
  return made
}

async function make(kernel: Kernel, digest: string, folder: string): Promise<string> {
  const manifest = await readManifest(kernel, digest)
  if (await isWhole(folder, manifest)) return folder
  const fresh = `${folder}.${randomUUID()}`
  try {
    await mkdir(fresh, { recursive: true, mode: 0o700 })
    await materialise(kernel, digest, fresh)
    // Another process may have made it meanwhile: the same content, so either may stay.
    await rm(folder, { recursive: true, force: true })
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return folder
}

async function isWhole(folder: string, manifest: Manifest): Promise<boolean> {
  for (const { path, sha256 } of manifest.files) if ((await digestOf(join(folder, path))) !== sha256) return false
  return true
}

async function digestOf(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  } catch {
    // Whatever keeps it from being read, it is not the file: it is written again, and what then fails is told.
    return null
  }
  return hash.digest('hex')
}
