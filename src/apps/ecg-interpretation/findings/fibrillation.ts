/** Stretches whose ventricular rhythm is irregular without a pattern, as in atrial fibrillation. Pure. */
import type { EcgBeat } from '../contract.ts'
import type { Interval } from './intervals.ts'
import { isPatternless } from './irregularity.ts'

/** What an electrocardiogram must show before it counts as fibrillation (ESC 2020, Eur Heart J 42:373). */
export const fibrillationSeconds = 30
const step = 4

export interface Episode {
  /** Indices of the first and the last beat. */
  readonly from: number
  readonly to: number
  readonly seconds: number
}

/** Intervals between beats that came from above the ventricles: those to and from ectopic ventricular beats are left out. */
export function supraventricular(beats: readonly EcgBeat[], intervals: readonly Interval[]): Interval[] {
  const isAbove = (k: number) => beats[k]?.class === 'N' || beats[k]?.class === 'S'
  return intervals.filter(({ beat }) => isAbove(beat) && isAbove(beat - 1))
}

/**
 * Episodes of 30 s or more. A window of 30 s moves over the intervals; irregular windows that touch make an episode.
 * A window must be filled to two thirds with usable intervals.
 */
export function irregularEpisodes(beats: readonly EcgBeat[], intervals: readonly Interval[]): Episode[] {
  const above = supraventricular(beats, intervals)
  const timeOf = (k: number) => beats[k]?.timeS ?? 0
  const out: Episode[] = []
  let end = 0
  let start = 0
  for (; start < above.length; start += step) {
    const first = above[start] as Interval // start < length
    const opens = timeOf(first.beat - 1)
    end = Math.max(end, start)
    while (end < above.length && timeOf((above[end] as Interval).beat) - opens < fibrillationSeconds) end++
    const last = above[end]
    if (last === undefined) break
    const window = above.slice(start, end + 1)
    const filled = window.reduce((sum, { seconds }) => sum + seconds, 0)
    const span = timeOf(last.beat) - opens
    if (span > 1.5 * fibrillationSeconds || filled < (2 / 3) * span || !isPatternless(window)) continue
    const before = out.at(-1)
    if (before !== undefined && before.to >= first.beat - 1) {
      out[out.length - 1] = { from: before.from, to: last.beat, seconds: timeOf(last.beat) - timeOf(before.from) }
    } else out.push({ from: first.beat - 1, to: last.beat, seconds: span })
  }
  return out
}
