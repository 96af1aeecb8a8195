/**
 * What the classifier sees of each beat, the same arithmetic as `recipes/ecg/beats.py`. Every quantity is relative to
 * the patient's own recording: beats beside the dominant beat, intervals beside local and whole-recording quantiles.
 */
import { quantileOfSorted } from './signal.ts'

/** Samples at 125 Hz before and after R: 0.45 s (P wave) and 0.64 s (T wave). */
const pre = 56
const post = 80
export const windowLength = pre + post
const qrs = [pre - 12, pre + 16] as const
const wide = [pre - 18, pre + 30] as const
const pWave = [pre - 32, pre - 10] as const
const templateBeats = 200
/** Correlation above which two beats share a shape. */
const same = 0.9
/** Of the largest group's size. */
const rival = 0.7
/** Beats each side that make the local quantiles. */
const nearCount = 16
const rhythmCount = 14
/** A lead. */
const morphologyCount = 7
/** Beats each side whose mean a beat is also compared with. */
const companyCount = 8
export const featureCount = rhythmCount + 2 * morphologyCount + 2
const eps = 1e-6

type Span = readonly [from: number, to: number]

export interface BeatInputs {
  /** [n, 4, windowLength]: lead 1, lead 2, dominant beat of lead 1, of lead 2. */
  readonly windows: Float32Array
  /** [n, featureCount]. */
  readonly features: Float32Array
  readonly count: number
}

/** `signal` [2, length] at 125 Hz, `peaks` in its samples, `times` of the same beats in s. */
export function describeBeats(
  signal: Float32Array,
  length: number,
  present: readonly [boolean, boolean],
  peaks: readonly number[],
  times: readonly number[],
): BeatInputs {
  const leads = [0, 1].map((lead) =>
    peaks.map((peak) => cut(signal.subarray(lead * length, (lead + 1) * length), peak)),
  )
  const template = dominantBeat(leads)
  const windows = new Float32Array(peaks.length * 4 * windowLength)
  const features = new Float32Array(peaks.length * featureCount)
  for (const [i, row] of rhythmFeatures(times).entries()) features.set(row, i * featureCount)
  for (const [lead, beats] of leads.entries()) {
    const mean = template[lead] ?? new Float64Array(windowLength)
    const height = Math.max(span(mean, wide), 0.05)
    const own = mean.map((value) => value / height)
    const ownWidth = slopeSpread(own, wide)
    const scaledBeats = beats.map((beat) => beat.map((value) => value / height))
    const around = company(scaledBeats)
    for (const [i, scaled] of scaledBeats.entries()) {
      const near = around[i] ?? own
      put(windows, (i * 4 + lead) * windowLength, scaled)
      put(windows, (i * 4 + 2 + lead) * windowLength, own)
      if (!present[lead === 0 ? 0 : 1]) continue
      const shape = [
        correlation(scaled, own, qrs),
        correlation(scaled, own, pWave),
        Math.log((deviation(scaled, pWave) + 0.01) / (deviation(own, pWave) + 0.01)),
        Math.log((span(scaled, wide) + 0.01) / (span(own, wide) + 0.01)),
        Math.log(slopeSpread(scaled, wide) / ownWidth),
        correlation(scaled, near, qrs),
        correlation(scaled, near, pWave),
      ]
      features.set(shape.map(limit), i * featureCount + rhythmCount + lead * morphologyCount)
    }
  }
  for (let i = 0; i < peaks.length; i++) features.set(present.map(Number), (i + 1) * featureCount - 2)
  return { windows, features, count: peaks.length }
}

