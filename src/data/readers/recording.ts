/** Samples as the converter gave them, in analogue-to-digital units (adu). */
export type Samples = Int16Array | Int32Array

/** The adc value that stands for "no sample here" where a gap was filled, by width. Formats have marks of their own. */
export const MISSING_16 = -32768
export const MISSING_32 = -2147483648

/** What is known of a lead before its samples are read. */
export interface LeadInfo {
  readonly name: string
  /** Unit of the quantity measured, as the file writes it: mV, uV, mmHg, … */
  readonly unit: string
  /** Unit of `physical()`: mV for every voltage, else `unit`. */
  readonly physicalUnit: string
  /** adu per `unit`; never 0. Negative where the file says that polarity is turned. */
  readonly gain: number
  /** adu that stands for 0 `unit`; a whole number in WFDB, may be fractional in EDF. */
  readonly baseline: number
  /** False where the file gives no gain and the format's default was taken: amplitudes then mean little. */
  readonly calibrated: boolean
  /** Samples of this lead in one frame; 1 unless leads differ in rate. */
  readonly samplesPerFrame: number
  /** Samples a second: the recording's `fs` times `samplesPerFrame`. */
  readonly fs: number
}

export interface Lead extends LeadInfo {
  /** `[sampleCount * samplesPerFrame]` */
  readonly adc: Samples
  /** The adc value that means missing; null where the format has none and no gap was filled. */
  readonly missing: number | null
  /** A new array in `physicalUnit` (mV for voltages); NaN where the sample is missing. */
  physical(): Float32Array
}

/** A mark at one moment. For WFDB the codes of the MIT format; for EDF+ a note ('"') whose text is `aux`. */
export interface Annotation {
  /** Frame of the recording, counted from 0; may lie outside it. */
  readonly sample: number
  readonly symbol: string
  readonly subtype: number
  readonly chan: number
  readonly num: number
  /** Text; '' where there is none. */
  readonly aux: string
  readonly durationSeconds?: number
}

export interface Subject {
  readonly ageYears: number | null
  readonly sex: 'F' | 'M' | null
}

export interface RecordingInfo {
  readonly id: string
  /** Frames a second, Hz. The rate of every lead whose `samplesPerFrame` is 1. */
  readonly fs: number
  /** Frames. */
  readonly sampleCount: number
  readonly leads: readonly LeadInfo[]
  readonly comments: readonly string[]
  /** As far as the file tells; a null is "not told", never a guess. */
  readonly subject: Subject
  /** When the first sample was taken: the file's own clock, ISO 8601 without a zone (files carry none). */
  readonly startAt?: string
}

/** A recording in memory, whatever file it came from: all that models, benches and applications see of one. */
export interface Recording extends RecordingInfo {
  readonly leads: readonly Lead[]
  readonly annotations?: readonly Annotation[]
}

/** Frames `from` (included) to `to` (excluded) of a recording. */
export interface Chunk {
  readonly from: number
  readonly to: number
  readonly leads: readonly Lead[]
}

/** A unit's size in mV. */
const MILLIVOLTS: ReadonlyMap<string, number> = new Map([
  ['V', 1000],
  ['mV', 1],
  ['mv', 1],
  ['MV', 1], // written so by some exporters; no lead carries megavolts
  ['uV', 1e-3],
  ['UV', 1e-3],
  ['uv', 1e-3],
  ['\u00b5V', 1e-3], // micro sign
  ['\u03bcV', 1e-3], // Greek mu
  ['nV', 1e-6],
])

export function physicalUnitOf(unit: string): string {
  return MILLIVOLTS.has(unit) ? 'mV' : unit
}

/** `samples` with their scale: (adc - baseline) / gain, voltages in mV, missing as NaN. */
export function toPhysical(
  samples: Samples,
  scale: { readonly unit: string; readonly gain: number; readonly baseline: number; readonly missing: number | null },
): Float32Array {
  const { baseline, missing } = scale
  const perMillivolt = scale.gain / (MILLIVOLTS.get(scale.unit) ?? 1)
  const out = new Float32Array(samples.length)
  for (let i = 0; i < samples.length; i++) out[i] = ((samples[i] as number) - baseline) / perMillivolt
  // apart from the loop above, which a comparison in it makes five times slower; most recordings miss nothing
  const first = missing === null ? -1 : samples.indexOf(missing)
  if (first >= 0) for (let i = first; i < samples.length; i++) if (samples[i] === missing) out[i] = Number.NaN
  return out
}

/** Joins what is known of a lead to its samples. */
export function leadOf(info: LeadInfo, adc: Samples, missing: number | null): Lead {
  const { name, unit, physicalUnit, gain, baseline, calibrated, samplesPerFrame, fs } = info
  const physical = () => toPhysical(adc, { unit, gain, baseline, missing })
  return { name, unit, physicalUnit, gain, baseline, calibrated, samplesPerFrame, fs, adc, missing, physical }
}

/** The adc value that means missing in an array of this width. */
export function missingMark(samples: Samples): number {
  return samples instanceof Int16Array ? MISSING_16 : MISSING_32
}

/** True for a recording that a generator made: it must be shown as such wherever it is shown. */
export function isSynthetic(recording: Pick<RecordingInfo, 'comments'>): boolean {
  return recording.comments.some((line) => /^synthetic: true\b/.test(line))
}
