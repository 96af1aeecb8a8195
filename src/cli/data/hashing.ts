import { createHash, hash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { type ScannedFile, scanFolder } from './scan.ts'
import { openStatCache } from './stat-cache.ts'

export interface HashedFile extends ScannedFile {
  readonly sha256: string
}

export interface HashedFolder {
  readonly files: readonly HashedFile[]
  /** How many had to be read; the others are as they were. */
  readonly read: number
}

/** Up to this size a file is read in one synchronous call: a stream costs more than the reading. */
const wholeBytes = 256 << 10
const largeAtATime = 4
const toldEveryMs = 1000

/** The files of a folder with their digests. Small files are read one after another, large ones streamed, four at a time. */
export async function hashFolder(root: string, progress: (line: string) => void): Promise<HashedFolder> {
  const startedAtMs = Date.now()
  const scanned = scanFolder(root)
  const cache = openStatCache(root)
  const digests = new Map<string, string>()
  const unread: ScannedFile[] = []
  for (const file of scanned) {
    const known = cache.digest(file)
    if (known === null) unread.push(file)
    else digests.set(file.path, known)
  }
  const told = teller(unread, progress)
  const large = unread.filter((file) => file.sizeBytes > wholeBytes)
  for (const file of unread) {
    if (file.sizeBytes > wholeBytes) continue
    digests.set(file.path, wholeDigest(root, file))
    told(file)
  }
  const next = large.values()
  const worker = async (): Promise<void> => {
    for (const file of next) {
      digests.set(file.path, await streamedDigest(join(root, file.path)))
      told(file)
    }
  }
  await Promise.all(Array.from({ length: largeAtATime }, worker))
  // Every file has a digest by now.
  const files = scanned.map((file): HashedFile => ({ ...file, sha256: digests.get(file.path) ?? '' }))
  cache.save(files, startedAtMs)
  return { files, read: unread.length }
}

function wholeDigest(root: string, file: ScannedFile): string {
  const content = readFileSync(join(root, file.path))
  if (content.length !== file.sizeBytes) {
    const en = `${file.path} changed while it was read; run the command again when nothing writes to the folder`
    throw new Stop(words(en, `${file.path} 在读取时被改动；请在无人写入时重试`), exit.refused)
  }
  return hash('sha256', content)
}

async function streamedDigest(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(piece as Buffer)
  return digest.digest('hex')
}

/** Says how far the reading is, once a second, and nothing where it is done before. */
function teller(files: readonly ScannedFile[], progress: (line: string) => void): (file: ScannedFile) => void {
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  let done = 0
  let count = 0
  let toldAtMs = performance.now()
  return ({ sizeBytes }) => {
    done += sizeBytes
    count++
    const now = performance.now()
    if (now - toldAtMs < toldEveryMs) return
    toldAtMs = now
    progress(
      words(
        `read ${count} of ${files.length} files, ${percent(done, total)} %`,
        `已读取 ${count}/${files.length} 个文件，${percent(done, total)} %`,
      ),
    )
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((100 * part) / whole)
}
