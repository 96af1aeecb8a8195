/** A metric with its interval, in the words of the answer. */
import {
  type BootstrapInterval,
  bootstrap,
  type Direction,
  type Groups,
  type Metric,
  type NoInterval,
  type Unit,
} from '../../statistics/index.ts'

export interface Figure {
  readonly metric: string
  /** For beats: the part of the record that was compared. */
  readonly period?: 'from_5min' | 'from_start'
  readonly value: number | null
  /** Why there is no value. */
  readonly reason?: string
  readonly direction: Direction
  readonly ci: BootstrapInterval | null
  readonly ci_reason?: NoInterval
  readonly n: number
  readonly n_groups: number
  /** Members of a mean that had no value and were left out. */
  readonly undefined: number
  /** The members, by record or label. */
  readonly per?: Readonly<Record<string, number | null>>
}

export interface FigureSetting {
  readonly name: string
  readonly unit: Unit
  readonly period?: 'from_5min' | 'from_start'
  readonly per?: Readonly<Record<string, number | null>>
}

export function figureOf<Item>(metric: Metric<Item>, groups: Groups<Item>, setting: FigureSetting): Figure {
  const { estimate, ci, ci_reason, n, n_groups } = bootstrap(metric, groups, { unit: setting.unit })
  const { name, period, per } = setting
  return {
    metric: name,
    ...(period === undefined ? {} : { period }),
    value: estimate.value,
    ...(estimate.value === null ? { reason: estimate.reason ?? 'undefined' } : {}),
    direction: metric.direction,
    ci,
    ...(ci_reason === undefined ? {} : { ci_reason }),
    n,
    n_groups,
    undefined: estimate.undefined ?? 0,
    ...(per === undefined ? {} : { per }),
  }
}
