import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'

export interface FoundSplits {
  /** Path → split. */
  readonly splits: ReadonlyMap<string, string>
  /** Files that rows of several splits share; they belong to none. */
  readonly shared: readonly string[]
}

/** The split of each file as a dataset.json tells it: by the table it is, or by the row whose record or media it is. */
export async function splitsFrom(root: string, named: string, paths: readonly string[]): Promise<FoundSplits> {
  const { parseManifest } = await import('../../bench/offline.ts')
  const { openFolder } = await import('../../bench/offline.ts')
  const { readRows } = await import('../../bench/offline.ts')
  const { fill } = await import('../../bench/offline.ts')
  const file = existsSync(join(root, named)) ? join(root, named) : named
  if (!existsSync(file))
    throw new Stop(words(`There is no ${named} in ${root} or here`, `${root} 及当前目录中都没有 ${named}`), exit.call)
  const source = parseManifest(readFileSync(file, 'utf8'), named)
  const claims = new Map<string, Set<string>>()
  const claim = (path: string, split: string): void => {
    claims.set(path, (claims.get(path) ?? new Set()).add(split))
  }
  const folder = openFolder(root)
  for (const [index, task] of source.manifest.tasks.entries()) {
    if (!Array.isArray(task.files))
      for (const [split, files] of Object.entries(task.files)) for (const path of files) claim(path, split)
    const { record, signal, header, annotation } = task.media ?? {}
    const templates = record === undefined ? [signal, header, signal === undefined ? undefined : annotation] : []
    for (const row of (await readRows(folder, source, index, 'all')).rows) {
      if (row.split === null) continue
      if (record !== undefined) {
        const stem = `${fill(record, row)}.`
        for (const path of startingWith(paths, stem)) if (!path.includes('/', stem.length)) claim(path, row.split)
      }
      for (const template of templates) if (template !== undefined) claim(fill(template, row), row.split)
    }
  }
  const one = [...claims].filter(([, names]) => names.size === 1)
  return {
    splits: new Map(one.map(([path, names]) => [path, [...names][0] ?? ''])),
    shared: [...claims].filter(([, names]) => names.size > 1).map(([path]) => path),
  }
}

/** Those of the ordered paths that begin so, found by halving. */
export function startingWith(ordered: readonly string[], start: string): readonly string[] {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ordered[middle] ?? '') < start) low = middle + 1
    else high = middle
  }
  let end = low
  while (ordered[end]?.startsWith(start)) end++
  return ordered.slice(low, end)
}
