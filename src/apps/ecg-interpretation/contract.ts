/** The answer of a released ECG model as this application reads it, and what a clinician may correct. */
import { z } from 'zod'
import { openCommon } from '../kit/case/contract.ts'

export const beatClasses = ['N', 'S', 'V', 'F', 'Q'] as const
export const beatClass = z
  .enum(beatClasses)
  .describe('AAMI class: N normal or bundle branch, S supraventricular, V ventricular, F fusion, Q paced or unknown')
export type BeatClass = z.infer<typeof beatClass>

const share = z.number().min(0).max(1)

/** What it asks with. */
export interface EcgInput {
  /** Samples a second, Hz. */
  readonly fs: number
  /** `[samples]` each, millivolts; NaN where there is no value. */
  readonly leads: readonly { readonly name: string; readonly samplesMv: Float32Array }[]
}

export const ecgBeat = z.object({
  sample: z.int().nonnegative(),
  timeS: z.number().nonnegative(),
  class: beatClass,
  confidence: share,
})
export type EcgBeat = z.infer<typeof ecgBeat>

export const ecgStretch = z.object({ startS: z.number(), endS: z.number(), score: share })
export type EcgStretch = z.infer<typeof ecgStretch>

const ecgLead = z.object({
  name: z.string(),
  used: z.boolean(),
  missing: share,
  clipped: share,
  spanMv: z.number().nullable(),
  verdict: z.string(),
})

/** Parts of the family's answer that findings rest on; what else a later model adds is kept and not read. */
export const ecgAnswer = z.object({
  schema: z.literal('pilotbase.ecg/1'),
  fs: z.number().positive(),
  durationS: z.number().positive(),
  leads: z.array(ecgLead),
  beats: z.array(ecgBeat),
  rate: z.object({
    meanBpm: z.number().nullable(),
    lowestBpm: z.number().nullable(),
    highestBpm: z.number().nullable(),
  }),
  rhythm: z.object({
    counts: z.record(beatClass, z.int()),
    nnMeanMs: z.number().nullable(),
    sdnnMs: z.number().nullable(),
    rmssdMs: z.number().nullable(),
    irregularity: z.number().nullable(),
    longestPauseMs: z.number().nullable(),
    longestVRun: z.int(),
    longestSRun: z.int(),
  }),
  unreadable: z.array(ecgStretch),
  readableShare: share,
})
export type EcgAnswer = z.infer<typeof ecgAnswer>

/** What is shown with a case: the answer without its beats. */
export const ecgSummary = z.object({ ...ecgAnswer.omit({ beats: true }).shape, beatCount: z.int() })
export type EcgSummary = z.infer<typeof ecgSummary>

const at = z.int().nonnegative().describe('sample of the recording, from 0')
export const beatEdit = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('class'), sample: at, class: beatClass }),
  z.strictObject({ op: z.literal('add'), sample: at, class: beatClass }),
  z.strictObject({ op: z.literal('delete'), sample: at }),
])
export type BeatEdit = z.infer<typeof beatEdit>

export const ecgCorrections = z.strictObject({
  beats: z
    .array(beatEdit)
    .min(1)
    .max(20_000)
    .describe('changes to the beats of the answer, each beat named at most once'),
})
export type EcgCorrections = z.infer<typeof ecgCorrections>

export const openFromSnapshot = z.strictObject({
  snapshot: z.string().max(64).describe('id or digest'),
  record: z
    .string()
    .min(1)
    .max(1024)
    .describe('path of the recording in it: a WFDB header without .hea, or an EDF file'),
  ...openCommon,
})

/** Microvolts: whole numbers are enough for any recorder, and short in JSON. */
const microvolts = z.array(z.int().nullable())
export const signalWindow = z.strictObject({
  fs: z.number().describe('samples a second of the recording'),
  from: z.int().describe('first sample'),
  to: z.int().describe('sample after the last'),
  sampleCount: z.int().describe('of the whole recording'),
  samplesPerPoint: z.int().positive().describe('1: samples as recorded; more: lowest and highest of so many'),
  calibrated: z.boolean().describe('false: the file states no gain, and amplitudes mean little'),
  leads: z.array(
    z.strictObject({
      name: z.string(),
      lowUv: microvolts.describe('µV; null where there is no value. The samples themselves where samplesPerPoint is 1'),
      highUv: microvolts.nullable().describe('null where samplesPerPoint is 1'),
    }),
  ),
  beats: z.array(z.strictObject({ sample: z.int(), class: beatClass, confidence: share })),
  unreadable: z.array(z.strictObject({ startS: z.number(), endS: z.number(), score: share })),
})
export type SignalWindow = z.infer<typeof signalWindow>