/** `times` [n] s -> n rows of logarithms of ratios of intervals, so that the heart rate itself drops out. */
export function rhythmFeatures(times: readonly number[]): number[][] {
  const n = times.length
  if (n < 2) return times.map(() => Array.from({ length: rhythmCount }, () => 0))
  const rr = Float64Array.from({ length: n - 1 }, (_, k) => Math.max((times[k + 1] ?? 0) - (times[k] ?? 0), 0.1))
  const record = quantiles(rr)
  const interval = (k: number): number => rr[Math.max(0, Math.min(n - 2, k))] as number // n - 1 >= 1 intervals
  return times.map((_, i) => {
    const around = rr.subarray(Math.max(0, i - nearCount), Math.min(n - 1, i + nearCount))
    const [low, mid, high] = quantiles(around)
    const before = interval(i - 1)
    const after = interval(i)
    const before2 = interval(i - 2)
    const ratios = [
      before / mid,
      after / mid,
      before / high,
      after / high,
      before / low,
      before / before2,
      after / before,
      before2 / mid,
      interval(i + 1) / mid,
      before / record[1],
      before / record[2],
      high / low,
      mid / 0.8,
    ]
    return [...ratios.map(Math.log), unrest(around, mid)].map(limit)
  })
}

/** Mean change from one interval to the next, relative to their median: high in atrial fibrillation. */
function unrest(rr: Float64Array, mid: number): number {
  if (rr.length < 2) return 0
  let sum = 0
  for (let k = 1; k < rr.length; k++) sum += Math.abs((rr[k] as number) - (rr[k - 1] as number)) // inside
  return sum / (rr.length - 1) / mid
}

function quantiles(rr: Float64Array): [number, number, number] {
  const sorted = rr.toSorted()
  return [quantileOfSorted(sorted, 0.2), quantileOfSorted(sorted, 0.5), quantileOfSorted(sorted, 0.8)]
}

/**
 * Mean of the largest group of beats with one QRS shape over both leads, out of at most 200 spread over the record. Of
 * groups nearly as large (bigeminy) that with the narrowest beat is taken: the conducted one.
 */
export function dominantBeat(leads: readonly (readonly Float64Array[])[]): Float64Array[] {
  const total = leads[0]?.length ?? 0
  const count = Math.min(templateBeats, total)
  const some = Array.from({ length: count }, (_, k) => Math.floor((k * total) / count))
  const shapes = some.map((i) => unitShape(leads.map((beats) => beats[i] ?? new Float64Array(windowLength))))
  const alike = shapes.map((a) => shapes.map((b) => dot(a, b) > same))
  const sizes = alike.map((row) => row.filter(Boolean).length)
  const least = rival * Math.max(...sizes)
  let [centre, narrowest] = [0, Infinity]
  for (const [k, size] of sizes.entries()) {
    if (size < least) continue
    const width = leads.reduce(
      (sum, beats) => sum + slopeSpread(beats[some[k] ?? 0] ?? new Float64Array(windowLength), wide),
      0,
    )
    if (width < narrowest) [centre, narrowest] = [k, width]
  }
  const members = some.filter((_, k) => k === centre || alike[centre]?.[k])
  return leads.map((beats) => {
    const sum = new Float64Array(windowLength)
    for (const i of members) for (const [k, value] of (beats[i] ?? []).entries()) sum[k] = (sum[k] as number) + value // k < windowLength
    return sum.map((value) => value / members.length)
  })
}

/** Mean of the 8 beats before and after each one, without itself; of a lone beat zero. */
function company(beats: readonly Float64Array[]): Float64Array[] {
  const zero = new Float64Array(windowLength)
  const totals = [zero]
  for (const beat of beats) {
    const before = totals[totals.length - 1] ?? zero
    totals.push(before.map((value, k) => value + (beat[k] as number))) // every beat has windowLength samples
  }
  return beats.map((beat, i) => {
    const low = totals[Math.max(i - companyCount, 0)] ?? zero
    const high = totals[Math.min(i + companyCount + 1, beats.length)] ?? zero
    const others = Math.max(Math.min(i + companyCount + 1, beats.length) - Math.max(i - companyCount, 0) - 1, 1)
    return beat.map((value, k) => ((high[k] as number) - (low[k] as number) - value) / others) // as above
  })
}

