/** Figures of compared records: gross and average, from five minutes and from the start. */
import {
  averageBeats,
  type BeatFigure,
  type BeatPairs,
  type BeatsByPeriod,
  beatScore,
  grossBeats,
  groupBy,
  sumPairs,
} from '../../../statistics/index.ts'
import type { DatasetTask } from '../../datasets/manifest.ts'
import type { DatasetRow } from '../../datasets/rows.ts'
import { grouping, without202 } from '../ecg/mitdb.ts'
import type { TaskScore } from '../family.ts'
import { type Figure, figureOf } from '../figure.ts'

export interface ComparedRecord {
  readonly row: DatasetRow
  readonly hasClasses: boolean
  readonly pairs: BeatsByPeriod
}

type Period = 'from_5min' | 'from_start'

const figures = [
  ...(['qrs_f1', 'qrs_se', 'qrs_ppv', 'veb_f1', 'veb_se', 'veb_ppv', 'sveb_f1', 'sveb_se', 'sveb_ppv'] as const),
] satisfies readonly BeatFigure[]
const start = '_from_start'
const apartFrom202 = '_without_202'

/** `qrs_f1_gross` is the figure from five minutes, `qrs_f1_gross_from_start` that of the whole records, and so on. */
export const beatMetricIds: readonly string[] = figures.flatMap((figure) =>
  ['', start].flatMap((period) => [
    `${figure}_gross${period}`,
    `${figure}_average${period}`,
    `${figure}_gross${period}${apartFrom202}`,
  ]),
)

export function scoreBeats(
  records: readonly ComparedRecord[],
  apart: readonly (ComparedRecord & { readonly reason: string })[],
  task: DatasetTask,
): Pick<TaskScore, 'figures' | 'details' | 'notes'> {
  const short = records.filter(({ pairs }) => pairs.from_5min === null).map(({ row }) => row.id)
  const main: Period = short.length < records.length ? 'from_5min' : 'from_start'
  const rest = without202(records)
  const found: Figure[] = []
  for (const [period, ending] of [
    [main, ''],
    ['from_start', start],
  ] as const) {
    found.push(...periodFigures(records, task, period, ending))
    if (rest) found.push(...periodFigures(rest, task, period, `${ending}${apartFrom202}`, true))
  }
  return {
    figures: found.toSorted((one, other) => order(one.metric) - order(other.metric)),
    details: {
      map: task.map ?? 'bxb',
      window_ms: 150,
      pairs: { from_5min: pairsOf(records, 'from_5min'), from_start: pairsOf(records, 'from_start') },
      short_records: short,
      apart: apart.map(({ row, reason, pairs }) => ({
        id: row.id,
        reason,
        from_5min: pairs.from_5min && beatScore(pairs.from_5min),
        from_start: beatScore(pairs.from_start),
      })),
    },
    notes: notesOf(records, short),
  }
}

/** Headlines before their parts: gross, average, then from the start, then without 202. */
function order(metric: string): number {
  return (
    (metric.includes(apartFrom202) ? 4 : 0) + (metric.includes(start) ? 2 : 0) + (metric.includes('_average') ? 1 : 0)
  )
}

function periodFigures(
  records: readonly ComparedRecord[],
  task: DatasetTask,
  period: Period,
  ending: string,
  isGrossOnly = false,
): Figure[] {
  const used = records.flatMap(({ row, pairs }) => (pairs[period] ? [{ row, pairs: pairs[period] }] : []))
  const { unit, key } = grouping(
    records.map(({ row }) => row),
    task,
  )
  const groups = groupBy(used, ({ row }) => key(row)).map((group) => group.map(({ pairs }) => pairs))
  return figures.flatMap((figure) => {
    const per = Object.fromEntries(used.map(({ row, pairs }) => [row.id, beatScore(pairs)[figure]]))
    const gross = figureOf(grossBeats(figure), groups, { name: `${figure}_gross${ending}`, unit, period, per })
    if (isGrossOnly) return [gross]
    return [gross, figureOf(averageBeats(figure), groups, { name: `${figure}_average${ending}`, unit, period, per })]
  })
}

function pairsOf(records: readonly ComparedRecord[], period: Period): BeatPairs | null {
  const tables = records.flatMap(({ pairs }) => (pairs[period] ? [pairs[period]] : []))
  return tables.length === 0 ? null : sumPairs(tables)
}

function notesOf(records: readonly ComparedRecord[], short: readonly string[]): string[] {
  const notes: string[] = []
  if (short.length > 0 && short.length === records.length) {
    notes.push('every record is shorter than 5 min: all figures are from_start, from_5min has none')
  } else if (short.length > 0) {
    notes.push(`${short.length} records shorter than 5 min have only from_start: ${short.join(', ')}`)
  }
  if (records.some(({ hasClasses }) => !hasClasses)) {
    notes.push('the reference gives positions without classes: VEB and SVEB are not compared')
  }
  return notes
}
