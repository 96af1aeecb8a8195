import { itemMean, type Metric, measured, metric } from '../metric.ts'
import type { Scored } from './ranking.ts'

/** Exclusive classes: `gold` is the number of the right one, `p` [K] the probabilities in the order of the labels. */
export interface ProbabilityRow {
  readonly gold: number
  readonly p: readonly number[]
}

const least = 2 ** -52

/** Mean (p - y)^2 of the positive class; `score` is a probability. */
export const brier: Metric<Scored> = itemMean(
  'brier',
  'lower',
  ({ positive, score }) => (probability(score) - (positive ? 1 : 0)) ** 2,
)

/** Mean over items of the sum over classes: 0 .. 2. */
export const brierMulticlass: Metric<ProbabilityRow> = itemMean('brier_multiclass', 'lower', ({ gold, p }) =>
  p.reduce((sum, value, index) => sum + (probability(value) - (index === gold ? 1 : 0)) ** 2, 0),
)

/** Mean -ln p(gold); rows are normalised, p is clipped to [2^-52, 1 - 2^-52]. */
export const logLoss: Metric<ProbabilityRow> = itemMean('log_loss', 'lower', ({ gold, p }) => {
  const sum = p.reduce((total, value) => total + probability(value), 0)
  if (!(sum > 0)) throw new RangeError('probabilities of an item add up to nothing')
  return -Math.log(clip((p[gold] ?? 0) / sum, least))
})

/** The binary case of `logLoss`. */
export const logLossBinary: Metric<Scored> = metric('log_loss', 'lower', (items) =>
  logLoss.compute(items.map(({ positive, score }) => ({ gold: positive ? 1 : 0, p: [1 - score, score] }))),
)

/**
 * Expected calibration error over M bins (k/M, (k+1)/M] of equal width: sum n_b / n |fraction - mean p|. The bin is the
 * smallest k with p <= (k + 1) / M in double; 0 falls in the first. Empty bins add 0. No items: null.
 */
export function eceWidth(bins = 10): Metric<Scored> {
  return metric(`ece_width_${bins}`, 'lower', (items) =>
    measured(
      binnedGap(items, bins, ({ score }) => widthBin(probability(score), bins)),
      'no items',
    ),
  )
}

/** Top-label calibration of exclusive classes: confidence of the first largest class against correctness (Guo 2017). */
export function eceTopLabel(bins = 15): Metric<ProbabilityRow> {
  return metric(`ece_width_${bins}_toplabel`, 'lower', (rows) =>
    eceWidth(bins).compute(
      rows.map(({ gold, p }) => {
        const top = firstLargest(p)
        return { positive: top === gold, score: p[top] ?? 0 }
      }),
    ),
  )
}

/** The same sum over bins of equal mass: bin = floor(M #(strictly smaller p) / n), so equal p share a bin (Nixon 2019). */
export function eceMass(bins = 10): Metric<Scored> {
  return metric(`ece_mass_${bins}`, 'lower', (items) => {
    const sorted = Float64Array.from(items, ({ score }) => probability(score)).sort()
    const smaller = new Map<number, number>()
    for (const [index, score] of sorted.entries()) if (!smaller.has(score)) smaller.set(score, index)
    const bin = ({ score }: Scored) => Math.floor((bins * (smaller.get(score) ?? 0)) / items.length)
    return measured(binnedGap(items, bins, bin), 'no items')
  })
}

/** Number of the first largest value. */
export function firstLargest(values: readonly number[]): number {
  let top = 0
  for (const [index, value] of values.entries()) if (value > (values[top] ?? Number.NEGATIVE_INFINITY)) top = index
  return top
}

/** p kept within [margin, 1 - margin]. */
export function clip(p: number, margin: number): number {
  return Math.min(1 - margin, Math.max(margin, p))
}

function binnedGap(items: readonly Scored[], bins: number, bin: (item: Scored) => number): number | null {
  if (items.length === 0) return null
  const count = new Float64Array(bins)
  const positives = new Float64Array(bins)
  const sum = new Float64Array(bins)
  for (const item of items) {
    const at = bin(item)
    count[at] = (count[at] ?? 0) + 1
    positives[at] = (positives[at] ?? 0) + (item.positive ? 1 : 0)
    sum[at] = (sum[at] ?? 0) + item.score
  }
  let gap = 0
  for (const [at, n] of count.entries()) {
    if (n > 0) gap += (n / items.length) * Math.abs((positives[at] ?? 0) / n - (sum[at] ?? 0) / n)
  }
  return gap
}

function widthBin(p: number, bins: number): number {
  // The product may round to either side of an edge: the comparison with the quotient decides.
  let bin = Math.max(0, Math.min(bins - 1, Math.ceil(p * bins) - 1))
  while (bin > 0 && p <= bin / bins) bin--
  while (bin < bins - 1 && p > (bin + 1) / bins) bin++
  return bin
}

function probability(value: number): number {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`a probability lies in 0 to 1, got ${value}`)
  return value
}
