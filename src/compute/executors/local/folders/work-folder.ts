import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { problem } from '../../problems.ts'
import { giveTo } from './attempt-folder.ts'

/**
 * Closes the work folder to all but the attempt and makes what it writes to. `inputs/` keeps its owner: files in it may be
 * links to stored objects, and an object must not change hands.
 */
export function prepareWorkFolder(workFolder: string, uid: number | null): void {
  const there = isAbsolute(workFolder) ? statSync(workFolder, { throwIfNoEntry: false }) : undefined
  if (!there?.isDirectory()) throw problem('compute.attempt-work-folder', { folder: workFolder })
  if (uid !== null) openToOthers(dirname(workFolder))
  for (const name of ['outputs', 'tmp']) {
    mkdirSync(join(workFolder, name), { recursive: true })
    giveTo(join(workFolder, name), uid)
  }
  chmodSync(workFolder, 0o700)
  giveTo(workFolder, uid)
}

/** The user id will serve another attempt: what this one left must not be open to that. */
export function takeBackWorkFolder(workFolder: string): void {
  const there = lstatSync(workFolder, { throwIfNoEntry: false })
  if (there?.isDirectory()) chownSync(workFolder, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
}

/** Refuses a folder that an unprivileged user could not reach. */
export function openToOthers(folder: string): void {
  for (let each = folder; ; each = dirname(each)) {
    if ((statSync(each).mode & 0o001) === 0) throw problem('compute.executor-folder', { folder: each })
    if (each === dirname(each)) return
  }
}
