/** RR intervals, and which of them may be used. Pure. */
import type { EcgBeat, EcgStretch } from '../contract.ts'

export interface Interval {
  /** Index of the later beat; the earlier one is `beat - 1`. */
  readonly beat: number
  readonly seconds: number
}

/** Intervals between successive beats that lie wholly outside unreadable stretches; both lists rise in time. */
export function usableIntervals(beats: readonly EcgBeat[], unreadable: readonly EcgStretch[]): Interval[] {
  const out: Interval[] = []
  let stretch = 0
  for (let k = 1; k < beats.length; k++) {
    const start = (beats[k - 1] as EcgBeat).timeS // k counts from 1 below the length
    const end = (beats[k] as EcgBeat).timeS
    while (stretch < unreadable.length && (unreadable[stretch] as EcgStretch).endS <= start) stretch++
    const next = unreadable[stretch]
    if ((next === undefined || next.startS >= end) && end > start) out.push({ beat: k, seconds: end - start })
  }
  return out
}

/** Beats per minute over intervals; null for none. */
export function rateBpm(intervals: readonly Interval[]): number | null {
  const total = intervals.reduce((sum, { seconds }) => sum + seconds, 0)
  return total > 0 ? (60 * intervals.length) / total : null
}

/** Middle value; the mean of the middle two where their number is even; null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.ceil((sorted.length - 1) / 2)]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** Start and end of the `count` successive intervals that took longest (`slowest`) or shortest; null below `count`. */
export function extremeWindow(
  intervals: readonly Interval[],
  count: number,
  which: 'slowest' | 'fastest',
): { readonly from: number; readonly to: number; readonly bpm: number } | null {
  let best: { from: number; to: number; bpm: number } | null = null
  for (let k = 0; k + count <= intervals.length; k++) {
    const window = intervals.slice(k, k + count)
    const [first, last] = [window[0], window.at(-1)]
    const bpm = rateBpm(window)
    if (first === undefined || last === undefined || bpm === null) continue
    if (last.beat - first.beat !== count - 1) continue
    if (best === null || (which === 'slowest' ? bpm < best.bpm : bpm > best.bpm)) {
      best = { from: first.beat - 1, to: last.beat, bpm }
    }
  }
  return best
}
