/**
 * Can heartbeats be read in this, and is it an electrocardiogram at all? The same arithmetic as `recipes/ecg/scope.py`;
 * the logistic rule was learnt there and comes with the weights.
 */
import type { Peak } from './peaks.ts'
import { correlation, slopeSpread } from './features.ts'
import { type Lead, rate } from './signal.ts'

/** 10 s at 125 Hz. */
export const piece = 1250
/** At most so many pieces are looked at, spread over the recording. */
const pieces = 60
/** Samples before and after R that make a QRS. */
const shape = [12, 16] as const
/** A step between clipped and sound: this share of samples at the very top or bottom value, in runs. */
const clippedShare = 0.05

export interface ScopeRule {
  readonly threshold: number
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  readonly weight: readonly number[]
  readonly bias: number
}

export interface Stretch {
  readonly startS: number
  readonly endS: number
  /** Probability that beats can be read here. */
  readonly score: number
}

export interface LeadQuality {
  readonly name: string
  readonly used: boolean
  /** Share of samples without a value. */
  readonly missing: number
  /** Share of samples that stand at the top or bottom value for 3 samples or more. */
  readonly clipped: number
  /** max - min of the finite samples, millivolts; null when there are none. */
  readonly spanMv: number | null
  readonly verdict: 'good' | 'flat' | 'clipped' | 'missing' | 'unused'
}

/** First samples of the pieces that are looked at. */
export function pieceStarts(length: number): number[] {
  if (length <= piece) return [0]
  const count = Math.min(pieces, Math.floor(length / piece))
  if (count === 1) return [0]
  return Array.from({ length: count }, (_, k) => Math.floor((k * (length - piece)) / (count - 1)))
}

/** `signal` [2, length] at 125 Hz and the detector's `probability` [length] -> the nine numbers of the rule. */
export function pieceFeatures(
  signal: Float32Array,
  length: number,
  probability: Float32Array,
  peaks: readonly Peak[],
  start: number,
): number[] {
  const end = Math.min(start + piece, length)
  const p = probability.subarray(start, end)
  const at = peaks
    .map((peak) => Math.floor(peak.at + 0.5) - start)
    .filter((k) => k >= shape[0] && k < end - start - shape[1])
  let alike = 0
  let peaked = 0
  let rough = 3
  let dense = 0
  let wide = 20
  for (const lead of [0, 1]) {
    const x = Float64Array.from(signal.subarray(lead * length + start, lead * length + end))
    const power = moment(x, 0, 2)
    if (power < 1e-8) continue
    const centre = x.reduce((a, b) => a + b, 0) / x.length
    peaked = Math.max(peaked, moment(x, centre, 4) / (moment(x, centre, 2) ** 2 + 1e-12))
    const slope = x.subarray(1).map((value, i) => value - (x[i] as number)) // one shorter than x
    rough = Math.min(rough, Math.sqrt(moment(slope, 0, 2) / power))
    if (at.length < 3) continue
    const beats = beatsWithoutMean(x, at)
    const mean = meanBeat(beats)
    const size = mean.length
    alike = Math.max(alike, beats.reduce((sum, beat) => sum + correlation(beat, mean, [0, size]), 0) / beats.length)
    dense = Math.max(dense, concentration(x, at) / power)
    wide = Math.min(wide, slopeSpread(mean, [0, size]))
  }
  const seconds = (end - start) / rate
  const unsure = p.reduce((sum, value) => sum + Math.min(value, 1 - value), 0) / Math.max(1, p.length)
  return [
    at.length ? at.reduce((sum, k) => sum + (p[k] ?? 0), 0) / at.length : 0,
    unsure * 10,
    alike,
    Math.log(peaked + 1),
    Math.log((at.length + 0.5) / seconds / 1.25) ** 2,
    rough,
    Math.log(dense + 0.1),
    wide,
    at.length >= 3 ? 1 : 0,
  ]
}

function beatsWithoutMean(x: Float64Array, at: readonly number[]): Float64Array[] {
  return at.map((k) => {
    const beat = x.slice(k - shape[0], k + shape[1])
    const centre = beat.reduce((a, b) => a + b, 0) / beat.length
    return beat.map((value) => value - centre)
  })
}

function meanBeat(beats: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(shape[0] + shape[1])
  for (const beat of beats) {
    for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] as number) + (beat[k] as number) / beats.length // same length
  }
  return mean
}

/** Mean power within 80 ms of the peaks. */
function concentration(x: Float64Array, at: readonly number[]): number {
  const inside = new Set(at.flatMap((k) => Array.from({ length: 21 }, (_, i) => k - 10 + i)))
  let sum = 0
  for (const k of inside) sum += (x[k] ?? 0) ** 2
  return sum / inside.size
}

function moment(x: Float64Array, centre: number, power: number): number {
  return x.reduce((sum, value) => sum + (value - centre) ** power, 0) / Math.max(1, x.length)
}

/** Logistic in the standardised numbers (limited to 3) and in every product of two of them. */
export function scopeScore(rule: ScopeRule, features: readonly number[]): number {
  const z = features.map((value, k) => Math.max(-3, Math.min(3, (value - (rule.mean[k] ?? 0)) / (rule.scale[k] ?? 1))))
  const terms = [...z, ...z.flatMap((a, i) => z.slice(i).map((b) => a * b))]
  const sum = terms.reduce((total, term, k) => total + term * (rule.weight[k] ?? 0), rule.bias)
  return 1 / (1 + Math.exp(-sum))
}

/** Every looked-at piece of the recording with its score. */
export function readableStretches(
  rule: ScopeRule,
  signal: Float32Array,
  length: number,
  probability: Float32Array,
  peaks: readonly Peak[],
): Stretch[] {
  let from = 0
  return pieceStarts(length).map((start) => {
    const end = Math.min(start + piece, length)
    while (from < peaks.length && (peaks[from] as Peak).at < start) from++ // starts rise
    const inside: Peak[] = []
    for (let k = from; k < peaks.length && (peaks[k] as Peak).at <= end; k++) inside.push(peaks[k] as Peak) // k < length
    const score = scopeScore(rule, pieceFeatures(signal, length, probability, inside, start))
    return { startS: start / rate, endS: end / rate, score }
  })
}

export function leadQuality(lead: Lead, used: boolean): LeadQuality {
  let low = Infinity
  let high = -Infinity
  let finite = 0
  for (let i = 0; i < lead.samplesMv.length; i++) {
    const value = lead.samplesMv[i] as number // i < length
    if (!Number.isFinite(value)) continue
    finite++
    if (value < low) low = value
    if (value > high) high = value
  }
  const total = Math.max(1, lead.samplesMv.length)
  const missing = 1 - finite / total
  const clipped = high > low ? (runsAt(lead.samplesMv, low) + runsAt(lead.samplesMv, high)) / total : 0
  const verdict =
    missing > 0.2
      ? 'missing'
      : high - low < 1e-6
        ? 'flat'
        : clipped > clippedShare
          ? 'clipped'
          : used
            ? 'good'
            : 'unused'
  return { name: lead.name, used, missing, clipped, spanMv: finite ? high - low : null, verdict }
}

/** Samples in runs of 3 or more at exactly `value`. */
function runsAt(x: Float32Array, value: number): number {
  let total = 0
  let run = 0
  for (let i = 0; i < x.length; i++) {
    run = x[i] === value ? run + 1 : 0
    if (run === 3) total += 3
    else if (run > 3) total++
  }
  return total
}
