import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readable } from '../base/read-file.ts'

/** The files of a WFDB record as a pack: its header, and what that names (header(5): signal files, or segments). */
export function recordPack(header: string): Uint8Array<ArrayBuffer> {
  const parts = recordFiles(header).flatMap((path) => {
    const content = readFileSync(readable(path))
    return [Buffer.from(`${JSON.stringify({ name: basename(path), sizeBytes: content.length })}\n`), content]
  })
  return Buffer.concat(parts)
}

/** Paths of a record's files, the header first. */
export function recordFiles(header: string): string[] {
  const folder = dirname(header)
  const lines = readFileSync(readable(header), 'latin1')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const [record = '', ...rest] = lines
  const segments = record.trim().split(/\s+/)[0]?.includes('/') === true
  const names = rest.map((line) => line.trim().split(/\s+/)[0] ?? '').filter((name) => name !== '~' && name !== '-')
  const found = segments
    ? names.flatMap((name) => recordFiles(join(folder, `${name}.hea`)))
    : names.map((name) => join(folder, name))
  return [...new Set([header, ...found])]
}
