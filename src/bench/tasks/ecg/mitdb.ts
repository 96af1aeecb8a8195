/** What is known of the MIT-BIH Arrhythmia Database beyond its files. Recognised by its record names. */
import { ds1, ds2, mitdbPatient, pacedRecords, type Unit } from '../../../statistics/index.ts'
import type { DatasetTask } from '../../datasets/manifest.ts'
import type { DatasetRow } from '../../datasets/rows.ts'

const records = new Set([...ds1, ...ds2, ...pacedRecords])
/** In DS2, and the man of 201, who is in DS1. */
const sharedRecord = '202'

/** True where every row is a record of the database. */
export function isMitdb(rows: readonly Pick<DatasetRow, 'id'>[]): boolean {
  return rows.length > 0 && rows.every(({ id }) => records.has(id))
}

/** Records with paced beats stand outside every total (EC57). */
export function pacedOf(rows: readonly DatasetRow[]): ReadonlyMap<string, string> {
  return new Map(isMitdb(rows) ? pacedRecords.map((id) => [id, 'paced (EC57)']) : [])
}

/** Rows without record 202 where a test without it must be shown too; null where it need not be. */
export function without202<Row extends { readonly row: DatasetRow }>(rows: readonly Row[]): Row[] | null {
  const all = rows.map(({ row }) => row)
  const ids = new Set(all.map(({ id }) => id))
  if (!isMitdb(all) || !ids.has(sharedRecord) || ids.has('201') || ids.size === 1) return null
  return rows.filter(({ row }) => row.id !== sharedRecord)
}

/** What the interval draws: the patient where he is known, else the group column, else the record. */
export function grouping(
  rows: readonly DatasetRow[],
  task: DatasetTask,
): { unit: Unit; key: (row: DatasetRow) => string | null } {
  if (isMitdb(rows)) return { unit: 'group', key: ({ id }) => mitdbPatient(id) }
  return { unit: task.columns.group === undefined ? 'item' : 'group', key: ({ group }) => group }
}
