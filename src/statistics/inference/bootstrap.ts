import type { Measured, Metric } from '../metric.ts'
import { normalCdf, normalQuantile } from './distributions.ts'
import type { Groups, Unit } from './groups.ts'
import { quantileOfSorted } from './quantile.ts'
import { random } from './random.ts'
import { drawGroups, everyGroup, type Scorer, scorer } from './replicates.ts'

export type BootstrapMethod = 'bootstrap-percentile' | 'bootstrap-bca'

/** Field names are those of `pilotbase.evaluation/1`. */
export interface BootstrapInterval {
  readonly level: number
  readonly low: number
  readonly high: number
  readonly method: BootstrapMethod
  readonly B: number
  readonly seed: number
  readonly unit: Unit
  /** Fewer than 30 groups: the interval is shown with a warning. */
  readonly few_groups: boolean
}

/**
 * `groups`: fewer groups than an interval needs. `undefined`: the figure, or more than a tenth of its replicates, has no
 * value. `bca`: the correction is not defined here (all replicates on one side, or no spread when groups are left out).
 */
export type NoInterval = 'groups' | 'undefined' | 'bca'

export interface BootstrapOptions {
  readonly B?: number
  readonly seed?: number
  readonly level?: number
  readonly method?: BootstrapMethod
  readonly unit?: Unit
  /** Below this many groups there is no interval. */
  readonly minGroups?: number
}

export interface Bootstrapped {
  readonly estimate: Measured
  readonly ci: BootstrapInterval | null
  readonly ci_reason?: NoInterval
  readonly n: number
  readonly n_groups: number
  /** Replicates whose figure was null; they are left out. */
  readonly undefined: number
}

export const bootstrapDefaults = {
  B: 2000,
  seed: 20250101,
  level: 0.95,
  method: 'bootstrap-percentile',
  unit: 'group',
  minGroups: 10,
} as const satisfies Required<BootstrapOptions>

const fewGroups = 30
const undefinedLimit = 0.1

/** A figure with its interval, by resampling whole groups (Efron & Tibshirani 1993). Same groups and seed, same digits. */
export function bootstrap<Item>(
  metric: Metric<Item>,
  groups: Groups<Item>,
  options: BootstrapOptions = {},
): Bootstrapped {
  const set = { ...bootstrapDefaults, ...options }
  const score = scorer(metric, groups)
  const estimate = metric.compute(groups.flat())
  const n = groups.reduce((sum, group) => sum + group.length, 0)
  const counted = { estimate, n, n_groups: groups.length }
  if (groups.length < set.minGroups) return { ...counted, ci: null, ci_reason: 'groups', undefined: 0 }
  if (estimate.value === null) return { ...counted, ci: null, ci_reason: 'undefined', undefined: 0 }
  const values = replicates(score, groups.length, set.B, set.seed)
  const missing = set.B - values.length
  if (missing > undefinedLimit * set.B) return { ...counted, ci: null, ci_reason: 'undefined', undefined: missing }
  const tail = (1 - set.level) / 2
  let tails: readonly [number, number] | null = [tail, 1 - tail]
  if (set.method === 'bootstrap-bca') {
    const correction = bcaCorrection(estimate.value, values, score, groups.length)
    tails = correction && bcaTails(correction, set.level)
  }
  const ends = tails && interval(values, tails)
  if (!ends) return { ...counted, ci: null, ci_reason: 'bca', undefined: missing }
  const { level, method, B, seed, unit } = set
  const ci = { level, ...ends, method, B, seed, unit, few_groups: groups.length < fewGroups }
  return { ...counted, ci, undefined: missing }
}

/** The replicates that have a value, ascending. `n` groups, B times drawn with replacement. */
export function replicates(score: Scorer, n: number, B: number, seed: number): Float64Array {
  const source = random(seed)
  const drawn = new Int32Array(n)
  const values: number[] = []
  for (let replicate = 0; replicate < B; replicate++) {
    const { value } = score(drawGroups(source, drawn))
    if (value !== null) values.push(value)
  }
  return Float64Array.from(values).sort()
}

function interval(sorted: Float64Array, [low, high]: readonly [number, number]): { low: number; high: number } | null {
  const from = quantileOfSorted(sorted, low)
  const to = quantileOfSorted(sorted, high)
  return from === null || to === null ? null : { low: from, high: to }
}

export interface BcaCorrection {
  readonly z0: number
  readonly acceleration: number
}

/**
 * Bias z0 = normal quantile of the share of replicates below the estimate (those within 1e-12 of it count half), and
 * acceleration from the leave-one-group-out figures (Efron 1987). Null where either has no value.
 */
export function bcaCorrection(
  estimate: number,
  values: Float64Array,
  score: Scorer,
  nGroups: number,
): BcaCorrection | null {
  let below = 0
  for (const value of values) {
    if (Math.abs(value - estimate) <= 1e-12) below += 0.5
    else if (value < estimate) below += 1
  }
  const share = below / values.length
  if (!(share > 0 && share < 1)) return null
  const all = everyGroup(nGroups)
  const left: number[] = []
  for (let out = 0; out < nGroups; out++) {
    const { value } = score(all.filter((group) => group !== out))
    if (value === null) return null
    left.push(value)
  }
  const mean = left.reduce((sum, value) => sum + value, 0) / left.length
  let square = 0
  let cube = 0
  for (const value of left) {
    square += (mean - value) ** 2
    cube += (mean - value) ** 3
  }
  if (square === 0) return null
  return { z0: normalQuantile(share), acceleration: cube / (6 * square ** 1.5) }
}

/** Where on the replicates the corrected interval ends. */
export function bcaTails({ z0, acceleration }: BcaCorrection, level: number): readonly [number, number] | null {
  const z = normalQuantile((1 - level) / 2)
  const end = (side: number): number => normalCdf(z0 + (z0 + side) / (1 - acceleration * (z0 + side)))
  const low = end(z)
  const high = end(-z)
  return low < high ? [low, high] : null
}
