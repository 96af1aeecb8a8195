import { lstatSync, readdirSync, statSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { isSafePath } from '../../data/offline.ts'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'

export interface ScannedFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly sizeBytes: number
  /** Changes whenever the content can have changed: size, times of change of content and entry, inode. */
  readonly stamp: string
  /** The later of the two times of change, in milliseconds since 1970. */
  readonly changedMs: number
}

/** Names that need no closer look: most are such. */
const plainPath = /^\w[\w./ -]*$/

/**
 * Every file below a folder, by path in code-unit order. Calls are synchronous: for 10,000 files they take a tenth of
 * a second, and their asynchronous forms five times as long.
 */
export function scanFolder(root: string): ScannedFile[] {
  const files: ScannedFile[] = []
  walk(root, '', files)
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function walk(root: string, prefix: string, files: ScannedFile[]): void {
  for (const entry of entriesOf(root, prefix)) {
    const path = prefix + entry.name
    if (entry.isDirectory()) {
      walk(root, `${path}/`, files)
      continue
    }
    const stats = entry.isSymbolicLink() ? targetOf(root, path) : lstatSync(join(root, path), { bigint: true })
    if (!stats.isFile()) throw notPlain(path)
    if (!plainPath.test(path) && (!isSafePath(path) || path.includes('\ufffd'))) {
      const told = JSON.stringify(path)
      throw new Stop(
        words(`The name ${told} cannot be kept; rename it`, `无法保存文件名 ${told}，请改名`),
        exit.refused,
      )
    }
    files.push(scanned(path, stats))
  }
}

function entriesOf(root: string, prefix: string) {
  try {
    return readdirSync(join(root, prefix), { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const path = join(root, prefix)
    throw new Stop(words(`The folder ${path} cannot be read (${code})`, `无法读取文件夹 ${path}（${code}）`), exit.call)
  }
}

function targetOf(root: string, path: string): BigIntStats {
  try {
    return statSync(join(root, path), { bigint: true })
  } catch {
    // A link into nothing.
    throw notPlain(path)
  }
}

function notPlain(path: string): Stop {
  const en = `${path} is no plain file (a device, a pipe, or a link to none); move it out of the folder`
  return new Stop(words(en, `${path} 不是普通文件（设备、管道或无效链接），请移出该文件夹`), exit.refused)
}

function scanned(path: string, { size, mtimeNs, ctimeNs, ino }: BigIntStats): ScannedFile {
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  const stamp = `${size}:${mtimeNs}:${ctimeNs}:${ino}`
  return { path, sizeBytes: Number(size), stamp, changedMs: Number(changedNs / 1_000_000n) }
}
