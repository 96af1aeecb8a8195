import { open } from 'node:fs/promises'

/** Makes a folder's entries (new, renamed, removed names) survive a power cut. Windows has no such call, and no need. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The system's code of a failed call, such as ENOENT; null where it has none. */
export function systemCode(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null
}
