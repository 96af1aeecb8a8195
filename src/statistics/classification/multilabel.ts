import { sharedCount } from '../entities/sets.ts'
import { countMetric, itemMean, type Metric, measured, ratio } from '../metric.ts'

/** An item with any number of labels. */
export interface LabelSet {
  readonly gold: readonly string[]
  /** Null: no answer, which counts as no label. */
  readonly predicted: readonly string[] | null
}

/** Labels whose score reaches the threshold: 0.5 for a probability without a shipped one. */
export function labelsAbove(labels: readonly string[], scores: readonly number[], threshold = 0.5): string[] {
  return labels.filter((_, index) => (scores[index] ?? Number.NEGATIVE_INFINITY) >= threshold)
}

/** Counts a label: hits, gold, predicted; a last label stands for predictions outside the declared ones. */
function labelCounts(
  id: string,
  labels: readonly string[],
  value: (counts: { hits: number; gold: number; predicted: number }[], outside: number) => number,
): Metric<LabelSet> {
  const places = new Map(labels.map((label, index) => [label, index]))
  const place = (label: string) => 3 * (places.get(label) ?? labels.length)
  return countMetric(id, 'higher', () => ({
    // The last cell counts items, so that none at all is told from none with a label.
    size: 3 * labels.length + 4,
    contribute: ({ gold, predicted }, add) => {
      const truth = new Set(gold)
      for (const label of truth) {
        if (!places.has(label)) throw new RangeError(`gold label "${label}" is not among the declared labels`)
        add(place(label) + 1, 1)
      }
      for (const label of new Set(predicted)) {
        if (truth.has(label)) add(place(label), 1)
        add(place(label) + 2, 1)
      }
      add(3 * labels.length + 3, 1)
    },
    value: (cells) => {
      if (cells[3 * labels.length + 3] === 0) return { value: null, reason: 'no items' }
      const counts = labels.map((_, index) => ({
        hits: cells[3 * index] ?? 0,
        gold: cells[3 * index + 1] ?? 0,
        predicted: cells[3 * index + 2] ?? 0,
      }))
      const figure = measured(value(counts, cells[3 * labels.length + 2] ?? 0), 'no items')
      const per = Object.fromEntries(counts.map((count, index) => [labels[index] ?? '', labelF1(count)]))
      return { ...figure, per }
    },
  }))
}

function labelF1({ hits, gold, predicted }: { hits: number; gold: number; predicted: number }): number {
  return ratio(2 * hits, gold + predicted) ?? 0
}

/** F1 of counts pooled over the declared labels; 0/0 is 0. */
export function multilabelF1Micro(labels: readonly string[]): Metric<LabelSet> {
  return labelCounts('multilabel_f1_micro', labels, (counts, outside) => {
    let hits = 0
    let both = outside
    for (const count of counts) {
      hits += count.hits
      both += count.gold + count.predicted
    }
    return ratio(2 * hits, both) ?? 0
  })
}

/** Mean F1 over the declared labels, also those that never occur (0/0 is 0, as sklearn's zero_division=0). */
export function multilabelF1Macro(labels: readonly string[]): Metric<LabelSet> {
  return labelCounts(
    'multilabel_f1_macro',
    labels,
    (counts) =>
      ratio(
        counts.reduce((sum, count) => sum + labelF1(count), 0),
        counts.length,
      ) ?? 0,
  )
}

/** Mean F1 weighted by gold support. */
export function multilabelF1Weighted(labels: readonly string[]): Metric<LabelSet> {
  return labelCounts('multilabel_f1_weighted', labels, (counts) => {
    const support = counts.reduce((sum, { gold }) => sum + gold, 0)
    return (
      ratio(
        counts.reduce((sum, count) => sum + labelF1(count) * count.gold, 0),
        support,
      ) ?? 0
    )
  })
}

/** Mean over items of the item's F1; an item with neither gold nor predicted labels scores 0. */
export const multilabelF1Samples: Metric<LabelSet> = itemMean(
  'multilabel_f1_samples',
  'higher',
  ({ gold, predicted }) => {
    const truth = new Set(gold)
    const named = new Set(predicted)
    return ratio(2 * sharedCount(truth, named), truth.size + named.size) ?? 0
  },
)

/** Share of items whose whole set is right; no answer is right for none, not even for the empty set. */
export const subsetAccuracy: Metric<LabelSet> = itemMean('subset_accuracy', 'higher', ({ gold, predicted }) => {
  if (predicted === null) return 0
  const truth = new Set(gold)
  const named = new Set(predicted)
  return truth.size === named.size && sharedCount(truth, named) === truth.size ? 1 : 0
})
