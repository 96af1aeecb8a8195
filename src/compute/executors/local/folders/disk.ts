import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Collected } from '../../executor.ts'

/**
 * Bytes that the attempt's own files take on disk: the work folder without the `inputs/` that the caller staged. The count
 * ends once it is over `enoughBytes`.
 */
export async function writtenBytes(workFolder: string, enoughBytes: number): Promise<number> {
  let bytes = 0
  for await (const { path } of walk(workFolder, '', 'inputs')) {
    const stat = await lstat(join(workFolder, path)).catch(gone)
    // st_blocks counts 512 bytes whatever the file system's block is
    if (stat) bytes += stat.blocks * 512
    if (bytes > enoughBytes) break
  }
  return bytes
}

/** What an ended attempt left under `outputs/`: regular files to read, and everything else to leave alone. */
export async function collectOutputs(workFolder: string): Promise<Collected> {
  const files: { path: string; sizeBytes: number }[] = []
  const refused: string[] = []
  const outputs = join(workFolder, 'outputs')
  // the attempt may have put a link in the folder's own place
  const root = await lstat(outputs).catch(gone)
  if (root && !root.isDirectory()) return { workFolder, files, refused: ['.'] }
  for await (const { path, entry } of walk(outputs, '', null)) {
    if (entry.isDirectory()) continue
    const stat = entry.isFile() ? await lstat(join(outputs, path)).catch(gone) : null
    if (stat?.isFile()) files.push({ path, sizeBytes: stat.size })
    else refused.push(path)
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { workFolder, files, refused: refused.sort() }
}

/** Every entry below a folder but the one left out, without following links. */
async function* walk(
  root: string,
  below: string,
  without: string | null,
): AsyncGenerator<{ path: string; entry: Dirent }> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(gone)
  for (const entry of entries ?? []) {
    const path = join(below, entry.name)
    if (path === without) continue
    yield { path, entry }
    if (entry.isDirectory()) yield* walk(root, path, without)
  }
}

/** A running attempt removes and locks its files as it likes. */
function gone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES') return null
  throw error
}
