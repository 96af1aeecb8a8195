/**
 * Can heartbeats be read in this, and is it an electrocardiogram at all? The same arithmetic as `recipes/ecg/scope.py`;
 * the logistic rule was learnt there and comes with the weights.
 */
import type { Peak } from './peaks.ts'
import { correlation } from './features.ts'
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

/** `signal` [2, length] at 125 Hz and the detector's `probability` [length] -> the seven numbers of the rule. */
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
  for (const lead of [0, 1]) {
    const x = Float64Array.from(signal.subarray(lead * length + start, lead * length + end))
    const power = moment(x, 0, 2)
    if (power < 1e-8) continue
    const centre = x.reduce((a, b) => a + b, 0) / x.length
    peaked = Math.max(peaked, moment(x, centre, 4) / (moment(x, centre, 2) ** 2 + 1e-12))
    const slope = x.subarray(1).map((value, i) => value - (x[i] as number)) // one shorter than x
    rough = Math.min(rough, Math.sqrt(moment(slope, 0, 2) / power))
    if (at.length >= 3) alike = Math.max(alike, likeness(x, at))
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
    at.length >= 3 ? 1 : 0,
  ]
}

/** Mean correlation of the beats of a piece with their mean. */
function likeness(x: Float64Array, at: readonly number[]): number {
  const size = shape[0] + shape[1]
  const beats = at.map((k) => {
    const beat = x.slice(k - shape[0], k + shape[1])
    const centre = beat.reduce((a, b) => a + b, 0) / size
    return beat.map((value) => value - centre)
  })
  const mean = new Float64Array(size)
  for (const beat of beats)
    for (const [k, value] of beat.entries()) mean[k] = (mean[k] as number) + value / beats.length // k < size
  return beats.reduce((sum, beat) => sum + correlation(beat, mean, [0, size]), 0) / beats.length
}

function moment(x: Float64Array, centre: number, power: number): number {
  return x.reduce((sum, value) => sum + (value - centre) ** power, 0) / Math.max(1, x.length)
}

export function scopeScore(rule: ScopeRule, features: readonly number[]): number {
  const z = features.reduce((sum, value, k) => {
    const [mean, scale, weight] = [rule.mean[k] ?? 0, rule.scale[k] ?? 1, rule.weight[k] ?? 0]
    return sum + ((value - mean) / scale) * weight
  }, rule.bias)
  return 1 / (1 + Math.exp(-z))
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
