import { type Metric, measured, metric } from '../metric.ts'
import { censoringSurvival, type Followed, type Steps, stepAt } from './survival.ts'

/** A patient with the predicted probability of no event yet at each time of the grid. */
export interface SurvivalCurve extends Followed {
  readonly survival: readonly number[]
}

/**
 * Brier score at each time of the grid with inverse weights of censoring (Graf 1999). `censoring` comes from the training
 * part. Null at a time where a needed weight is 0.
 */
export function censoredBrier(
  items: readonly SurvivalCurve[],
  grid: readonly number[],
  censoring: Steps,
): (number | null)[] {
  const own = items.map(({ time }) => stepAt(censoring, time))
  return grid.map((at, place) => {
    const atGrid = stepAt(censoring, at)
    let sum = 0
    for (const [index, { time, event, survival }] of items.entries()) {
      const predicted = survival[place]
      if (predicted === undefined) throw new RangeError('a survival curve is shorter than its grid')
      const isCase = time <= at && event
      const weight = isCase ? (own[index] ?? 0) : time > at ? atGrid : 1
      if (weight === 0) return null
      if (isCase) sum += predicted ** 2 / weight
      else if (time > at) sum += (1 - predicted) ** 2 / weight
    }
    return items.length === 0 ? null : sum / items.length
  })
}

/** Trapezoid of the Brier score over the grid by its length; the grid must lie strictly inside the follow-up of the items. */
export function integratedBrier(training: readonly Followed[], grid: readonly number[]): Metric<SurvivalCurve> {
  const censoring = censoringSurvival(training)
  const rising = grid.every((at, place) => place === 0 || at > (grid[place - 1] ?? at))
  if (grid.length < 2 || !rising) throw new RangeError('a grid needs at least two rising times')
  return metric('integrated_brier', 'lower', (items) => {
    const brier = censoredBrier(items, grid, censoring)
    let area = 0
    for (const [place, at] of grid.entries()) {
      const one = brier[place - 1]
      const other = brier[place]
      if (place === 0) continue
      if (one == null || other == null) return { value: null, reason: 'no censoring weight' }
      area += ((at - (grid[place - 1] ?? at)) * (one + other)) / 2
    }
    return measured(area / ((grid.at(-1) ?? 0) - (grid[0] ?? 0)), 'undefined')
  })
}
