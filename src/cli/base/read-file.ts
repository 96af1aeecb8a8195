import { accessSync, constants } from 'node:fs'
import { exit, Stop } from './client.ts'
import { words } from './language.ts'

/** The path, where it can be read; otherwise it says so. */
export function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Stop(words(`${path} cannot be read (${code})`, `无法读取 ${path}（${code}）`), exit.call)
  }
}
