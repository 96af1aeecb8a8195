import { type Confusion, type Labelled, labelScores } from '../classification/confusion.ts'
import { confusionMetric } from '../classification/labels.ts'
import { countMetric, type Metric, measured, ratio } from '../metric.ts'

/** Positive relations of ChemProt as BioCreative VI counts them, and of DDI as DDIExtraction 2013 does. */
export const chemprotLabels = ['CPR:3', 'CPR:4', 'CPR:5', 'CPR:6', 'CPR:9'] as const
export const ddiLabels = ['mechanism', 'effect', 'advise', 'int'] as const

/**
 * One decision a candidate pair: F1 of counts pooled over the positive labels. Any other label (`none`) is no label, but
 * naming a relation there is a false alarm and missing one is a miss.
 */
export function relationMicroF1(labels: readonly string[]): Metric<Labelled> {
  return positiveF1('relation_micro_f1', labels, (counts) => {
    let hits = 0
    let both = 0
    for (const count of counts) {
      hits += count.hits
      both += count.gold + count.predicted
    }
    return ratio(2 * hits, both)
  })
}

/** Mean F1 over the positive labels; one that never occurs scores 0. */
export function relationMacroF1(labels: readonly string[]): Metric<Labelled> {
  return positiveF1('relation_macro_f1', labels, (counts) =>
    ratio(
      counts.reduce((sum, { hits, gold, predicted }) => sum + (ratio(2 * hits, gold + predicted) ?? 0), 0),
      counts.length,
    ),
  )
}

interface Counts {
  readonly hits: number
  readonly gold: number
  readonly predicted: number
}

function positiveF1(
  id: string,
  labels: readonly string[],
  value: (counts: Counts[]) => number | null,
): Metric<Labelled> {
  const places = new Map(labels.map((label, index) => [label, index]))
  return countMetric(id, 'higher', () => ({
    size: 3 * labels.length,
    contribute: ({ gold, predicted }, add) => {
      const truth = places.get(gold)
      const named = predicted === null ? undefined : places.get(predicted)
      if (truth !== undefined) add(3 * truth + 1, 1)
      if (named !== undefined) add(3 * named + 2, 1)
      if (truth !== undefined && truth === named) add(3 * truth, 1)
    },
    value: (cells) => {
      const counts = labels.map((_, index) => ({
        hits: cells[3 * index] ?? 0,
        gold: cells[3 * index + 1] ?? 0,
        predicted: cells[3 * index + 2] ?? 0,
      }))
      return measured(value(counts), 'no relations')
    },
  }))
}

/** One label a token: mean F1 over the classes without `outside` (PICO as SciBERT reports it; Beltagy 2019). */
export function wordMacroF1(labels: readonly string[], outside = 'O'): Metric<Labelled> {
  const classes = labels.filter((label) => label !== outside)
  const mean = (table: Confusion): number | null => {
    const scores = labelScores(table)
    const total = table.cells.some((count) => count > 0)
    return total
      ? ratio(
          classes.reduce((sum, label) => sum + (scores[label]?.f1 ?? 0), 0),
          classes.length,
        )
      : null
  }
  return confusionMetric('word_macro_f1', mean, [...classes, outside])
}
