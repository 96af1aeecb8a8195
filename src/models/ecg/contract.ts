/** Shapes of the ECG endpoint: what goes in, and what comes back when the recording is in scope. */
import { z } from 'zod'

export const beatClasses = ['N', 'S', 'V', 'F', 'Q'] as const
export const beatClass = z
  .enum(beatClasses)
  .describe('AAMI class: N normal or bundle branch, S supraventricular, V ventricular, F fusion, Q paced or unknown')
export type BeatClass = z.infer<typeof beatClass>

export const ecgRequest = z.strictObject({
  fs: z.number().min(100).max(1000).describe('Samples a second, Hz'),
  leads: z
    .array(
      z.strictObject({
        name: z.string().max(40).describe('As the recorder names it, such as MLII, II, V1'),
        samplesMv: z.array(z.number().nullable()).describe('Millivolts; null where there is no value'),
      }),
    )
    .min(1)
    .max(12),
  beatsAt: z
    .array(z.int().nonnegative())
    .optional()
    .describe('Known R positions, samples: only their classes are wanted, nothing is detected'),
})
export type EcgRequest = z.infer<typeof ecgRequest>

const share = z.number().min(0).max(1)

export const ecgBeat = z.strictObject({
  sample: z.int().nonnegative().describe('R position in samples of the recording, from 0'),
  timeS: z.number().nonnegative().describe('The same in seconds'),
  class: beatClass,
  probabilities: z.record(beatClass, share).describe('Calibrated, sum 1'),
  confidence: share.describe('Probability of the given class, times that of there being a beat'),
})
export type EcgBeat = z.infer<typeof ecgBeat>

export const ecgLead = z.strictObject({
  name: z.string(),
  used: z.boolean().describe('Two leads at most are read: II (MLII) and V1 where they exist'),
  missing: share.describe('Share of samples without a value'),
  clipped: share.describe('Share of samples cut off at the end of the range'),
  spanMv: z.number().nullable().describe('max - min, millivolts'),
  verdict: z.enum(['good', 'flat', 'clipped', 'missing', 'unused']),
})

export const ecgRate = z.strictObject({
  meanBpm: z.number().nullable().describe('60 / mean RR; null below 2 beats'),
  lowestBpm: z.number().nullable().describe('Lowest of the medians of 8 successive RR; null below 9 beats'),
  highestBpm: z.number().nullable().describe('Highest of the medians of 8 successive RR; null below 9 beats'),
})

/** Inputs of a rhythm statement, not a diagnosis. NN: between two successive N beats, 0.3 to 2 s. */
export const ecgRhythm = z.strictObject({
  counts: z.record(beatClass, z.int()),
  nnMeanMs: z.number().nullable(),
  sdnnMs: z.number().nullable().describe('SD (n - 1) of NN; null below 2'),
  rmssdMs: z.number().nullable().describe('Root mean square of successive NN differences'),
  irregularity: z
    .number()
    .nullable()
    .describe('Mean |RR change| over median RR: above about 0.15 speaks for atrial fibrillation'),
  longestPauseMs: z.number().nullable().describe('Longest RR'),
  longestVRun: z.int().describe('Most V beats in a row'),
  longestSRun: z.int().describe('Most S beats in a row'),
})

export const ecgStretch = z.strictObject({
  startS: z.number(),
  endS: z.number(),
  score: share.describe('Probability that beats can be read here'),
})

export const ecgAnswer = z.strictObject({
  schema: z.literal('pilotbase.ecg/1'),
  fs: z.number(),
  durationS: z.number(),
  leads: z.array(ecgLead),
  beats: z.array(ecgBeat),
  rate: ecgRate,
  rhythm: ecgRhythm,
  unreadable: z.array(ecgStretch).describe('Pieces of 10 s in which beats cannot be trusted'),
  readableShare: share.describe('Share of the looked-at pieces in which beats can be read'),
})
export type EcgAnswer = z.infer<typeof ecgAnswer>

export const ecgCalibration = z.strictObject({
  temperature: z.number().positive(),
  bias: z.array(z.number()).length(5),
  fibrillation: z.number().describe('Taken from log p of S where intervals are uneven and P waves unlike each other'),
  detection: z.number(),
  scope: z.strictObject({
    threshold: z.number(),
    mean: z.array(z.number()).length(9),
    scale: z.array(z.number()).length(9),
    weight: z.array(z.number()).length(54),
    bias: z.number(),
  }),
})
export type EcgCalibration = z.infer<typeof ecgCalibration>
