import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exit, Stop } from './client.ts'
import { words } from './language.ts'

/** Writes an answer's body beside its place while its digest is taken, and moves it there when that is right. */
export async function writeVerified(answer: Response, sha256: string, path: string, name: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const aside = `${path}.${randomBytes(6).toString('hex')}.part`
  const digest = createHash('sha256')
  const body = answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body as never)
  try {
    await pipeline(
      body,
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          digest.update(piece)
          yield piece
        }
      },
      createWriteStream(aside),
    )
    const found = digest.digest('hex')
    if (found !== sha256)
      throw new Stop(
        words(
          `${name} arrived with digest ${found} instead of ${sha256}`,
          `${name} 收到的摘要为 ${found}，应为 ${sha256}`,
        ),
        exit.refused,
      )
    renameSync(aside, path)
  } finally {
    if (existsSync(aside)) rmSync(aside)
  }
}
