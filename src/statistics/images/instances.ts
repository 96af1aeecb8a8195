import { countMetric, type Metric, itemMean, measured, ratio } from '../metric.ts'

/** Thresholds of IoU in twentieths: 0.50 : 0.05 : 0.95. Integers, so that 0.6 is 0.6. */
export const iouTwentieths = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const

/** What one image contributes: objects and matched pairs, and the panoptic sums over pairs with IoU > 0.5. */
export interface InstanceCounts {
  readonly gold: number
  readonly predicted: number
  /** [10] matched pairs at each of `iouTwentieths`. */
  readonly hits: readonly number[]
  readonly strictHits: number
  readonly strictIouSum: number
}

/** Label images of equal size: 0 is background, every other value one object, connected or not. */
export function matchInstances(gold: ArrayLike<number>, predicted: ArrayLike<number>): InstanceCounts {
  if (gold.length !== predicted.length) throw new RangeError('label images of different size cannot be compared')
  const goldSize = new Map<number, number>()
  const predictedSize = new Map<number, number>()
  const shared = new Map<number, Map<number, number>>()
  for (let place = 0; place < gold.length; place++) {
    const one = gold[place] ?? 0
    const other = predicted[place] ?? 0
    if (one !== 0) goldSize.set(one, (goldSize.get(one) ?? 0) + 1)
    if (other !== 0) predictedSize.set(other, (predictedSize.get(other) ?? 0) + 1)
    if (one === 0 || other === 0) continue
    const row = shared.get(one) ?? new Map<number, number>()
    shared.set(one, row.set(other, (row.get(other) ?? 0) + 1))
  }
  const pairs: Pair[] = []
  for (const [one, row] of shared) {
    for (const [other, both] of row) {
      const union = (goldSize.get(one) ?? 0) + (predictedSize.get(other) ?? 0) - both
      if (2 * both >= union) pairs.push({ one, other, both, union })
    }
  }
  const strict = pairs.filter(({ both, union }) => 2 * both > union)
  return {
    gold: goldSize.size,
    predicted: predictedSize.size,
    hits: iouTwentieths.map((threshold) => matched(pairs.filter(({ both, union }) => 20 * both >= threshold * union))),
    strictHits: strict.length,
    strictIouSum: strict.reduce((sum, { both, union }) => sum + both / union, 0),
  }
}

interface Pair {
  readonly one: number
  readonly other: number
  readonly both: number
  readonly union: number
}

/**
 * Pairs of a one-to-one matching of maximum total IoU. Above 0.5 no object has two partners. At exactly 0.5 an object can
 * have two (its halves), but then each of these lies wholly inside it and has no other: taking any one is the maximum.
 */
function matched(pairs: readonly Pair[]): number {
  const gold = new Set<number>()
  const predicted = new Set<number>()
  let count = 0
  for (const { one, other } of pairs) {
    if (gold.has(one) || predicted.has(other)) continue
    gold.add(one)
    predicted.add(other)
    count++
  }
  return count
}

export interface InstanceScore {
  readonly ap: number
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
}

/** TP / (TP + FP + FN) at one threshold (DSB 2018); neither gold nor predicted objects: 1. */
export function instanceScore(hits: number, gold: number, predicted: number): InstanceScore {
  return {
    ap: ratio(hits, gold + predicted - hits) ?? 1,
    precision: ratio(hits, predicted),
    recall: ratio(hits, gold),
    f1: ratio(2 * hits, gold + predicted),
  }
}

/** AP of one image at number `level` of `iouTwentieths`. */
export function instanceAp({ hits, gold, predicted }: InstanceCounts, level: number): number {
  return instanceScore(hits[level] ?? 0, gold, predicted).ap
}

/** Mean AP of one image over 0.50 : 0.05 : 0.95. */
export function instanceApMean(counts: InstanceCounts): number {
  return iouTwentieths.reduce((sum, _, level) => sum + instanceAp(counts, level), 0) / iouTwentieths.length
}

export interface Panoptic {
  readonly pq: number | null
  readonly rq: number | null
  /** Mean IoU of the pairs; null without a pair. */
  readonly sq: number | null
}

/** Sum of IoU / (TP + FP / 2 + FN / 2) over pairs with IoU > 0.5 (Kirillov 2019); neither objects: null. */
export function panoptic({ strictHits, strictIouSum, gold, predicted }: InstanceCounts): Panoptic {
  const halves = (gold + predicted) / 2
  return { pq: ratio(strictIouSum, halves), rq: ratio(strictHits, halves), sq: ratio(strictIouSum, strictHits) }
}

/** Headlines: mean over images, as the contest has it. */
export const ap50: Metric<InstanceCounts> = itemMean('ap50', 'higher', (counts) => instanceAp(counts, 0))
export const apMean: Metric<InstanceCounts> = itemMean('ap_mean', 'higher', instanceApMean)

/** Mean over images; images with no object in either are left out and counted. */
export const pq: Metric<InstanceCounts> = itemMean('pq', 'higher', (counts) => panoptic(counts).pq)

export type PooledFigure = keyof InstanceScore

/** Figures of counts summed over images first: `ap50_pooled`, `f1_50_pooled` and so on at a threshold of the ten. */
export function pooledInstances(
  figure: PooledFigure,
  twentieths: (typeof iouTwentieths)[number] = 10,
): Metric<InstanceCounts> {
  const level = iouTwentieths.indexOf(twentieths)
  const name = figure === 'ap' ? 'ap' : `${figure}_`
  return countMetric(`${name}${twentieths * 5}_pooled`, 'higher', () => ({
    size: 4,
    contribute: ({ hits, gold, predicted }, add) => {
      add(0, hits[level] ?? 0)
      add(1, gold)
      add(2, predicted)
      add(3, 1)
    },
    value: ([hits = 0, gold = 0, predicted = 0, images = 0]) =>
      images === 0
        ? { value: null, reason: 'no items' }
        : measured(instanceScore(hits, gold, predicted)[figure], 'no objects'),
  }))
}
