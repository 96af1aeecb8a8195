import { betaQuantile, normalCdf, normalQuantile } from './distributions.ts'

export interface Range {
  readonly low: number
  readonly high: number
}

/** Wilson interval without continuity correction for k of n independent items (Wilson 1927). n = 0: null. */
export function wilson(successes: number, n: number, level = 0.95): Range | null {
  if (n === 0) return null
  const z = normalQuantile(1 - (1 - level) / 2)
  const share = successes / n
  const z2 = z * z
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  }
}

/** Exact interval of Clopper and Pearson (1934), from quantiles of the beta distribution. n = 0: null. */
export function clopperPearson(successes: number, n: number, level = 0.95): Range | null {
  if (n === 0) return null
  const tail = (1 - level) / 2
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    high: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
  }
}

export interface AurocVariance extends Range {
  readonly auroc: number
  readonly variance: number
}

/**
 * AUROC over independent items with the variance of DeLong (1988) and a linear interval clipped to [0, 1].
 * Fewer than two of either class: null, since the covariances divide by their number less one.
 */
export function delong(y: readonly number[], score: readonly number[], level = 0.95): AurocVariance | null {
  const parts = placements(y, score)
  if (!parts) return null
  const variance = covariance(parts, parts)
  const half = normalQuantile(1 - (1 - level) / 2) * Math.sqrt(variance)
  const { auroc } = parts
  return { auroc, variance, low: Math.max(0, auroc - half), high: Math.min(1, auroc + half) }
}

export interface DelongComparison {
  readonly aurocA: number
  readonly aurocB: number
  readonly varianceA: number
  readonly varianceB: number
  readonly covariance: number
  /** (A - B) / standard error; null where that is 0. */
  readonly z: number | null
  /** Two-sided. */
  readonly p: number | null
}

/** Two scores on the same independent items (DeLong 1988). */
export function delongCompare(
  y: readonly number[],
  scoreA: readonly number[],
  scoreB: readonly number[],
): DelongComparison | null {
  const a = placements(y, scoreA)
  const b = placements(y, scoreB)
  if (!a || !b) return null
  const varianceA = covariance(a, a)
  const varianceB = covariance(b, b)
  const shared = covariance(a, b)
  const variance = varianceA + varianceB - 2 * shared
  // Rounding leaves about 1e-17 where two scores rank alike; no test exists there.
  const z = variance > 1e-15 ? (a.auroc - b.auroc) / Math.sqrt(variance) : null
  const p = z === null ? null : 2 * normalCdf(-Math.abs(z))
  return { aurocA: a.auroc, aurocB: b.auroc, varianceA, varianceB, covariance: shared, z, p }
}

interface Placements {
  readonly auroc: number
  /** For each positive: the share of negatives it beats (ties half). */
  readonly positives: Float64Array
  /** For each negative: the share of positives that beat it. */
  readonly negatives: Float64Array
}

/** Placement values by mid-ranks (Sun & Xu 2014): O(n log n). */
function placements(y: readonly number[], score: readonly number[]): Placements | null {
  const positive = score.filter((_, index) => y[index] === 1)
  const negative = score.filter((_, index) => y[index] !== 1)
  if (positive.length < 2 || negative.length < 2) return null
  const positives = shareBelow(positive, negative)
  const negatives = shareBelow(negative, positive).map((share) => 1 - share)
  const auroc = positives.reduce((sum, share) => sum + share, 0) / positive.length
  return { auroc, positives, negatives }
}

function shareBelow(values: readonly number[], others: readonly number[]): Float64Array {
  const sorted = Float64Array.from(others).sort()
  return Float64Array.from(
    values,
    (value) => (firstAt(sorted, value, false) + firstAt(sorted, value, true)) / 2 / sorted.length,
  )
}

/** Count of sorted values < value, or <= value with `through`. */
function firstAt(sorted: Float64Array, value: number, through: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    const at = sorted[middle] ?? 0
    if (at < value || (through && at === value)) low = middle + 1
    else high = middle
  }
  return low
}

function covariance(a: Placements, b: Placements): number {
  return (
    sampleCovariance(a.positives, b.positives) / a.positives.length +
    sampleCovariance(a.negatives, b.negatives) / a.negatives.length
  )
}

function sampleCovariance(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const meanA = a.reduce((sum, value) => sum + value, 0) / n
  const meanB = b.reduce((sum, value) => sum + value, 0) / n
  let sum = 0
  for (let index = 0; index < n; index++) sum += ((a[index] ?? 0) - meanA) * ((b[index] ?? 0) - meanB)
  return sum / (n - 1)
}
