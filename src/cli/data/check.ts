import type { Command } from 'commander'
import type { ManifestFile } from '../../data/index.ts'
import { connect, exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { show, tell } from '../base/output.ts'
import { hashFolder } from './hashing.ts'
import { fetchManifest } from './manifest.ts'

export interface Differences {
  readonly changed: readonly string[]
  readonly missing: readonly string[]
  readonly added: readonly string[]
}

const shownPaths = 20

/** `data check`: exit code 0 where the folder is what the snapshot says. */
export async function checkFolder(command: Command, dir: string, key: string): Promise<void> {
  const { digest, manifest } = await fetchManifest(() => connect(command), key)
  const { files, read } = await hashFolder(dir, (line) => tell(command, line))
  const found = differences(manifest.files, files)
  const count = found.changed.length + found.missing.length + found.added.length
  show(command, { digest, unchanged: count === 0, files: files.length, readFiles: read, ...found }, () => {
    if (count === 0)
      return words(
        `Unchanged: ${files.length} files are those of ${digest} (${read} read again).`,
        `未变：${files.length} 个文件与 ${digest} 一致（重读 ${read} 个）。`,
      )
    return [
      ...lines(words('changed', '已改动'), found.changed),
      ...lines(words('missing', '缺少'), found.missing),
      ...lines(words('added', '新增'), found.added),
    ].join('\n')
  })
  if (count > 0)
    throw new Stop(words(`${count} files differ from ${digest}`, `${count} 个文件与 ${digest} 不同`), exit.refused)
}

/** Where a folder departs from a manifest. */
export function differences(
  wanted: readonly Pick<ManifestFile, 'path' | 'sha256'>[],
  found: readonly Pick<ManifestFile, 'path' | 'sha256'>[],
): Differences {
  const there = new Map(found.map((file) => [file.path, file.sha256]))
  const named = new Set(wanted.map((file) => file.path))
  const paths = (files: readonly { readonly path: string }[]) => files.map((file) => file.path)
  return {
    changed: paths(wanted.filter(({ path, sha256 }) => there.has(path) && there.get(path) !== sha256)),
    missing: paths(wanted.filter(({ path }) => !there.has(path))),
    added: paths(found.filter(({ path }) => !named.has(path))),
  }
}

function lines(what: string, paths: readonly string[]): string[] {
  const rest = paths.length - shownPaths
  const more =
    rest > 0
      ? [words(`${what}  … and ${rest} more (--json lists all)`, `${what}  … 另有 ${rest} 个（--json 列出全部）`)]
      : []
  return [...paths.slice(0, shownPaths).map((path) => `${what}  ${path}`), ...more]
}
