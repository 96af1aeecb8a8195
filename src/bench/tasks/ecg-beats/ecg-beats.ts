/** Where the beats are and what they are, beat by beat as `bxb` compares (EC57). An item is a record. */
import { z } from 'zod'
import { type BeatAnnotation, beatByBeat, beatScore, type BeatsByPeriod } from '../../../statistics/index.ts'
import { ecgReference } from '../ecg/reference.ts'
import { pacedOf } from '../ecg/mitdb.ts'
import type { AnsweredRow, TaskFamily } from '../family.ts'
import { beatMetricIds, type ComparedRecord, scoreBeats } from './score.ts'

export interface BeatsGold {
  readonly annotations: readonly BeatAnnotation[]
  /** False: the reference has positions only, so that classes are not compared. */
  readonly hasClasses: boolean
  readonly fs: number
  readonly samples: number
}

const beatsAnswer = z
  .strictObject({
    samples: z.array(z.int().nonnegative()).describe('Positions of the beats, samples of the record from 0'),
    symbols: z.string().optional().describe('One WFDB symbol a beat; without them every beat is N'),
  })
  .refine(({ samples, symbols }) => symbols === undefined || symbols.length === samples.length, 'one symbol a beat')
export type BeatsAnswer = z.infer<typeof beatsAnswer>

export const ecgBeats: TaskFamily<BeatsGold, BeatsAnswer> = {
  id: 'ecg-beats',
  headline: 'qrs_f1_gross',
  metrics: beatMetricIds,
  showsExcluded: true,
  answer: beatsAnswer,
  excludes: pacedOf,

  async load(row, source) {
    const reference = await ecgReference(row, source)
    if (reference === null) return null
    const { recording, annotations, hasClasses, synthetic } = reference
    const gold = { annotations, hasClasses, fs: recording.fs, samples: recording.sampleCount }
    return { gold, question: { kind: 'ecg', recording }, synthetic }
  },

  answerOf: ({ beats }) => ({
    samples: beats.map(({ sample }) => sample),
    symbols: beats.map((beat) => beat.class).join(''),
  }),

  itemIds: ({ id }) => [id],

  lines(answered, task) {
    const { row, answer } = answered
    const { from_5min, from_start } = compare(answered, task.map).pairs
    const score = beatScore(from_5min ?? from_start).qrs_f1
    return [{ id: row.id, group: row.group, prediction: answer, score }]
  },

  answerFrom(predictions, { id }) {
    const parsed = beatsAnswer.safeParse(predictions.get(id))
    return parsed.success ? parsed.data : null
  },

  score: ({ task, rows, apart }) => {
    const scored = scoreBeats(
      rows.map((row) => compare(row, task.map)),
      apart.map((row) => ({ ...compare(row, task.map), reason: row.reason })),
      task,
    )
    return { n: rows.length, unanswered: rows.filter(({ answer }) => answer === null).length, ...scored }
  },
}

/** A refused record has no beats found: all of its own are missed. */
function compare(
  { row, gold, answer }: AnsweredRow<BeatsGold, BeatsAnswer>,
  map: 'aami' | 'bxb' = 'bxb',
): ComparedRecord & { readonly pairs: BeatsByPeriod } {
  const symbols = gold.hasClasses ? answer?.symbols : undefined
  const found = (answer?.samples ?? []).map((sample, place) => ({ sample, symbol: symbols?.[place] ?? 'N' }))
  return { row, hasClasses: gold.hasClasses, pairs: beatByBeat(gold.annotations, found, gold, map) }
}
