import type { Metric } from '../metric.ts'
import { type BootstrapInterval, type BootstrapOptions, bootstrapDefaults, type NoInterval } from './bootstrap.ts'
import type { Groups } from './groups.ts'
import { quantileOfSorted } from './quantile.ts'
import { random } from './random.ts'
import { drawGroups, scorer } from './replicates.ts'

export interface PairedBootstrap {
  /** First minus second; null where either figure is. */
  readonly difference: number | null
  readonly ci: BootstrapInterval | null
  readonly ci_reason?: NoInterval
  /** Two-sided, 2 min(#(<= 0) + 1, #(>= 0) + 1) / (B + 1), at most 1; null where there is no interval. */
  readonly p: number | null
  readonly undefined: number
}

/**
 * Two models on the same items: both are scored on one set of resamples, group by group. The groups of `second` must be
 * those of `first`, in the same order.
 */
export function pairedBootstrap<Item>(
  metric: Metric<Item>,
  first: Groups<Item>,
  second: Groups<Item>,
  options: Omit<BootstrapOptions, 'method'> = {},
): PairedBootstrap {
  if (first.length !== second.length || first.some((group, index) => group.length !== second[index]?.length)) {
    throw new RangeError('two models can be compared on the same items only: their groups differ')
  }
  const set = { ...bootstrapDefaults, ...options }
  const n = first.length
  const a = metric.compute(first.flat()).value
  const b = metric.compute(second.flat()).value
  if (a === null || b === null) return { difference: null, ci: null, ci_reason: 'undefined', p: null, undefined: 0 }
  const difference = a - b
  if (n < set.minGroups) return { difference, ci: null, ci_reason: 'groups', p: null, undefined: 0 }
  const scoreFirst = scorer(metric, first)
  const scoreSecond = scorer(metric, second)
  const source = random(set.seed)
  const drawn = new Int32Array(n)
  const values: number[] = []
  for (let replicate = 0; replicate < set.B; replicate++) {
    drawGroups(source, drawn)
    const one = scoreFirst(drawn).value
    const other = scoreSecond(drawn).value
    if (one !== null && other !== null) values.push(one - other)
  }
  const missing = set.B - values.length
  if (missing > 0.1 * set.B) return { difference, ci: null, ci_reason: 'undefined', p: null, undefined: missing }
  const sorted = Float64Array.from(values).sort()
  const tail = (1 - set.level) / 2
  const low = quantileOfSorted(sorted, tail)
  const high = quantileOfSorted(sorted, 1 - tail)
  if (low === null || high === null) throw new RangeError('a bootstrap needs at least one replicate')
  const notAbove = values.filter((value) => value <= 0).length
  const notBelow = values.filter((value) => value >= 0).length
  const p = Math.min(1, (2 * Math.min(notAbove + 1, notBelow + 1)) / (values.length + 1))
  const { level, B, seed, unit } = set
  const ci = { level, low, high, method: 'bootstrap-percentile' as const, B, seed, unit, few_groups: n < 30 }
  return { difference, ci, p, undefined: missing }
}