/** The QRS of both leads without their means, as one vector of length 1. */
function unitShape(beat: readonly Float64Array[]): Float64Array {
  const parts = beat.map((lead) => {
    const part = lead.subarray(...qrs)
    const centre = mean(part)
    return part.map((value) => value - centre)
  })
  const flat = Float64Array.from(parts.flatMap((part) => [...part]))
  const size = Math.sqrt(dot(flat, flat)) + eps
  return flat.map((value) => value / size)
}

/** Zero outside the recording. */
function cut(signal: Float32Array, peak: number): Float64Array {
  const out = new Float64Array(windowLength)
  for (let k = 0; k < windowLength; k++) out[k] = signal[peak - pre + k] ?? 0
  return out
}

function put(into: Float32Array, at: number, values: Float64Array): void {
  for (let k = 0; k < values.length; k++) into[at + k] = Math.max(-4, Math.min(4, values[k] as number)) // k < length
}

/** Standard deviation in samples of where the slope lies: a width that needs no onset. */
export function slopeSpread(x: Float64Array, [from, to]: Span): number {
  let total = eps
  let first = 0
  for (let k = from; k < to - 1; k++) {
    const slope = Math.abs((x[k + 1] as number) - (x[k] as number)) // the span lies inside the window
    total += slope
    first += slope * (k - from)
  }
  const centre = first / total
  let second = 0
  for (let k = from; k < to - 1; k++) {
    second += Math.abs((x[k + 1] as number) - (x[k] as number)) * (k - from - centre) ** 2 // as above
  }
  return Math.sqrt(second / total) + eps
}

export function correlation(x: Float64Array, y: Float64Array, [from, to]: Span): number {
  const [ma, mb] = [mean(x.subarray(from, to)), mean(y.subarray(from, to))]
  let [ab, aa, bb] = [0, 0, 0]
  for (let k = from; k < to; k++) {
    const [a, b] = [(x[k] as number) - ma, (y[k] as number) - mb] // the span lies inside both
    ab += a * b
    aa += a * a
    bb += b * b
  }
  return ab / (Math.sqrt(aa * bb) + eps)
}

function deviation(x: Float64Array, [from, to]: Span): number {
  const part = x.subarray(from, to)
  const centre = mean(part)
  return Math.sqrt(mean(part.map((value) => (value - centre) ** 2)))
}

function span(x: Float64Array, [from, to]: Span): number {
  const part = x.subarray(from, to)
  return part.reduce((a, b) => Math.max(a, b), -Infinity) - part.reduce((a, b) => Math.min(a, b), Infinity)
}

function mean(x: Float64Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k] as number // k < length
  return sum / x.length
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += (x[k] as number) * (y[k] as number) // same length
  return sum
}

function limit(value: number): number {
  return Math.max(-1.5, Math.min(1.5, value))
}

/**
 * From 0 to 1 for each beat: uneven intervals together with P waves unlike their neighbours', which is what atrial
 * fibrillation shows. Without P waves there are no atrial premature beats. `features` [n, featureCount].
 */
export function fibrillation(features: Float32Array): number[] {
  const n = features.length / featureCount
  const at = (i: number, column: number): number => features[i * featureCount + column] as number // called inside
  const [first, second] = [rhythmCount + morphologyCount - 1, rhythmCount + 2 * morphologyCount - 1]
  const total = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) total[i + 1] = (total[i] as number) + Math.max(at(i, first), at(i, second)) // i < n
  return Array.from({ length: n }, (_, i) => {
    const [low, high] = [Math.max(i - nearCount, 0), Math.min(i + nearCount + 1, n)]
    const mean = ((total[high] as number) - (total[low] as number)) / (high - low) // both within 0..n
    const uneven = (at(i, rhythmCount - 1) - 0.1) / 0.1
    return Math.max(0, Math.min(1, uneven)) * Math.max(0, Math.min(1, (0.65 - mean) / 0.15))
  })
}
