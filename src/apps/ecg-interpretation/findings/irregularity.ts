/** How irregular a run of intervals is. Pure. */
import { type Interval, median } from './intervals.ts'

export interface Irregularity {
  /** Root mean square of successive differences over the mean interval. */
  readonly nrmssd: number
  /** Turning points over their places: 2/3 for a series in random order. */
  readonly turningRatio: number
  /** Share of successive differences above 5 % of the median interval. */
  readonly changingShare: number
  readonly differences: number
}

/** null below 8 intervals or 6 differences. Differences are taken of neighbours only. */
export function irregularityOf(intervals: readonly Interval[]): Irregularity | null {
  const middle = median(intervals.map(({ seconds }) => seconds))
  if (intervals.length < 8 || middle === null) return null
  const mean = intervals.reduce((sum, { seconds }) => sum + seconds, 0) / intervals.length
  let squares = 0
  let differences = 0
  let changing = 0
  let turns = 0
  let places = 0
  for (let k = 1; k < intervals.length; k++) {
    const [a, b, c] = [intervals[k - 1], intervals[k], intervals[k + 1]]
    if (a === undefined || b === undefined || b.beat !== a.beat + 1) continue
    const step = b.seconds - a.seconds
    squares += step * step
    differences++
    if (Math.abs(step) > 0.05 * middle) changing++
    if (c === undefined || c.beat !== b.beat + 1) continue
    places++
    if (step * (c.seconds - b.seconds) < 0) turns++
  }
  if (differences < 6 || places === 0) return null
  return {
    nrmssd: Math.sqrt(squares / differences) / mean,
    turningRatio: turns / places,
    changingShare: changing / differences,
    differences,
  }
}

/** Matches needed before an entropy is a figure, and how far the tolerance may widen to get them. */
const matchesNeeded = 5
const tolerancesS = Array.from({ length: 20 }, (_, i) => 0.03 + 0.005 * i)

/**
 * COSEn of Lake and Moorman (Am J Physiol Heart Circ Physiol 300:H319, 2011): -ln(A / B) + ln(2 r) - ln(mean RR), with A
 * and B the pairs of intervals that match within r, two in a row and one; r widens until enough pairs match.
 */
function coefficientOfSampleEntropy(intervals: readonly Interval[]): number | null {
  const mean = intervals.reduce((sum, { seconds }) => sum + seconds, 0) / intervals.length
  const near = (i: number, j: number, r: number): boolean => {
    const [a, b] = [intervals[i], intervals[j]]
    return a !== undefined && b !== undefined && Math.abs(a.seconds - b.seconds) < r
  }
  for (const r of tolerancesS) {
    let [single, double] = [0, 0]
    for (let i = 0; i + 1 < intervals.length; i++) {
      for (let j = i + 1; j + 1 < intervals.length; j++) {
        if (!near(i, j, r)) continue
        single++
        if (near(i + 1, j + 1, r)) double++
      }
    }
    if (double >= matchesNeeded) return -Math.log(double / single) + Math.log(2 * r) - Math.log(mean)
  }
  return null
}

/**
 * Irregular without a pattern: all of
 * - nRMSSD of 0.1 or more (Dash et al., Ann Biomed Eng 37:1701, 2009),
 * - COSEn above -1.4 (Lake and Moorman 2011); where too few pairs match even at the widest tolerance, it is above,
 * - turning points as in a random order, within 2.58 standard deviations of 2/3 (variance (16 n - 29) / 90, Kendall),
 *   which leaves out alternation (bigeminy: 1) and breathing (below 0.5),
 * - at least half of the differences above 5 % of the median, since a few early beats alone raise nRMSSD: our own guard.
 */
export function isPatternless(intervals: readonly Interval[]): boolean {
  const found = irregularityOf(intervals)
  if (found === null) return false
  const n = found.differences + 1
  const spread = (2.58 * Math.sqrt((16 * n - 29) / 90)) / Math.max(1, n - 2)
  if (found.nrmssd < 0.1 || found.changingShare < 0.5) return false
  if (Math.abs(found.turningRatio - 2 / 3) > Math.max(spread, 0.13)) return false
  // last, for it is the only one that takes the square of the length
  const cosen = coefficientOfSampleEntropy(intervals)
  return cosen === null || cosen > -1.4
}
