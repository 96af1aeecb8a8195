/** A clinician's changes to beats, and the labelled snapshot that they become. */
import { type Annotation, createSnapshot, encodeRecord, type Project } from '../../data/index.ts'
import type { Kernel, Tx } from '../../kernel/index.ts'
import type { KeptCorrections } from '../kit/application.ts'
import type { StoredCase } from '../kit/case/store.ts'
import { type BeatClass, type BeatEdit, type EcgCorrections, ecgAnswer } from './contract.ts'
import { problem } from './problems.ts'
import { plainRecording, readCaseRecording } from './recording/recording.ts'
import { readAnswer } from './answer.ts'

export interface LabelledBeat {
  readonly sample: number
  readonly class: BeatClass
}

/** The beats as the clinician leaves them, in time order. Each edit names one beat, and no beat is named twice. */
export function corrected(
  beats: readonly LabelledBeat[],
  edits: readonly BeatEdit[],
  sampleCount: number,
): LabelledBeat[] {
  const left = new Map(beats.map((beat) => [beat.sample, beat.class]))
  const named = new Set<number>()
  for (const edit of edits) {
    const { sample } = edit
    if (named.has(sample)) throw problem('apps.ecg-beat-unknown', { sample })
    named.add(sample)
    if (edit.op === 'add') {
      if (sample >= sampleCount || left.has(sample)) throw problem('apps.ecg-beat-place', { sample })
      left.set(sample, edit.class)
      continue
    }
    if (!left.has(sample)) throw problem('apps.ecg-beat-unknown', { sample })
    if (edit.op === 'delete') left.delete(sample)
    else left.set(sample, edit.class)
  }
  return [...left].map(([sample, kind]) => ({ sample, class: kind })).sort((a, b) => a.sample - b.sample)
}

/** MIT codes for AAMI classes: N, S, V, F and Q stand for themselves. */
function annotationOf({ sample, class: symbol }: LabelledBeat): Annotation {
  return { sample, symbol, subtype: 0, chan: 0, num: 0, aux: '' }
}

/** Freezes the recording with the corrected beats as `case-<id>.hea/.dat/.atr` into a snapshot of its own. */
export async function keepCorrections(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  found: StoredCase,
  { beats: edits }: EcgCorrections,
): Promise<KeptCorrections> {
  const { beats } = ecgAnswer.parse(await readAnswer(kernel, found))
  const plain = plainRecording(await readCaseRecording(kernel, found.input), `case-${found.id}`)
  const annotations = corrected(beats, edits, plain.sampleCount).map(annotationOf)
  const files = encodeRecord({ ...plain, annotations })
  const stored = await kernel.objects.putMany([...files].map(([name, content]) => ({ name, content })))
  const snapshot = await createSnapshot(tx, kernel, project, `corrections of case ${found.id}`, {
    schema: 'pilotbase.snapshot/1',
    source: `clinician corrections of case ${found.id}; recording from: ${found.input.source}`.slice(0, 2000),
    licence: found.input.licence,
    synthetic: found.isSynthetic,
    files: stored.files.map(({ name, sha256, sizeBytes }) => ({ path: name, sha256, sizeBytes, split: 'corrections' })),
  })
  return { snapshotId: snapshot.id, snapshotDigest: snapshot.digest }
}
