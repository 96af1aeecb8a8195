import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leadsOf } from '../../src/bench/evaluate/models.ts'
import { encodeRecord, readRecording, syntheticEcg } from '../../src/data/index.ts'
import { openEcgModel } from '../../src/models/ecg/model.ts'
import { analyseEcg } from '../../src/models/ecg/pipeline.ts'
import { temporaryFolder } from './base.ts'
import type { Figure } from './figure.ts'
import { openPeerReader } from './peer-reader.ts'
import { isQuick } from './quick.ts'
import { median, type Spent, spent } from './measuring/timing.ts'

const weights = fileURLToPath(new URL('../../weights/ecg/', import.meta.url))
const minutes = 30
/** A long recording in both usual packings, and ten seconds as collections of short ones have them. */
const shapes = [
  { record: 'long212', format: 212, seconds: 60 * minutes, fs: 360, repeats: 5 },
  { record: 'long16', format: 16, seconds: 60 * minutes, fs: 360, repeats: 5 },
  { record: 'short16', format: 16, seconds: 10, fs: 500, repeats: 40 },
] as const

/** A recording of 30 minutes: from its files to every beat's class, and the reading alone beside the reference reader. */
export async function measure(): Promise<Figure[]> {
  const folder = temporaryFolder()
  for (const { record, format, seconds, fs } of shapes) {
    const recording = syntheticEcg({ id: record, seed: 3, seconds, fs, pvcPerMinute: 3 })
    for (const [name, bytes] of encodeRecord(recording, { format })) writeFileSync(join(folder, name), bytes)
  }
  return [...(await analysis(join(folder, shapes[0].record))), ...(await reading(folder))]
}

async function analysis(record: string): Promise<Figure[]> {
  const model = await openEcgModel(weights)
  const runs: Spent[] = []
  let beats = 0
  try {
    for (let round = 0; round < (isQuick ? 3 : 6); round++)
      runs.push(
        await spent(async () => {
          const read = await readRecording(record)
          beats = (await analyseEcg({ fs: read.fs, leads: leadsOf(read) }, model)).beats.length
        }),
      )
  } finally {
    await model.close()
  }
  const [first, ...rest] = runs
  if (first === undefined || beats === 0) throw new Error('no beat was found')
  const seconds = (ms: number): string => (ms / 1000).toFixed(2)
  return [
    {
      name: 'ecg.recording-of-30-minutes',
      value: median(rest.map(({ cpuMs }) => cpuMs)) / 1000,
      unit: 's',
      target: { atMost: 1.5 },
      how: `WFDB files to ${beats} classed beats, 2 leads at 360 Hz, CPU of all threads, which is wall time on one free core; median of ${rest.length}; wall ${seconds(median(rest.map(({ wallMs }) => wallMs)))} s; the first in the process ${seconds(first.cpuMs)} s CPU, ${seconds(first.wallMs)} s wall`,
    },
  ]
}

/** Ours and the peer's in turns, so that what else the machine does falls on both. */
async function reading(folder: string): Promise<Figure[]> {
  const peer = await openPeerReader(folder)
  const rounds = isQuick ? 5 : 11
  const figures: Figure[] = []
  try {
    for (const { record, format, seconds, fs, repeats } of shapes) {
      const ours: number[] = []
      const theirs: number[] = []
      for (let round = -1; round < rounds; round++) {
        const { cpuMs } = await spent(async () => {
          for (let i = 0; i < repeats; i++)
            for (const lead of (await readRecording(join(folder, record), { annotator: null })).leads) lead.physical()
        })
        const theirMs = peer === null ? null : await peer.readMs(record, repeats)
        if (round < 0) continue
        ours.push(cpuMs / repeats)
        if (theirMs !== null) theirs.push(theirMs / repeats)
      }
      const what = `WFDB format ${format}, ${seconds} s, 2 leads at ${fs} Hz, file to millivolts (ours float32, the peer's default float64), CPU, median of ${rounds}`
      const oursMs = median(ours)
      if (peer === null)
        figures.push({
          name: `wfdb.read-${record}`,
          value: oursMs,
          unit: 'ms',
          target: null,
          how: `${what}; peer not installed: PILOTBASE_PEER_PYTHON names a Python with wfdb`,
        })
      else {
        const theirsMs = median(theirs)
        figures.push({
          name: `wfdb.read-${record}`,
          value: oursMs,
          unit: 'ms',
          target: { atMost: theirsMs / 5 },
          how: `${what}; in turns with the peer; target a fifth of the peer's in this run`,
          peer: { name: peer.name, value: theirsMs, isMeasuredHere: true },
        })
      }
    }
  } finally {
    peer?.close()
  }
  return figures
}
