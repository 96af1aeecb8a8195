/** A window of a recording for a viewer: samples as they are, or the lowest and highest of many. Pure. */
import type { EcgAnswer, EcgInput, SignalWindow } from '../contract.ts'

/** µV, whole; null where there is no value. */
const toUv = (mv: number): number | null => (Number.isFinite(mv) ? Math.round(mv * 1000) : null)

/** `from` to `to` in samples; no more than `points` values a lead where that is fewer than the samples. */
export function windowOf(
  input: EcgInput,
  answer: Pick<EcgAnswer, 'beats' | 'unreadable'> | null,
  range: { readonly from: number; readonly to: number; readonly points: number; readonly calibrated: boolean },
): SignalWindow {
  const { from, to, points, calibrated } = range
  const samplesPerPoint = Math.max(1, Math.ceil((to - from) / points))
  return {
    fs: input.fs,
    from,
    to,
    sampleCount: input.leads[0]?.samplesMv.length ?? 0,
    samplesPerPoint,
    calibrated,
    leads: input.leads.map(({ name, samplesMv }) => {
      const part = samplesMv.subarray(from, to)
      if (samplesPerPoint === 1) return { name, lowUv: Array.from(part, toUv), highUv: null }
      return { name, ...envelope(part, samplesPerPoint) }
    }),
    beats: (answer?.beats ?? [])
      .filter(({ sample }) => sample >= from && sample < to)
      .map(({ sample, class: found, confidence }) => ({ sample, class: found, confidence })),
    unreadable: (answer?.unreadable ?? [])
      .filter(({ startS, endS }) => endS * input.fs > from && startS * input.fs < to)
      .map(({ startS, endS, score }) => ({ startS, endS, score })),
  }
}

/** Lowest and highest of each `step` samples; the last step may be shorter. */
function envelope(samples: Float32Array, step: number): { lowUv: (number | null)[]; highUv: (number | null)[] } {
  const [lowUv, highUv]: [(number | null)[], (number | null)[]] = [[], []]
  for (let start = 0; start < samples.length; start += step) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const value of samples.subarray(start, start + step)) {
      if (value < low) low = value
      if (value > high) high = value
    }
    lowUv.push(toUv(low))
    highUv.push(toUv(high))
  }
  return { lowUv, highUv }
}
