/** Runs of beats of one class, and ectopy in a fixed alternation. Pure. */
import type { BeatClass, EcgBeat } from '../contract.ts'
import type { Interval } from './intervals.ts'

export interface Run {
  /** Indices of the first and the last beat. */
  readonly from: number
  readonly to: number
  readonly count: number
  /** Over the run's own intervals; null for a single beat. */
  readonly bpm: number | null
  /** From the first R to the last, s. */
  readonly seconds: number
}

/** Longest successions of the class, over usable intervals only: a gap in readability ends a run. */
export function runsOf(beats: readonly EcgBeat[], intervals: readonly Interval[], kind: BeatClass): Run[] {
  const joined = new Set(intervals.map(({ beat }) => beat))
  const out: Run[] = []
  for (let k = 0; k < beats.length; k++) {
    if (beats[k]?.class !== kind) continue
    const from = k
    while (beats[k + 1]?.class === kind && joined.has(k + 1)) k++
    const seconds = (beats[k]?.timeS ?? 0) - (beats[from]?.timeS ?? 0)
    const count = k - from + 1
    out.push({ from, to: k, count, bpm: seconds > 0 ? (60 * (count - 1)) / seconds : null, seconds })
  }
  return out
}

/** Stretches in which a single ventricular beat comes every `every` beats, three times in a row or more. */
export function alternations(beats: readonly EcgBeat[], intervals: readonly Interval[], every: 2 | 3): Run[] {
  const joined = new Set(intervals.map(({ beat }) => beat))
  const isV = (k: number) => beats[k]?.class === 'V'
  const isBasic = (k: number) => beats[k]?.class === 'N' || beats[k]?.class === 'S'
  const follows = (k: number): boolean => {
    for (let i = 1; i <= every; i++) if (!joined.has(k + i) || (i < every && !isBasic(k + i))) return false
    return isV(k + every)
  }
  const out: Run[] = []
  for (let k = 0; k < beats.length; k++) {
    if (!isV(k)) continue
    const from = k
    while (follows(k)) k += every
    const count = (k - from) / every + 1
    if (count < 3) continue
    const seconds = (beats[k]?.timeS ?? 0) - (beats[from]?.timeS ?? 0)
    out.push({ from, to: k, count, bpm: (60 * (k - from)) / seconds, seconds })
  }
  return out
}
