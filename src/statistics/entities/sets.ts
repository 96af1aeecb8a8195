import { countMetric, itemMean, type Metric, measured, ratio } from '../metric.ts'

/** Members of both. */
export function sharedCount(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let count = 0
  for (const member of one) if (other.has(member)) count++
  return count
}

export interface SetOverlap {
  readonly jaccard: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** Two sets of terms (herbs, codes, departments); repeats count once. Both empty: 1. One empty: 0. */
export function setOverlap(gold: Iterable<string>, predicted: Iterable<string>): SetOverlap {
  const truth = new Set(gold)
  const named = new Set(predicted)
  if (truth.size === 0 && named.size === 0) return { jaccard: 1, precision: 1, recall: 1, f1: 1 }
  const hits = sharedCount(truth, named)
  return {
    jaccard: hits / (truth.size + named.size - hits),
    precision: ratio(hits, named.size) ?? 0,
    recall: ratio(hits, truth.size) ?? 0,
    f1: (2 * hits) / (truth.size + named.size),
  }
}

export interface TermSets {
  readonly gold: readonly string[]
  /** Null: no answer, which scores 0 even where the gold set is empty. */
  readonly predicted: readonly string[] | null
}

/** Mean over items of a figure of the two sets: `set_f1`, `set_jaccard`, `set_precision`, `set_recall`. */
export function setMean(figure: keyof SetOverlap): Metric<TermSets> {
  return itemMean(`set_${figure}`, 'higher', ({ gold, predicted }) =>
    predicted === null ? 0 : setOverlap(gold, predicted)[figure],
  )
}

/** A ranked list against a set: hits in the first k over k. A repeated answer hits once. */
export function precisionAtK(gold: Iterable<string>, ranked: readonly string[], k: number): number {
  return sharedCount(new Set(gold), new Set(ranked.slice(0, k))) / k
}

/** Hits in the first k over the size of the gold set; an empty gold set: null. */
export function recallAtK(gold: Iterable<string>, ranked: readonly string[], k: number): number | null {
  const truth = new Set(gold)
  return ratio(sharedCount(truth, new Set(ranked.slice(0, k))), truth.size)
}

/** Triples (subject, predicate, object, qualifiers) of one text. */
export interface TripleSets {
  readonly gold: readonly (readonly string[])[]
  readonly predicted: readonly (readonly string[])[] | null
}

/** F1 of triples pooled over texts: equal after NFKC with white space removed, repeats once. Nothing anywhere: null. */
export const tripleF1: Metric<TripleSets> = countMetric('triple_f1', 'higher', () => ({
  size: 3,
  contribute: ({ gold, predicted }, add) => {
    const truth = new Set(gold.map(tripleKey))
    const named = new Set((predicted ?? []).map(tripleKey))
    add(0, sharedCount(truth, named))
    add(1, truth.size)
    add(2, named.size)
  },
  value: ([hits = 0, gold = 0, predicted = 0]) => measured(ratio(2 * hits, gold + predicted), 'no triples'),
}))

function tripleKey(triple: readonly string[]): string {
  // White space is gone from the parts, so a line feed parts them without doubt.
  return triple.map((part) => part.normalize('NFKC').replace(/\s+/gu, '')).join('\n')
}
