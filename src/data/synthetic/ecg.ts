import { type Annotation, type LeadInfo, leadOf, MISSING_16, type Recording } from '../readers/recording.ts'
import { integrate, type TwoLeads } from './model.ts'
import { addFibrillation, disturb, type EcgNoise } from './noise.ts'
import { problem } from './problems.ts'
import { randomStream } from './random.ts'
import { type Beat, type BeatKind, beatsOf, type Rhythm, usualRateBpm } from './rhythm.ts'

export interface EcgSettings {
  /** Whole number; the same seed and settings give the same samples on every machine. */
  readonly seed: number
  readonly seconds: number
  /** Samples a second; 360 where left out. */
  readonly fs?: number
  readonly rhythm?: Rhythm
  /** Mean over the recording; where left out, what is usual for the rhythm. */
  readonly heartRateBpm?: number
  /** Spread of the rate with breathing and blood pressure; 2 where left out. Not used in fibrillation. */
  readonly heartRateSdBpm?: number
  readonly pvcPerMinute?: number
  readonly pacPerMinute?: number
  readonly noise?: EcgNoise
  readonly id?: string
}

/** 5 µV a step: fits the 12 bits of WFDB's format 212 up to 10.2 mV. */
const GAIN_ADU_PER_MV = 200
const LARGEST_ADU = 2047

const SYMBOLS: Readonly<Record<BeatKind, string>> = { normal: 'N', fibrillating: 'N', ventricular: 'V', atrial: 'A' }
/** Rhythm labels of the MIT-BIH annotations; those without one of their own there are normal for them. */
const RHYTHM_LABELS: Readonly<Record<Rhythm, string>> = {
  sinus: '(N',
  bradycardia: '(SBR',
  tachycardia: '(N',
  'atrial-fibrillation': '(AFIB',
  bigeminy: '(B',
}

const RANGES = {
  seed: [0, 2 ** 32 - 1],
  seconds: [1, 86_400],
  fs: [50, 10_000],
  heartRateBpm: [20, 220],
  heartRateSdBpm: [0, 10],
  pvcPerMinute: [0, 60],
  pacPerMinute: [0, 60],
} as const

/**
 * A made-up ECG of two leads (II and V1) with its beats: annotations N, V and A at the peak of each QRS, and the rhythm
 * at sample 0. It is marked as synthetic in its comments, and must be shown as such.
 */
export function syntheticEcg(settings: EcgSettings): Recording {
  const rhythm = settings.rhythm ?? 'sinus'
  const { seed, seconds, fs = 360, heartRateBpm = usualRateBpm[rhythm], heartRateSdBpm = 2 } = settings
  const { pvcPerMinute = 0, pacPerMinute = 0, noise = {} } = settings
  const checked = { seed, seconds, fs, heartRateBpm, heartRateSdBpm, pvcPerMinute, pacPerMinute }
  for (const [setting, [least, most]] of Object.entries(RANGES)) {
    const value = checked[setting as keyof typeof checked]
    const isSound = value >= least && value <= most && (setting !== 'seed' || Number.isInteger(value))
    if (!isSound) throw problem('data.synthetic-setting', { setting, value, least, most })
  }
  const frames = Math.round(seconds * fs)
  const streamOf = (name: string) => randomStream(seed, name)

  const beats = beatsOf({ ...checked, rhythm }, streamOf('beats'))
  const leads = integrate(beats, frames, fs)
  const annotations = markBeats(beats, leads[0], fs, rhythm)
  if (rhythm === 'atrial-fibrillation') addFibrillation(leads, fs, streamOf('fibrillation'))
  disturb(leads, fs, noise, streamOf)

  return {
    id: settings.id ?? `synthetic-${rhythm}-${seed}`,
    fs,
    sampleCount: frames,
    leads: digitise(leads, fs),
    annotations,
    comments: [
      'synthetic: true',
      `generator: dynamical model after McSharry et al. 2003; rhythm ${rhythm}, ${heartRateBpm} beats/min, seed ${seed}`,
    ],
    subject: { ageYears: null, sex: null },
  }
}

/** Each beat at the sample where lead II stands furthest from 0 within 50 ms of its R wave. */
function markBeats(beats: readonly Beat[], lead: Float64Array, fs: number, rhythm: Rhythm): Annotation[] {
  const mark = (sample: number, symbol: string, aux = '') => ({ sample, symbol, subtype: 0, chan: 0, num: 0, aux })
  const reach = Math.round(0.05 * fs)
  const marks: Annotation[] = [mark(0, '+', RHYTHM_LABELS[rhythm])]
  for (const { atSeconds, kind } of beats) {
    const centre = Math.round(atSeconds * fs)
    // a beat whose peak is cut off at either end of the recording is not marked
    if (centre - reach < 0 || centre + reach >= lead.length) continue
    let peak = centre
    for (let i = centre - reach; i <= centre + reach; i++) {
      if (Math.abs(lead[i] as number) > Math.abs(lead[peak] as number)) peak = i
    }
    marks.push(mark(peak, SYMBOLS[kind]))
  }
  return marks
}

function digitise(leads: TwoLeads, fs: number) {
  return leads.map((samples, index) => {
    const adc = new Int16Array(samples.length)
    for (let i = 0; i < adc.length; i++) {
      const value = Math.round((samples[i] as number) * GAIN_ADU_PER_MV)
      adc[i] = Math.max(-LARGEST_ADU, Math.min(LARGEST_ADU, value))
    }
    const info: LeadInfo = {
      name: index === 0 ? 'II' : 'V1',
      unit: 'mV',
      physicalUnit: 'mV',
      gain: GAIN_ADU_PER_MV,
      baseline: 0,
      calibrated: true,
      samplesPerFrame: 1,
      fs,
    }
    return leadOf(info, adc, MISSING_16)
  })
}
