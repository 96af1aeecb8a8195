import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { materialise } from '../../data/index.ts'
import type { Kernel } from '../../kernel/index.ts'

/** The snapshot's files in a folder of the cache: laid out once, verified, and named only when whole. */
export async function snapshotFolder(kernel: Kernel, digest: string): Promise<string> {
  const cache = join(kernel.dataFolder, 'cache', 'snapshots')
  const folder = join(cache, digest)
  if (await exists(folder)) return folder
  await mkdir(cache, { recursive: true, mode: 0o700 })
  const making = `${folder}.${randomUUID()}`
  try {
    await materialise(kernel, digest, making)
    await rename(making, folder)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    // Another run of this base was faster; a folder under the digest's own name is whole.
    if (!(await exists(folder))) throw error
  }
  return folder
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
