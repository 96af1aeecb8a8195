import { chiSquare1Tail, logGamma } from './distributions.ts'
import type { Groups } from './groups.ts'
import { random } from './random.ts'

export interface Mcnemar {
  /** Two-sided binomial test of the discordant pairs; 1 where there are none. */
  readonly exactP: number
  /** With Edwards' continuity correction; null without discordant pairs. */
  readonly chi2Corrected: number | null
  readonly chi2P: number | null
}

/** Right and wrong of two models on the same independent items: `b` only the first right, `c` only the second (McNemar 1947). */
export function mcnemar(b: number, c: number): Mcnemar {
  const n = b + c
  if (n === 0) return { exactP: 1, chi2Corrected: null, chi2P: null }
  const fewer = Math.min(b, c)
  let tail = 0
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2)
  }
  const chi2Corrected = Math.max(0, Math.abs(b - c) - 1) ** 2 / n
  return { exactP: Math.min(1, 2 * tail), chi2Corrected, chi2P: chiSquare1Tail(chi2Corrected) }
}

export interface SignFlip {
  /** Mean difference over items; null without items. */
  readonly mean: number | null
  readonly p: number | null
  readonly method: 'exact' | 'random'
}

export interface SignFlipOptions {
  readonly B?: number
  readonly seed?: number
  /** Up to this many groups all 2^n signs are tried. */
  readonly exactUpTo?: number
}

/**
 * Paired permutation test of a mean difference: whole groups change sign. All 2^n ways up to 20 groups, else `B` draws of the
 * top bit of each word in group order with p = (count + 1) / (B + 1). |mean| is compared with a slack of 1e-12.
 */
export function signFlip(differences: Groups<number>, options: SignFlipOptions = {}): SignFlip {
  const { B = 9999, seed = 20250101, exactUpTo = 20 } = options
  if (exactUpTo > 30) throw new RangeError('trying all signs of more than 30 groups does not end')
  const sums = Float64Array.from(differences, (group) => group.reduce((sum, value) => sum + value, 0))
  const items = differences.reduce((sum, group) => sum + group.length, 0)
  const n = sums.length
  const method = n <= exactUpTo ? 'exact' : 'random'
  if (items === 0) return { mean: null, p: null, method }
  const mean = sums.reduce((sum, value) => sum + value, 0) / items
  const reached = Math.abs(mean) - 1e-12
  let count = 0
  if (method === 'exact') {
    for (let signs = 0; signs < 2 ** n; signs++) {
      let sum = 0
      for (let group = 0; group < n; group++) {
        const value = sums[group] ?? 0
        sum += (signs >>> group) & 1 ? -value : value
      }
      if (Math.abs(sum / items) >= reached) count++
    }
    return { mean, p: count / 2 ** n, method }
  }
  const source = random(seed)
  for (let draw = 0; draw < B; draw++) {
    let sum = 0
    for (const value of sums) sum += source.next() >>> 31 ? -value : value
    if (Math.abs(sum / items) >= reached) count++
  }
  return { mean, p: (count + 1) / (B + 1), method }
}

/** Holm's step-down adjustment (Holm 1979), in the order given. What a board uses. */
export function holm(p: readonly number[]): number[] {
  const n = p.length
  let floor = 0
  return adjust(p, (value, rank) => {
    floor = Math.max(floor, Math.min(1, (n - rank) * value))
    return floor
  })
}

/** Every p times their number. */
export function bonferroni(p: readonly number[]): number[] {
  return p.map((value) => Math.min(1, value * p.length))
}

/** Step-up adjustment of the false discovery rate (Benjamini & Hochberg 1995). */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const n = p.length
  let ceiling = 1
  const order = ascending(p).reverse()
  const adjusted = [...p]
  for (const [place, index] of order.entries()) {
    // As n / rank in one quotient first: the digits then agree with statsmodels'.
    ceiling = Math.min(ceiling, (p[index] ?? 1) / ((n - place) / n))
    adjusted[index] = ceiling
  }
  return adjusted
}

function ascending(p: readonly number[]): number[] {
  return p.map((_, index) => index).sort((one, other) => (p[one] ?? 0) - (p[other] ?? 0))
}

function adjust(p: readonly number[], step: (value: number, rank: number) => number): number[] {
  const adjusted = [...p]
  for (const [rank, index] of ascending(p).entries()) adjusted[index] = step(p[index] ?? 1, rank)
  return adjusted
}

/** One comparison of a board: is `better` better than `worse`, and with which unadjusted p. */
export interface Comparison {
  readonly better: string
  readonly worse: string
  readonly p: number
}

export interface RankRange {
  readonly first: number
  readonly last: number
}

/**
 * Ranks as ranges: a rank is better only where Holm's adjusted p over all pairs shown is below `alpha`. `first` = 1 + those
 * surely better, `last` = n - those surely worse.
 */
export function rankRanges(
  models: readonly string[],
  comparisons: readonly Comparison[],
  alpha = 0.05,
): Map<string, RankRange> {
  const adjusted = holm(comparisons.map(({ p }) => p))
  const sure = comparisons.filter((_, index) => (adjusted[index] ?? 1) < alpha)
  return new Map(
    models.map((model) => [
      model,
      {
        first: 1 + sure.filter(({ worse }) => worse === model).length,
        last: models.length - sure.filter(({ better }) => better === model).length,
      },
    ]),
  )
}
