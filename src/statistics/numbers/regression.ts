import { quantileOfSorted } from '../inference/quantile.ts'
import { type Direction, itemMean, type Metric, measured, metric, ratio } from '../metric.ts'
import { correlation, kendallTauB, spearmanRank } from './correlation.ts'

/** A measured value and its estimate, in one unit. The error is predicted minus gold. */
export interface NumberPair {
  readonly gold: number
  readonly predicted: number
}

type Pairs = readonly NumberPair[]

export const mae: Metric<NumberPair> = itemMean('mae', 'lower', ({ gold, predicted }) => Math.abs(predicted - gold))
export const rmse: Metric<NumberPair> = of('rmse', 'lower', (pairs) => {
  const square = meanOf(pairs.map((pair) => error(pair) ** 2))
  return square === null ? null : Math.sqrt(square)
})
export const medianAe: Metric<NumberPair> = of('median_ae', 'lower', (pairs) =>
  quantileOfSorted(Float64Array.from(pairs, (pair) => Math.abs(error(pair))).sort(), 0.5),
)

/** 1 - SSE / SST; constant gold: null. */
export const r2: Metric<NumberPair> = of('r2', 'higher', (pairs) => {
  const centre = meanOf(pairs.map(({ gold }) => gold)) ?? 0
  const total = pairs.reduce((sum, { gold }) => sum + (gold - centre) ** 2, 0)
  const rest = ratio(
    pairs.reduce((sum, pair) => sum + error(pair) ** 2, 0),
    total,
  )
  return rest === null ? null : 1 - rest
})

/** Correlations: null with a constant. */
export const pearson: Metric<NumberPair> = of('pearson', 'higher', (pairs) => correlation(...columns(pairs)))
export const spearman: Metric<NumberPair> = of('spearman', 'higher', (pairs) => spearmanRank(...columns(pairs)))
export const kendall: Metric<NumberPair> = of('kendall', 'higher', (pairs) => kendallTauB(...columns(pairs)))

/** Concordance correlation from population moments (Lin 1989); two equal constants: null. */
export const ccc: Metric<NumberPair> = of('ccc', 'higher', (pairs) => {
  const a = meanOf(pairs.map(({ gold }) => gold)) ?? 0
  const b = meanOf(pairs.map(({ predicted }) => predicted)) ?? 0
  let squares = 0
  let products = 0
  for (const { gold, predicted } of pairs) {
    squares += (gold - a) ** 2 + (predicted - b) ** 2
    products += (gold - a) * (predicted - b)
  }
  return ratio((2 * products) / pairs.length, squares / pairs.length + (a - b) ** 2)
})

export const meanError: Metric<NumberPair> = of('mean_error', 'lower', (pairs) => meanOf(pairs.map(error)))

export interface Agreement {
  readonly meanError: number | null
  /** n - 1 in the denominator; null below two. */
  readonly sdError: number | null
  /** mean -+ 1.96 SD (Bland & Altman 1986). */
  readonly limits: readonly [number, number] | null
}

export function agreementLimits(pairs: Pairs): Agreement {
  const mean = meanOf(pairs.map(error))
  if (mean === null || pairs.length < 2) return { meanError: mean, sdError: null, limits: null }
  const squares = pairs.reduce((sum, pair) => sum + (error(pair) - mean) ** 2, 0)
  const sdError = Math.sqrt(squares / (pairs.length - 1))
  return { meanError: mean, sdError, limits: [mean - 1.96 * sdError, mean + 1.96 * sdError] }
}

/** Several numbers an item, some not measured: each endpoint over its filled cells, then the mean over endpoints. */
export interface EndpointRow {
  readonly gold: readonly (number | null)[]
  readonly predicted: readonly number[]
}

export function endpointMean(inner: Metric<NumberPair>, endpoints: readonly string[]): Metric<EndpointRow> {
  return metric(`mean_${inner.id}`, inner.direction, (rows) => {
    const values = endpoints.map((_, endpoint) => {
      const filled = rows.flatMap(({ gold, predicted }) => {
        const truth = gold[endpoint] ?? null
        return truth === null ? [] : [{ gold: truth, predicted: predicted[endpoint] ?? Number.NaN }]
      })
      return inner.compute(filled).value
    })
    const defined = values.filter((value) => value !== null)
    return {
      ...measured(meanOf(defined), 'undefined'),
      undefined: values.length - defined.length,
      per: Object.fromEntries(endpoints.map((name, index) => [name, values[index] ?? null])),
    }
  })
}

function of(id: string, direction: Direction, value: (pairs: Pairs) => number | null): Metric<NumberPair> {
  return metric(id, direction, (pairs) =>
    pairs.length === 0 ? { value: null, reason: 'no items' } : measured(value(pairs), 'constant'),
  )
}

function error({ gold, predicted }: NumberPair): number {
  return predicted - gold
}

function columns(pairs: Pairs): [number[], number[]] {
  return [pairs.map(({ gold }) => gold), pairs.map(({ predicted }) => predicted)]
}

function meanOf(values: readonly number[]): number | null {
  return ratio(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  )
}
