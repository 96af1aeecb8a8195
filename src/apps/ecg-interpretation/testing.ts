import { fileURLToPath } from 'node:url'
/** For tests only: a release that answers with the weights that ship, and recordings to ask about. */
import {
  createSnapshot,
  type EcgSettings,
  encodeRecord,
  type Recording,
  type Snapshot,
  syntheticEcg,
} from '../../data/index.ts'
import { capability, type Kernel } from '../../kernel/index.ts'
import { openEcgModel } from '../../models/offline.ts'
import { analyseEcg, type EcgInput } from '../../models/offline.ts'
import type { Released, ReleasedModel } from '../kit/released.ts'
import type { EcgAnswer, EcgBeat } from './contract.ts'

const weightsFolder = fileURLToPath(new URL('../../../weights/ecg/', import.meta.url))

export interface ShippedRelease extends Released {
  /** In force from now on; null: nothing is. */
  put(model: ReleasedModel | null): void
  /** Thrown by the next analyses, one each, before the model is asked. */
  readonly faults: Error[]
  close(): Promise<void>
}

export const liveModel: ReleasedModel = {
  releaseId: '11111111-1111-4111-8111-111111111111',
  versionId: '22222222-2222-4222-8222-222222222222',
  purpose: 'ecg-interpretation',
  modelLabel: 'ecg 1 (test)',
  weightsDigest: 'a'.repeat(64),
  stage: 'live',
  isSynthetic: false,
  isDemo: false,
}

/** The real networks behind the interface that the release room gives. */
export async function shippedRelease(): Promise<ShippedRelease> {
  const model = await openEcgModel(weightsFolder)
  let inForce: ReleasedModel | null = liveModel
  const faults: Error[] = []
  return {
    faults,
    put: (next) => {
      inForce = next
    },
    live: async () => (inForce?.stage === 'live' ? inForce : null),
    served: async (_tx, _project, releaseId) => (inForce?.releaseId === releaseId ? inForce : null),
    analyse: async (_project, _release, input) => {
      const fault = faults.shift()
      if (fault !== undefined) throw fault
      return analyseEcg(input as EcgInput, model)
    },
    close: () => model.close(),
  }
}

/** A snapshot of one made-up recording, under `ward/<id>`. */
export async function snapshotOf(kernel: Kernel, projectId: string, settings: EcgSettings): Promise<Snapshot> {
  return freeze(kernel, projectId, syntheticEcg({ id: 'record', ...settings }))
}

export async function freeze(kernel: Kernel, projectId: string, recording: Recording): Promise<Snapshot> {
  const files = encodeRecord(recording)
  const stored = await kernel.objects.putMany([...files].map(([name, content]) => ({ name, content })))
  return kernel.database.transaction(capability('seed'), (tx) =>
    createSnapshot(tx, kernel, { id: projectId, slug: 'ward', isDemo: false }, 'recordings', {
      schema: 'pilotbase.snapshot/1',
      source: 'made by the synthetic ECG of the base',
      licence: 'CC0-1.0',
      synthetic: true,
      files: stored.files.map(({ name, sha256, sizeBytes }) => ({ path: `ward/${name}`, sha256, sizeBytes })),
    }),
  )
}

/** An answer with these beats, `[class, RR before it in s]`, at 250 Hz; nothing unreadable unless given. */
export function answerOf(
  beats: readonly (readonly [EcgBeat['class'], number])[],
  given: Partial<Pick<EcgAnswer, 'unreadable' | 'readableShare' | 'durationS'>> & { readonly confidence?: number } = {},
): EcgAnswer {
  const fs = 250
  let timeS = 0
  const placed = beats.map(([kind, rr]): EcgBeat => {
    timeS += rr
    return { sample: Math.round(timeS * fs), timeS, class: kind, confidence: given.confidence ?? 0.98 }
  })
  const counts = { N: 0, S: 0, V: 0, F: 0, Q: 0 }
  for (const beat of placed) counts[beat.class]++
  return {
    schema: 'pilotbase.ecg/1',
    fs,
    durationS: given.durationS ?? Math.max(10, timeS + 1),
    leads: [{ name: 'II', used: true, missing: 0, clipped: 0, spanMv: 1.5, verdict: 'good' }],
    beats: placed,
    rate: { meanBpm: null, lowestBpm: null, highestBpm: null },
    rhythm: {
      counts,
      nnMeanMs: null,
      sdnnMs: null,
      rmssdMs: null,
      irregularity: null,
      longestPauseMs: null,
      longestVRun: 0,
      longestSRun: 0,
    },
    unreadable: given.unreadable ?? [],
    readableShare: given.readableShare ?? 1,
  }
}
