/** From the detector's probability at each 8 ms to the R positions in samples of the recording. */
import { rate } from './signal.ts'

/** Samples at 125 Hz: no two beats within 200 ms. */
const refractory = 25

export interface Peak {
  /** Position in samples at 125 Hz, with a fraction. */
  readonly at: number
  readonly probability: number
}

/** Maxima of at least `threshold`, the higher of two within 200 ms, each moved to the top of the parabola through it. */
export function pickPeaks(probability: Float32Array, threshold: number): Peak[] {
  const p = (i: number): number => probability[i] as number // called inside only
  const kept: number[] = []
  for (let i = 1; i < probability.length - 1; i++) {
    if (p(i) < threshold || p(i) < p(i - 1) || p(i) <= p(i + 1)) continue
    const last = kept.at(-1)
    if (last === undefined || i - last >= refractory) kept.push(i)
    else if (p(i) > p(last)) kept[kept.length - 1] = i
  }
  return kept.map((i) => {
    const bend = p(i - 1) - 2 * p(i) + p(i + 1)
    const shift = Math.abs(bend) > 1e-9 ? (0.5 * (p(i - 1) - p(i + 1))) / bend : 0
    return { at: i + Math.max(-0.5, Math.min(0.5, shift)), probability: p(i) }
  })
}

/** Nearest sample of the recording. */
export function toSample(at: number, fs: number, samples: number): number {
  return Math.max(0, Math.min(samples - 1, Math.floor((at * fs) / rate + 0.5)))
}
