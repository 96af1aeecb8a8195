/** Rate and the inputs of a rhythm statement from classified beats. Pure. */
import type { EcgBeat } from './contract.ts'
import { beatClasses, type BeatClass, type EcgAnswer } from './contract.ts'
import { quantile } from './signal.ts'

/** Successive intervals whose median counts as a rate. */
const rateWindow = 8

export function heartRate(beats: readonly EcgBeat[]): EcgAnswer['rate'] {
  const rr = intervals(beats)
  if (rr.length === 0) return { meanBpm: null, lowestBpm: null, highestBpm: null }
  const meanBpm = (60 * rr.length) / rr.reduce((a, b) => a + b, 0)
  const medians = rr
    .slice(rateWindow - 1)
    .map((_, i) => quantile(Float64Array.from(rr.slice(i, i + rateWindow)), 0.5))
    .sort((a, b) => a - b)
  const [shortest, longest] = [medians[0], medians.at(-1)]
  return {
    meanBpm,
    lowestBpm: longest === undefined ? null : 60 / longest,
    highestBpm: shortest === undefined ? null : 60 / shortest,
  }
}

/** NN after the Task Force 1996 (Circulation 93:1043): intervals between two successive N beats, here 0.3 to 2 s. */
export function rhythmSummary(beats: readonly EcgBeat[]): EcgAnswer['rhythm'] {
  const rr = intervals(beats)
  const nn = rr.map((value, i) =>
    beats[i]?.class === 'N' && beats[i + 1]?.class === 'N' && value >= 0.3 && value <= 2 ? value : null,
  )
  const kept = nn.filter((value) => value !== null)
  const steps = nn.flatMap((value, i) => {
    const before = nn[i - 1]
    return value === null || before === null || before === undefined ? [] : [value - before]
  })
  const mean = kept.length ? kept.reduce((a, b) => a + b, 0) / kept.length : null
  const square = (values: readonly number[]): number => values.reduce((a, b) => a + b * b, 0)
  const changes = rr.slice(1).map((value, i) => Math.abs(value - (rr[i] ?? value)))
  const counts: Record<BeatClass, number> = { N: 0, S: 0, V: 0, F: 0, Q: 0 }
  for (const name of beatClasses) counts[name] = beats.filter((beat) => beat.class === name).length
  return {
    counts,
    nnMeanMs: mean === null ? null : mean * 1000,
    sdnnMs:
      mean === null || kept.length < 2 ? null : 1000 * Math.sqrt(square(kept.map((x) => x - mean)) / (kept.length - 1)),
    rmssdMs: steps.length ? 1000 * Math.sqrt(square(steps) / steps.length) : null,
    irregularity: changes.length
      ? changes.reduce((a, b) => a + b, 0) / changes.length / quantile(Float64Array.from(rr), 0.5)
      : null,
    longestPauseMs: rr.length ? 1000 * rr.reduce((a, b) => Math.max(a, b)) : null,
    longestVRun: longestRun(beats, 'V'),
    longestSRun: longestRun(beats, 'S'),
  }
}

/** RR in s. */
function intervals(beats: readonly EcgBeat[]): number[] {
  return beats.slice(1).map((beat, i) => beat.timeS - (beats[i]?.timeS ?? beat.timeS))
}

function longestRun(beats: readonly EcgBeat[], name: BeatClass): number {
  let most = 0
  let run = 0
  for (const beat of beats) {
    run = beat.class === name ? run + 1 : 0
    most = Math.max(most, run)
  }
  return most
}
