/** Figures of classified beats: gross over beats, and average over records. */
import {
  accuracy,
  beatClasses,
  beatClassReport,
  type ClassifiedBeat,
  type Confusion,
  confusion,
  confusionMetric,
  countAt,
  f1MacroNSVF,
  f1MacroNSVFQ,
  groupBy,
  itemMean,
  labelScores,
  type Metric,
  ratio,
} from '../../../statistics/index.ts'
import type { DatasetTask } from '../../datasets/manifest.ts'
import type { DatasetRow } from '../../datasets/rows.ts'
import { grouping, without202 } from '../ecg/mitdb.ts'
import type { TaskScore } from '../family.ts'
import { type Figure, figureOf } from '../figure.ts'

export interface ClassifiedRecord {
  readonly row: DatasetRow
  readonly beats: readonly ClassifiedBeat[]
}

const metrics: readonly Metric<ClassifiedBeat>[] = [
  f1MacroNSVF,
  f1MacroNSVFQ,
  accuracy(beatClasses),
  ...beatClasses.map((name, place) => confusionMetric(`se_${name}`, (table) => sensitivity(table, place), beatClasses)),
  ...beatClasses.map((name, place) => confusionMetric(`ppv_${name}`, (table) => precision(table, place), beatClasses)),
]
const average = '_average'
const apartFrom202 = '_without_202'

/** `f1_macro_NSVF` is gross over beats, `f1_macro_NSVF_average` the mean over records, and so on. */
export const beatClassMetricIds: readonly string[] = metrics.flatMap(({ id }) => [
  id,
  `${id}${average}`,
  `${id}${apartFrom202}`,
])

export function scoreClasses(
  records: readonly ClassifiedRecord[],
  task: DatasetTask,
): Pick<TaskScore, 'figures' | 'details' | 'notes'> {
  const beats = records.flatMap((record) => record.beats)
  const rest = without202(records)
  const table = confusion(beats, beatClasses)
  return {
    figures: [
      ...grossFigures(records, task, ''),
      ...averageFigures(records, task),
      ...(rest ? grossFigures(rest, task, apartFrom202) : []),
    ],
    details: {
      map: task.map ?? 'aami',
      labels: beatClasses,
      confusion: beatClassReport(beats).confusion,
      other: beatClasses.map((_, row) => countAt(table, row, beatClasses.length)),
    },
    notes: [],
  }
}

function grossFigures(records: readonly ClassifiedRecord[], task: DatasetTask, ending: string): Figure[] {
  const { key } = grouping(
    records.map(({ row }) => row),
    task,
  )
  const groups = groupBy(records, ({ row }) => key(row)).map((group) => group.flatMap(({ beats }) => beats))
  return metrics.map((metric) => {
    const per = membersOf(metric, records)
    return figureOf(metric, groups, { name: `${metric.id}${ending}`, unit: 'group', per })
  })
}

/** Of a macro F1 the classes, of any other figure the records. */
function membersOf(metric: Metric<ClassifiedBeat>, records: readonly ClassifiedRecord[]) {
  if (metric !== f1MacroNSVF && metric !== f1MacroNSVFQ) return perRecord(metric, records)
  const isWithQ = metric === f1MacroNSVFQ
  const beats = records.flatMap((record) => record.beats).filter(({ gold }) => isWithQ || gold !== 'Q')
  const table = confusion(beats, beatClasses)
  const scores = labelScores(table)
  const shown = beatClasses.filter((name) => isWithQ || name !== 'Q')
  return Object.fromEntries(
    shown.map((name) => {
      const place = beatClasses.indexOf(name)
      const occurs = rowSum(table, place) + columnSum(table, place) > 0
      return [name, occurs ? (scores[name]?.f1 ?? null) : null]
    }),
  )
}

function perRecord(
  metric: Metric<ClassifiedBeat>,
  records: readonly ClassifiedRecord[],
): Record<string, number | null> {
  return Object.fromEntries(records.map(({ row, beats }) => [row.id, metric.compute(beats).value]))
}

function averageFigures(records: readonly ClassifiedRecord[], task: DatasetTask): Figure[] {
  const { unit, key } = grouping(
    records.map(({ row }) => row),
    task,
  )
  const groups = groupBy(records, ({ row }) => key(row))
  return metrics.map((metric) => {
    const per = perRecord(metric, records)
    const mean = itemMean<ClassifiedRecord>(metric.id, 'higher', ({ row }) => per[row.id] ?? null)
    return figureOf(mean, groups, { name: `${metric.id}${average}`, unit, per })
  })
}

function sensitivity(table: Confusion, place: number): number | null {
  return ratio(countAt(table, place, place), rowSum(table, place))
}

function precision(table: Confusion, place: number): number | null {
  return ratio(countAt(table, place, place), columnSum(table, place))
}

function rowSum(table: Confusion, row: number): number {
  return [...table.labels, null].reduce((sum, _, column) => sum + countAt(table, row, column), 0)
}

function columnSum(table: Confusion, column: number): number {
  return table.labels.reduce((sum, _, row) => sum + countAt(table, row, column), 0)
}
