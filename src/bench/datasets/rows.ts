/** From tables to the items of one split: ids, groups, `where`, `exclude`. */
import { nearest } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import type { DataFolder } from './folder.ts'
import { type DatasetTask, fieldName, type ManifestFile } from './manifest.ts'
import { readTable, type TableRow } from './table.ts'

export interface DatasetRow extends TableRow {
  readonly id: string
  /** Null where the task names no group or the cell is blank: the item then stands alone. */
  readonly group: string | null
  /** Our name of the split; null where the task has none. */
  readonly split: string | null
}

export interface ExcludedRow {
  readonly row: DatasetRow
  readonly reason: string
}

export interface Selection {
  readonly rows: readonly DatasetRow[]
  /** Dropped by `exclude`: those of this split, and those that belong to no named split. */
  readonly excluded: readonly ExcludedRow[]
  /** `all` where every row was taken. */
  readonly split: string
  /** What the answer must say about the choice. */
  readonly notes: readonly string[]
}

/** Splits that a run without `--split` looks for, in this order. */
const defaultSplits = ['test', 'val', 'dev'] as const
/** Joins the columns of an id, group or label made of several. */
const joint = ':'

/** Reads the task's tables and keeps the rows of one split. */
export async function readRows(
  folder: DataFolder,
  source: ManifestFile,
  taskIndex: number,
  wish?: string,
): Promise<Selection> {
  const task = source.manifest.tasks[taskIndex]
  if (task === undefined) throw new RangeError(`the manifest has no task ${taskIndex}`)
  const all = await readAll(folder, source, task, taskIndex)
  const kept = all.filter((row) => holds(row, task.where ?? {}))
  const { split, notes } = chooseSplit(kept, wish)
  const chosen = split === 'all' ? kept : kept.filter((row) => row.split === split)
  checkIds(chosen)
  const excludes = new Set((task.exclude ?? []).map(String))
  const reason = task.exclude_reason ?? 'excluded by the manifest'
  const named = new Set([...Object.keys(task.splits ?? {}), 'train', ...defaultSplits])
  const left = kept.filter((row) => row.split === split || split === 'all' || !named.has(row.split ?? ''))
  return {
    rows: chosen.filter(({ id }) => !excludes.has(id)),
    excluded: left.filter(({ id }) => excludes.has(id)).map((row) => ({ row, reason })),
    split,
    notes,
  }
}

async function readAll(
  folder: DataFolder,
  source: ManifestFile,
  task: DatasetTask,
  taskIndex: number,
): Promise<DatasetRow[]> {
  const rows: DatasetRow[] = []
  const parts = Array.isArray(task.files) ? [[null, task.files] as const] : Object.entries(task.files)
  for (const [split, files] of parts) {
    for (const file of files) {
      const table = await readTable(folder, file, `tasks[${taskIndex}].files`)
      const resolve = columnsOf(source, taskIndex, file, table.columns)
      const { id, group, split: part } = task.columns
      const idColumns = id === undefined ? null : resolve(id, ['columns', 'id'])
      const groupColumns = group === undefined ? null : resolve(group, ['columns', 'group'])
      const splitColumns = part === undefined ? null : resolve(part, ['columns', 'split'])
      for (const name of Object.keys(task.where ?? {})) resolve(name, ['where', name])
      if (task.columns.label !== undefined) resolve(task.columns.label, ['columns', 'label'])
      for (const row of table.rows) {
        const value = splitColumns === null ? null : joined(row, splitColumns)
        rows.push({
          ...row,
          id: idColumns === null ? String(rows.length) : idOf(row, idColumns),
          group: groupColumns === null ? null : joined(row, groupColumns),
          split: split ?? (value === null ? null : splitName(value, task)),
        })
      }
    }
  }
  return rows
}

/** Column names as the manifest writes them to those of the file; refuses a name that the file does not have. */
function columnsOf({ file, lineOf }: ManifestFile, taskIndex: number, table: string, header: readonly string[]) {
  return (wish: string | readonly string[], field: readonly PropertyKey[]): string[] =>
    (typeof wish === 'string' ? [wish] : wish).flatMap((name) => {
      const found = expand(name, header)
      if (found.length > 0 || header.length === 0) return found
      const path = ['tasks', taskIndex, ...field]
      const at = { file, line: lineOf(path), field: `${fieldName(path)} (for ${table})` }
      throw problem('bench.data-column', { ...at, column: name, nearest: nearest(name, header) })
    })
}

function expand(name: string, header: readonly string[]): string[] {
  if (header.includes(name)) return [name]
  return name.endsWith('*') ? header.filter((one) => one.startsWith(name.slice(0, -1))) : []
}

function joined(row: TableRow, columns: readonly string[]): string | null {
  const values = columns.map((name) => row.cells.get(name))
  return values.every((value) => value === undefined) ? null : values.map(textOf).join(joint)
}

function idOf(row: TableRow, columns: readonly string[]): string {
  const id = joined(row, columns)
  if (id !== null) return id
  const { file, line } = row
  throw problem('bench.data-cell', { file, line, field: columns.join(', '), value: '', expected: 'an id' })
}

/** A cell as text: CSV gives nothing else, and labels and ids compare as text. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function splitName(value: string, { splits }: DatasetTask): string {
  if (splits === undefined) return value === 'validate' || value === 'validation' ? 'val' : value
  const named = Object.entries(splits).find(([, values]) => values.some((one) => String(one) === value))
  return named === undefined ? value : named[0]
}

function holds(row: TableRow, where: NonNullable<DatasetTask['where']>): boolean {
  return Object.entries(where).every(([name, wish]) => {
    const value = textOf(row.cells.get(name))
    return (Array.isArray(wish) ? wish : [wish]).some((one) => String(one) === value)
  })
}

function chooseSplit(rows: readonly DatasetRow[], wish?: string): { split: string; notes: string[] } {
  const occurring = [...new Set(rows.flatMap(({ split }) => (split === null ? [] : [split])))]
  if (wish === 'all') return { split: 'all', notes: [] }
  if (wish !== undefined) {
    if (occurring.includes(wish)) return { split: wish, notes: [] }
    throw problem('bench.call-split-unknown', { split: wish, splits: [...occurring, 'all'].join(', ') })
  }
  const found = defaultSplits.find((name) => occurring.includes(name))
  if (found !== undefined) return { split: found, notes: [] }
  return { split: 'all', notes: ['the task has no part called test, val or dev: all rows were scored'] }
}

function checkIds(rows: readonly DatasetRow[]): void {
  const seen = new Set<string>()
  for (const { id, file, line } of rows) {
    if (seen.has(id)) throw problem('bench.data-repeated', { file, line, field: 'columns.id', id })
    seen.add(id)
  }
}
