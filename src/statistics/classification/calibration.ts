import { clip } from './probability.ts'
import type { Scored } from './ranking.ts'

export interface Calibration {
  /** 1 when predictions are spread as they should be, below 1 when they are too extreme (Cox 1958). */
  readonly slope: number
  readonly intercept: number
  /** Intercept with logit(p) as offset: 0 when the mean prediction fits (Van Calster 2019). */
  readonly inTheLarge: number
}

/**
 * Logistic regression of the outcome on logit(p) by Newton steps down to 1e-10; p is clipped to [1e-6, 1 - 1e-6]. Null where
 * it has no finite solution: one class only, one value of p only, or classes that p separates.
 */
export function calibration(items: readonly Scored[]): Calibration | null {
  const x = items.map(({ score }) => {
    const p = clip(score, 1e-6)
    return Math.log(p / (1 - p))
  })
  const y = items.map(({ positive }) => (positive ? 1 : 0))
  if (!overlaps(x, y)) return null
  const line = fitLine(x, y)
  const inTheLarge = fitOffset(x, y)
  return line === null || inTheLarge === null ? null : { ...line, inTheLarge }
}

/** With one predictor the likelihood has a maximum exactly where neither class lies wholly beyond the other. */
function overlaps(x: readonly number[], y: readonly number[]): boolean {
  const ends = [0, 1].map((label) => {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const [index, value] of x.entries()) {
      if (y[index] !== label) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    return { low, high }
  })
  const [negative, positive] = ends
  return (
    negative !== undefined && positive !== undefined && negative.high > positive.low && positive.high > negative.low
  )
}

const maxSteps = 200

function fitLine(x: readonly number[], y: readonly number[]): { slope: number; intercept: number } | null {
  let intercept = 0
  let slope = 0
  let likelihood = logLikelihood(x, y, intercept, slope)
  for (let step = 0; step < maxSteps; step++) {
    let g0 = 0
    let g1 = 0
    let h00 = 0
    let h01 = 0
    let h11 = 0
    for (const [index, value] of x.entries()) {
      const p = 1 / (1 + Math.exp(-(intercept + slope * value)))
      const rest = (y[index] ?? 0) - p
      const weight = p * (1 - p)
      g0 += rest
      g1 += rest * value
      h00 += weight
      h01 += weight * value
      h11 += weight * value * value
    }
    const determinant = h00 * h11 - h01 * h01
    if (!(determinant > 0)) return null
    const d0 = (h11 * g0 - h01 * g1) / determinant
    const d1 = (h00 * g1 - h01 * g0) / determinant
    // A full step may overshoot where the start is far off: halve it until the likelihood does not fall.
    let share = 1
    let next = logLikelihood(x, y, intercept + d0, slope + d1)
    while (next < likelihood - 1e-9 * Math.abs(likelihood) && share > 1e-6) {
      share /= 2
      next = logLikelihood(x, y, intercept + share * d0, slope + share * d1)
    }
    intercept += share * d0
    slope += share * d1
    likelihood = next
    if (Math.max(Math.abs(d0), Math.abs(d1)) < 1e-10) return { slope, intercept }
  }
  return null
}

function logLikelihood(x: readonly number[], y: readonly number[], intercept: number, slope: number): number {
  let sum = 0
  for (const [index, value] of x.entries()) {
    const eta = intercept + slope * value
    const signed = y[index] === 1 ? -eta : eta
    // -ln(1 + e^signed), without overflow.
    sum -= signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed))
  }
  return sum
}

/** Root of the score in the intercept alone: it falls steadily, so bisection brackets it and Newton ends it. */
function fitOffset(x: readonly number[], y: readonly number[]): number | null {
  const score = (intercept: number) => {
    let gradient = 0
    let weight = 0
    for (const [index, value] of x.entries()) {
      const p = 1 / (1 + Math.exp(-(intercept + value)))
      gradient += (y[index] ?? 0) - p
      weight += p * (1 - p)
    }
    return { gradient, weight }
  }
  // Logits lie within +-13.9 after clipping, so the root lies within this and n's logarithm.
  let low = -20 - Math.log(x.length)
  let high = -low
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2
    if (score(middle).gradient > 0) low = middle
    else high = middle
  }
  let intercept = (low + high) / 2
  for (let step = 0; step < maxSteps; step++) {
    const { gradient, weight } = score(intercept)
    const move = gradient / weight
    intercept += move
    if (Math.abs(move) < 1e-10) return intercept
  }
  return null
}
