/** RFC 4180: a header, commas, fields in quotes where they hold a comma, a quote (doubled) or a line end. */
import { problem } from '../problems.ts'

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** Header and rows, each row as wide as the header. Lines may end in CR LF or LF; an empty line is no row. */
export function parseCsv(text: string, file: string): { header: readonly string[]; rows: CsvRow[] } {
  const [first, ...rows] = splitRows(text, file)
  if (first === undefined)
    throw problem('bench.data-csv', { file, line: 1, field: 'header', detail: 'the file is empty' })
  const header = first.cells
  const repeated = header.find((name, place) => header.indexOf(name) !== place)
  if (repeated !== undefined) {
    const detail = `two columns are called "${repeated}"`
    throw problem('bench.data-csv', { file, line: first.line, field: 'header', detail })
  }
  for (const { line, cells } of rows) {
    if (cells.length === header.length) continue
    const detail = `${cells.length} fields where the header has ${header.length}`
    throw problem('bench.data-csv', { file, line, field: `field ${Math.min(cells.length, header.length) + 1}`, detail })
  }
  return { header, rows }
}

function splitRows(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let began = 1
  let at = 0
  const refuse = (detail: string): Error =>
    problem('bench.data-csv', { file, line, field: `field ${cells.length + 1}`, detail })
  const endRow = (): void => {
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: began, cells })
    cells = []
  }
  while (at < text.length) {
    if (cells.length === 0) began = line
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1)
      if (end < 0) throw refuse('a quote is opened and not closed')
      const field = text.slice(at + 1, end)
      line += field.split('\n').length - 1
      cells.push(field.replaceAll('""', '"'))
      at = end + 1
    } else {
      const end = fieldEnd(text, at)
      cells.push(text.slice(at, end))
      at = end
    }
    if (text[at] === ',') {
      at++
      if (at < text.length) continue
      cells.push('')
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    if (at < text.length && text[at] !== '\n') throw refuse('a quoted field goes on after its closing quote')
    endRow()
    at++
    line++
  }
  return rows
}

/** Place of the quote that closes a field; -1 where none does. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

/** First comma or line end; a CR that no LF follows belongs to the field. */
function fieldEnd(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2c || code === 0x0a) return at
    if (code === 0x0d && (text.charCodeAt(at + 1) === 0x0a || at + 1 === text.length)) return at
  }
  return at
}
