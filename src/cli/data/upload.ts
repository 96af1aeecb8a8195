import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BaseClient, exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { bytes } from '../base/output.ts'
import type { HashedFile } from './hashing.ts'

/** Contents travel in packs of about this size, so that a line that breaks costs one of them. */
const packBytes = 64 << 20
const pieceBytes = 1 << 20

/** Sends the contents that the base lacks, each once; answers how many bytes went. */
export async function uploadMissing(
  base: BaseClient,
  root: string,
  files: readonly HashedFile[],
  progress: (line: string) => void,
): Promise<number> {
  const byDigest = new Map(files.map((file) => [file.sha256, file]))
  const sha256 = [...byDigest.keys()]
  const { missing } = await base.send<{ missing: string[] }>('POST', './snapshots/missing', { sha256 })
  const wanted = missing.flatMap((digest) => byDigest.get(digest) ?? [])
  const total = wanted.reduce((sum, file) => sum + file.sizeBytes, 0)
  let sent = 0
  for (const batch of batchesOf(wanted)) {
    await sendPack(base, root, batch)
    sent += batch.reduce((sum, file) => sum + file.sizeBytes, 0)
    if (sent < total)
      progress(words(`sent ${bytes(sent)} of ${bytes(total)}`, `已上传 ${bytes(sent)} / ${bytes(total)}`))
  }
  return total
}

export function* batchesOf<T extends { readonly sizeBytes: number }>(
  files: readonly T[],
  limit = packBytes,
): Generator<T[]> {
  let batch: T[] = []
  let size = 0
  for (const file of files) {
    if (batch.length > 0 && size + file.sizeBytes > limit) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(file)
    size += file.sizeBytes
  }
  if (batch.length > 0) yield batch
}

async function sendPack(base: BaseClient, root: string, batch: readonly HashedFile[]): Promise<void> {
  const answer = await base.raw('./contents', {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.pilotbase.pack' },
    body: packOf(root, batch),
    duplex: 'half',
  } as RequestInit)
  const { stored } = (await answer.json()) as { stored: { sha256: string }[] }
  const arrived = new Set(stored.map((one) => one.sha256))
  const changed = batch.find((file) => !arrived.has(file.sha256))
  if (changed === undefined) return
  const en = `${changed.path} changed while it was sent; run the command again when nothing writes to the folder`
  throw new Stop(words(en, `${changed.path} 在上传时被改动；请在无人写入时重试`), exit.refused)
}

/**
 * The pack's bytes in pieces of about 1 MiB: thousands of small writes would cost more than the hashing. The header is
 * that of `packHeader` in the data room, which would take a second to load.
 */
async function* packOf(root: string, batch: readonly HashedFile[]): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = []
  let size = 0
  const put = (part: Buffer): void => {
    parts.push(part)
    size += part.length
  }
  for (const { path, sizeBytes, sha256 } of batch) {
    put(Buffer.from(`${JSON.stringify({ name: path, sizeBytes, sha256 })}\n`))
    if (sizeBytes <= pieceBytes) put(readFileSync(join(root, path)))
    else {
      yield Buffer.concat(parts)
      yield* createReadStream(join(root, path), { highWaterMark: pieceBytes, end: sizeBytes - 1 })
      parts = []
      size = 0
    }
    if (size < pieceBytes) continue
    yield Buffer.concat(parts)
    parts = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(parts)
}
