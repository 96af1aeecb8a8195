import type { Command } from 'commander'
import type { Manifest, Snapshot } from '../../data/contract.ts'
import { connect, exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { bytes, show, tell } from '../base/output.ts'
import { described } from './described.ts'
import { hashFolder } from './hashing.ts'
import { manifestBytes } from './manifest.ts'
import { keepManifest } from './stat-cache.ts'
import { uploadMissing } from './upload.ts'

export interface AddOptions {
  readonly name: string
  readonly source: string
  readonly licence: string
  readonly synthetic?: boolean
  readonly split?: string
  readonly splitFrom?: string
}

/** `data add`: the digest is taken here, so that a folder which is frozen already costs one question. */
export async function addFolder(command: Command, dir: string, options: AddOptions): Promise<void> {
  const { name, source, licence, synthetic = false } = options
  const base = connect(command)
  const say = (line: string): void => tell(command, line)
  const { files, read } = await hashFolder(dir, say)
  if (files.length === 0) throw new Stop(words(`There are no files in ${dir}`, `${dir} 中没有文件`), exit.call)
  const splitOf = await splitter(
    command,
    dir,
    options,
    files.map((file) => file.path),
  )
  const manifest: Manifest = {
    schema: 'pilotbase.snapshot/1',
    source,
    licence,
    synthetic,
    files: files.map(({ path, sha256, sizeBytes }) => {
      const split = splitOf(path)
      return { path, sha256, sizeBytes, ...(split === undefined ? {} : { split }) }
    }),
  }
  const { digest, bytes: content } = await manifestBytes(manifest)
  const known = await base.find<Snapshot>(`./snapshots/${digest}`)
  const sentBytes = known === null ? await uploadMissing(base, dir, files, say) : 0
  const snapshot = known ?? (await base.send<Snapshot>('POST', './snapshots', { name, manifest }))
  keepManifest(digest, content)
  show(command, { ...snapshot, isNew: known === null, readFiles: read, sentBytes }, () => {
    const state =
      known === null
        ? words(
            `Frozen: ${read} files read, ${bytes(sentBytes)} sent.`,
            `已固化：读取 ${read} 个文件，上传 ${bytes(sentBytes)}。`,
          )
        : words('This content is frozen already, as:', '该内容已固化为：')
    return `${state}\n${described(snapshot)}`
  })
}

async function splitter(
  command: Command,
  dir: string,
  { split, splitFrom }: AddOptions,
  paths: readonly string[],
): Promise<(path: string) => string | undefined> {
  if (split !== undefined && splitFrom !== undefined)
    throw new Stop(words('Give --split or --split-from, not both', '--split 与 --split-from 只能给一个'), exit.call)
  if (splitFrom === undefined) return () => split
  const { splitsFrom } = await import('./splits.ts')
  const { splits, shared } = await splitsFrom(dir, splitFrom, paths)
  if (splits.size === 0)
    throw new Stop(words(`${splitFrom} puts no file into a split`, `${splitFrom} 没有把任何文件归入划分`), exit.refused)
  if (shared.length > 0) {
    const first = shared[0] ?? ''
    const en = `${shared.length} files belong to several splits and are kept without one, such as ${first}`
    tell(command, words(en, `${shared.length} 个文件属于多个划分，未标注划分，例如 ${first}`))
  }
  return (path) => splits.get(path)
}
