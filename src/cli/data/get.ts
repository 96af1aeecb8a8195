import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ManifestFile } from '../../data/index.ts'
import { isSafePath } from '../../data/offline.ts'
import { type BaseClient, connect, exit, Stop } from '../base/client.ts'
import { writeVerified } from '../base/fetch-file.ts'
import { words } from '../base/language.ts'
import { bytes, show, tell } from '../base/output.ts'
import { differences } from './check.ts'
import { hashFolder } from './hashing.ts'
import { fetchManifest } from './manifest.ts'

const atATime = 4
const toldEveryMs = 1000

/** `data get`: brings a folder to what the snapshot says, file by file; a second call goes on where the first broke off. */
export async function getSnapshot(command: Command, key: string, dir: string, overwrite: boolean): Promise<void> {
  const base = connect(command)
  const { digest, manifest } = await fetchManifest(() => base, key)
  mkdirSync(dir, { recursive: true })
  const { files } = await hashFolder(dir, (line) => tell(command, line))
  const { changed, missing } = differences(manifest.files, files)
  if (changed.length > 0 && !overwrite) {
    const [first = ''] = changed
    throw new Stop(
      words(
        `${changed.length} files in ${dir} have other content, such as ${first}; add --overwrite to replace them`,
        `${dir} 中有 ${changed.length} 个文件内容不同，例如 ${first}；加 --overwrite 可替换`,
      ),
      exit.refused,
    )
  }
  const wanted = new Set([...changed, ...missing])
  const todo = manifest.files.filter((file) => wanted.has(file.path))
  const next = todo.values()
  let done = 0
  let toldAtMs = performance.now()
  const worker = async (): Promise<void> => {
    for (const file of next) {
      await fetchFile(base, digest, file, dir)
      done++
      if (performance.now() - toldAtMs < toldEveryMs) continue
      toldAtMs = performance.now()
      tell(command, words(`fetched ${done} of ${todo.length} files`, `已获取 ${done}/${todo.length} 个文件`))
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  const size = todo.reduce((sum, file) => sum + file.sizeBytes, 0)
  show(command, { digest, dir, fetched: todo.length, sizeBytes: size }, () =>
    words(
      `Fetched ${todo.length} files (${bytes(size)}) into ${dir}; all ${manifest.files.length} are those of ${digest}.`,
      `已获取 ${todo.length} 个文件（${bytes(size)}）到 ${dir}；共 ${manifest.files.length} 个，均与 ${digest} 一致。`,
    ),
  )
}

async function fetchFile(base: BaseClient, digest: string, file: ManifestFile, dir: string): Promise<void> {
  if (!isSafePath(file.path))
    throw new Stop(
      words(`The snapshot names ${file.path}, which leaves the folder`, `快照中的 ${file.path} 越出文件夹`),
      exit.refused,
    )
  const answer = await base.raw(`./snapshots/${digest}/files/${file.path.split('/').map(encodeURIComponent).join('/')}`)
  await writeVerified(answer, file.sha256, join(dir, file.path), file.path)
}
