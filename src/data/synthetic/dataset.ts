import { encodeRecord } from '../readers/wfdb/writer.ts'
import { syntheticEcg } from './ecg.ts'
import type { EcgNoise } from './noise.ts'
import { problem } from './problems.ts'
import { randomStream } from './random.ts'
import { type Rhythm, usualRateBpm } from './rhythm.ts'

export interface SyntheticDatasetSettings {
  /** Whole number; the same settings give the same bytes on every machine. */
  readonly seed: number
  readonly records: number
  readonly seconds: number
  /** They take turns from record to record; all five where left out. */
  readonly rhythms?: readonly Rhythm[]
  /** Share of the records of each rhythm that is for testing; 0.5 where left out. */
  readonly testShare?: number
  readonly id?: string
  readonly title?: string
}

export const syntheticRhythms: readonly Rhythm[] = [
  'sinus',
  'atrial-fibrillation',
  'bradycardia',
  'bigeminy',
  'tachycardia',
]

/** Ectopic beats a minute by rhythm: bigeminy has its own, and fibrillation has no P waves to come early. */
const ectopy: Readonly<Record<Rhythm, { readonly pvcPerMinute: number; readonly pacPerMinute: number }>> = {
  sinus: { pvcPerMinute: 3, pacPerMinute: 4 },
  bradycardia: { pvcPerMinute: 2, pacPerMinute: 2 },
  tachycardia: { pvcPerMinute: 2, pacPerMinute: 3 },
  'atrial-fibrillation': { pvcPerMinute: 2, pacPerMinute: 0 },
  bigeminy: { pvcPerMinute: 0, pacPerMinute: 0 },
}

/**
 * A folder of made-up ECGs with a `dataset.json` that `evaluate` reads: WFDB records of two leads with their beats, split
 * into train and test by record, each record one made-up person. Everything in it says that it is synthetic.
 */
export function syntheticDataset(settings: SyntheticDatasetSettings): Map<string, Uint8Array<ArrayBuffer>> {
  const { seed, records, seconds, rhythms = syntheticRhythms, testShare = 0.5 } = settings
  check('records', records, 1, 9999)
  check('testShare', testShare, 0, 1)
  const encode = (text: string) => new TextEncoder().encode(text)
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const rows = ['record,set,rhythm,heart_rate_bpm,seed']
  for (let index = 0; index < records; index++) {
    const rhythm = rhythms[index % rhythms.length] ?? 'sinus'
    const turn = Math.floor(index / rhythms.length)
    const id = `s${String(index + 1).padStart(4, '0')}`
    const random = randomStream(seed, id)
    const heartRateBpm = Math.round(usualRateBpm[rhythm] * random.between(0.9, 1.1))
    const recordSeed = Math.floor(random.uniform() * 2 ** 32)
    const noise = noiseOf(random)
    const recording = syntheticEcg({ id, seed: recordSeed, seconds, rhythm, heartRateBpm, noise, ...ectopy[rhythm] })
    for (const [name, bytes] of encodeRecord(recording, { format: 212 })) files.set(name, bytes)
    // The n-th record of a rhythm is for testing where the share's whole number grows: even, whatever the share.
    const isTest = Math.floor((turn + 1) * testShare) > Math.floor(turn * testShare)
    rows.push(`${id},${isTest ? 'test' : 'train'},${rhythm},${heartRateBpm},${recordSeed}`)
  }
  files.set('records.csv', encode(`${rows.join('\n')}\n`))
  files.set('dataset.json', encode(`${JSON.stringify(manifestOf(settings), null, 1)}\n`))
  return files
}

/** What every electrode picks up, in amounts that a usable recording has (mV). */
function noiseOf(random: { between(low: number, high: number): number }): EcgNoise {
  return {
    baselineWanderMv: random.between(0.02, 0.15),
    mainsMv: random.between(0, 0.02),
    muscleMv: random.between(0.005, 0.03),
  }
}

function manifestOf({ id = 'synthetic-ecg', title, records, seconds, seed }: SyntheticDatasetSettings) {
  const shared = {
    files: ['records.csv'],
    columns: { id: 'record', split: 'set', group: 'record' },
    media: { record: '{record}', annotation: 'atr' },
    synthetic: true,
  }
  return {
    schema: 'pilotbase.dataset/1',
    id,
    title: title ?? `Synthetic ECG: ${records} recordings of ${seconds} s, seed ${seed}`,
    license: 'CC0-1.0',
    synthetic: true,
    tasks: [
      { id: 'ecg-beats', task: 'ecg-beats', ...shared, metric: 'qrs_f1_gross' },
      {
        id: 'ecg-beat-class',
        task: 'ecg-beat-class',
        ...shared,
        labels: ['N', 'S', 'V', 'F', 'Q'],
        metric: 'f1_macro_NSVF',
      },
    ],
  }
}

function check(setting: string, value: number, least: number, most: number): void {
  const isSound = value >= least && value <= most && (setting !== 'records' || Number.isInteger(value))
  if (!isSound) throw problem('data.synthetic-setting', { setting, value, least, most })
}
