/** Tables of items: `.jsonl` and `.csv`, plain or gzipped. */
import { gunzipSync } from 'node:zlib'
import { problem } from '../problems.ts'
import { parseCsv } from './csv.ts'
import type { DataFolder } from './folder.ts'
import { lineOfSyntaxError } from './json-places.ts'

export interface TableRow {
  readonly file: string
  /** Line of the file, from 1. */
  readonly line: number
  /** Value by column. Text in CSV, where a blank cell is absent; any JSON in JSON lines, where null is absent. */
  readonly cells: ReadonlyMap<string, unknown>
}

export interface Table {
  readonly rows: readonly TableRow[]
  /** Every column that occurs, in order of first appearance. */
  readonly columns: readonly string[]
}

/** 1 GiB: what a table may unpack to. */
const largestBytes = 2 ** 30

/** One table, or a refusal that names file, line and field. `field` is where the manifest names the file. */
export async function readTable(folder: DataFolder, file: string, field: string): Promise<Table> {
  const kind = /\.(jsonl|csv)(\.gz)?$/.exec(file)
  if (kind === null) throw problem('bench.data-file-kind', { file })
  const packed = await folder.read(file)
  if (packed === null) throw problem('bench.data-file-missing', { file, field })
  const text = decode(kind[2] === undefined ? packed : unpack(packed, file), file)
  return kind[1] === 'csv' ? csvTable(text, file) : jsonTable(text, file)
}

function unpack(packed: Buffer, file: string): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: largestBytes })
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw problem('bench.data-file-unreadable', { file, detail }, cause)
  }
}

/** UTF-8, a byte order mark left out. */
export function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const good = new TextDecoder('utf-8').decode(bytes)
    const line = good.slice(0, Math.max(0, good.indexOf('\ufffd'))).split('\n').length
    throw problem('bench.data-encoding', { file, line }, cause)
  }
}

function csvTable(text: string, file: string): Table {
  const { header, rows } = parseCsv(text, file)
  return {
    columns: header,
    rows: rows.map(({ line, cells }) => ({
      file,
      line,
      cells: new Map(header.flatMap((name, place) => (cells[place] === '' ? [] : [[name, cells[place]] as const]))),
    })),
  }
}

function jsonTable(text: string, file: string): Table {
  const columns = new Set<string>()
  const rows: TableRow[] = []
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue
    const line = index + 1
    const cells = new Map<string, unknown>()
    for (const [name, value] of Object.entries(jsonObject(content, file, line))) {
      columns.add(name)
      if (value !== null) cells.set(name, value)
    }
    rows.push({ file, line, cells })
  }
  return { rows, columns: [...columns] }
}

/** A bare NaN outside quotes: what data frames write for a blank, and no JSON. */
const blankOrText = /"(?:[^"\\]|\\.)*"|\bNaN\b/g

/** One line of a JSON lines file; NaN is null. */
export function jsonObject(content: string, file: string, line: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(content.includes('NaN') ? content.replace(blankOrText, nullForNaN) : content)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw problem('bench.data-json', { file, line: line + lineOfSyntaxError(content, cause) - 1, detail }, cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw problem('bench.data-json', { file, line, detail: 'a line must be an object' })
  }
  return value as Record<string, unknown>
}

function nullForNaN(token: string): string {
  return token === 'NaN' ? 'null' : token
}
