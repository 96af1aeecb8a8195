/** Pearson's correlation of two columns; null with a constant or without items. */
export function correlation(a: readonly number[], b: readonly number[]): number | null {
  const meanA = mean(a)
  const meanB = mean(b)
  let products = 0
  let squaresA = 0
  let squaresB = 0
  for (const [index, value] of a.entries()) {
    const one = value - meanA
    const other = (b[index] ?? Number.NaN) - meanB
    products += one * other
    squaresA += one * one
    squaresB += other * other
  }
  if (isConstant(a) || isConstant(b)) return null
  return Math.max(-1, Math.min(1, products / (Math.sqrt(squaresA) * Math.sqrt(squaresB))))
}

/** Pearson's correlation of average ranks. */
export function spearmanRank(a: readonly number[], b: readonly number[]): number | null {
  return correlation(averageRanks(a), averageRanks(b))
}

/** Ranks from 1; equal values share the mean of theirs. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0))
  const ranks = values.map(() => 0)
  let start = 0
  while (start < order.length) {
    let end = start
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++
    for (const index of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2
    start = end
  }
  return ranks
}

/** Kendall's tau-b by merge sort (Knight 1966): O(n log n). Null with a constant. */
export function kendallTauB(a: readonly number[], b: readonly number[]): number | null {
  const n = a.length
  const order = a
    .map((_, index) => index)
    .sort((one, other) => (a[one] ?? 0) - (a[other] ?? 0) || (b[one] ?? 0) - (b[other] ?? 0))
  const pairs = (n * (n - 1)) / 2
  const sortedA = order.map((index) => a[index] ?? 0)
  const sortedB = order.map((index) => b[index] ?? 0)
  const tiesA = tiedPairs(sortedA, (one, other) => sortedA[one] === sortedA[other])
  const both = tiedPairs(sortedA, (one, other) => sortedA[one] === sortedA[other] && sortedB[one] === sortedB[other])
  const values = Float64Array.from(sortedB)
  const discordant = sortCountingSwaps(values, new Float64Array(n), 0, n)
  const tiesB = tiedPairs(sortedB, (one, other) => values[one] === values[other])
  if (tiesA === pairs || tiesB === pairs) return null
  const concordantLess = pairs - tiesA - tiesB + both - 2 * discordant
  return concordantLess / (Math.sqrt(pairs - tiesA) * Math.sqrt(pairs - tiesB))
}

/** Pairs of equal neighbours in runs of a sorted list. */
function tiedPairs(list: readonly number[], equal: (one: number, other: number) => boolean): number {
  let sum = 0
  let run = 1
  for (let place = 1; place <= list.length; place++) {
    if (place < list.length && equal(place - 1, place)) {
      run++
      continue
    }
    sum += (run * (run - 1)) / 2
    run = 1
  }
  return sum
}

/** Sorts [from, to) and counts the pairs that stood in falling order. */
function sortCountingSwaps(values: Float64Array, spare: Float64Array, from: number, to: number): number {
  if (to - from < 2) return 0
  const middle = (from + to) >> 1
  let swaps = sortCountingSwaps(values, spare, from, middle) + sortCountingSwaps(values, spare, middle, to)
  let left = from
  let right = middle
  for (let place = from; place < to; place++) {
    if (right >= to || (left < middle && (values[left] ?? 0) <= (values[right] ?? 0))) {
      spare[place] = values[left++] ?? 0
    } else {
      swaps += middle - left
      spare[place] = values[right++] ?? 0
    }
  }
  values.set(spare.subarray(from, to), from)
  return swaps
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0])
}
