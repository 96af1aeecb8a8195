/** A folder of small records, and a model that knows the answers: what the tests of `evaluate` run on. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeRecord, leadOf, type Recording } from '../../data/index.ts'
import type { EcgReply } from '../tasks/question.ts'
import type { EvaluatedModel } from './models.ts'

const fs = 100

export interface SmallRecord {
  readonly id: string
  readonly split: string
  readonly patient?: string
  /** One symbol a beat, a second apart, the first at 0.5 s. */
  readonly symbols: string
  readonly seconds?: number
}

/** Sample of beat number `place`. */
export function beatSample(place: number): number {
  return 50 + 100 * place
}

export function smallRecording({ id, symbols, seconds = symbols.length }: SmallRecord): Recording {
  const sampleCount = seconds * fs
  const adc = new Int16Array(sampleCount)
  for (const [place] of [...symbols].entries()) adc[beatSample(place)] = 1000
  const info = {
    name: 'II',
    unit: 'mV',
    physicalUnit: 'mV',
    gain: 1000,
    baseline: 0,
    calibrated: true,
    samplesPerFrame: 1,
    fs,
  }
  return {
    id,
    fs,
    sampleCount,
    leads: [leadOf(info, adc, null)],
    comments: ['synthetic: true'],
    subject: { ageYears: null, sex: null },
    annotations: [...symbols].map((symbol, place) => ({
      sample: beatSample(place),
      symbol,
      subtype: 0,
      chan: 0,
      num: 0,
      aux: '',
    })),
  }
}

export interface SmallDataset {
  readonly folder: string
  remove(): Promise<void>
}

/** Tasks `beats` and `classes` over the records, tables in CSV. */
export async function smallDataset(records: readonly SmallRecord[], more: object = {}): Promise<SmallDataset> {
  const folder = await mkdtemp(join(tmpdir(), 'evaluate-'))
  await mkdir(join(folder, 'wave'))
  for (const record of records) {
    for (const [name, bytes] of encodeRecord(smallRecording(record))) await writeFile(join(folder, 'wave', name), bytes)
  }
  const lines = records.map(({ id, split, patient = '' }) => `${id},${split},${patient}\n`)
  await writeFile(join(folder, 'records.csv'), `record,set,patient\n${lines.join('')}`)
  const shared = {
    files: ['records.csv'],
    columns: { id: 'record', split: 'set', group: 'patient' },
    media: { record: 'wave/{record}', annotation: 'atr' },
    ...more,
  }
  const tasks = [
    { id: 'beats', task: 'ecg-beats', ...shared },
    { id: 'classes', task: 'ecg-beat-class', labels: ['N', 'S', 'V', 'F', 'Q'], ...shared },
  ]
  const manifest = { schema: 'pilotbase.dataset/1', id: 'small', tasks }
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(manifest, null, 1))
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

type Beats = EcgReply['beats']

/** Finds every spike of a small recording and calls it N, unless `change` says otherwise; it may throw to refuse. */
export function spikeModel(change: (beats: Beats, id: string) => Beats = (beats) => beats): EvaluatedModel {
  return {
    name: 'spikes',
    version: '1.0.0',
    digest: `sha256:${'0'.repeat(64)}`,
    device: 'cpu',
    tasks: ['ecg-beats', 'ecg-beat-class'],
    async ask({ recording, beatsAt }) {
      const signal = recording.leads[0]?.physical() ?? new Float32Array(0)
      const found = beatsAt ?? [...signal.keys()].filter((at) => (signal[at] ?? 0) > 0.5)
      return {
        kind: 'ecg',
        beats: change(
          found.map((sample) => ({ sample, class: 'N' as const })),
          recording.id,
        ),
      }
    },
    async close() {},
  }
}
