/**
 * Quantile of type 7 (Hyndman & Fan 1996; numpy's `linear`): position (n - 1) q, linear in between.
 * `sorted` ascends. Null when empty.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number | null {
  const n = sorted.length
  if (n === 0) return null
  const position = (n - 1) * q
  const below = Math.floor(position)
  const low = sorted[below] ?? 0
  const high = sorted[Math.min(below + 1, n - 1)] ?? low
  const share = position - below
  // numpy's form of the interpolation: from the nearer end, so that q and 1 - q mirror each other.
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
}

/** Quantile of type 7 of values in any order. */
export function quantile(values: ArrayLike<number>, q: number): number | null {
  return quantileOfSorted(Float64Array.from(values).sort(), q)
}
