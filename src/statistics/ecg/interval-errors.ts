import { quantileOfSorted } from '../inference/quantile.ts'

export interface IntervalError {
  /** Records where both exist. */
  readonly n: number
  /** Reference only. */
  readonly missed: number
  /** Measured only. */
  readonly extra: number
  readonly meanMs: number | null
  /** n - 1 in the denominator; null below two. */
  readonly sdMs: number | null
  readonly maeMs: number | null
  readonly medianMs: number | null
}

/** Errors of a measured interval (PR, QRS, QT, P) in ms: measured minus reference; null stands for no measurement. */
export function intervalError(
  referenceMs: readonly (number | null)[],
  measuredMs: readonly (number | null)[],
): IntervalError {
  if (referenceMs.length !== measuredMs.length) throw new RangeError('as many measurements as references are needed')
  const errors: number[] = []
  let missed = 0
  let extra = 0
  for (const [index, reference] of referenceMs.entries()) {
    const value = measuredMs[index] ?? null
    if (reference !== null && value !== null) errors.push(value - reference)
    else if (reference !== null) missed++
    else if (value !== null) extra++
  }
  const n = errors.length
  if (n === 0) return { n, missed, extra, meanMs: null, sdMs: null, maeMs: null, medianMs: null }
  const meanMs = errors.reduce((sum, error) => sum + error, 0) / n
  const squares = errors.reduce((sum, error) => sum + (error - meanMs) ** 2, 0)
  return {
    n,
    missed,
    extra,
    meanMs,
    sdMs: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    maeMs: errors.reduce((sum, error) => sum + Math.abs(error), 0) / n,
    medianMs: quantileOfSorted(Float64Array.from(errors).sort(), 0.5),
  }
}
