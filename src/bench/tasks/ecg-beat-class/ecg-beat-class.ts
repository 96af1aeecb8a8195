/** The AAMI class of beats whose places are given. An item is a beat, `record:sample`; a group is a patient. */
import { z } from 'zod'
import { type BeatClass, beatClass, beatClasses } from '../../../statistics/index.ts'
import type { DatasetRow } from '../../datasets/rows.ts'
import { problem } from '../../problems.ts'
import { pacedOf } from '../ecg/mitdb.ts'
import { ecgReference } from '../ecg/reference.ts'
import type { AnsweredRow, TaskFamily } from '../family.ts'
import { beatClassMetricIds, scoreClasses } from './score.ts'

export interface ClassGold {
  readonly beats: readonly { readonly sample: number; readonly gold: BeatClass }[]
}

/** One class a beat, in the order of the reference; null where there is none. */
const classAnswer = z.array(z.string().nullable())
export type ClassAnswer = z.infer<typeof classAnswer>

export const ecgBeatClass: TaskFamily<ClassGold, ClassAnswer> = {
  id: 'ecg-beat-class',
  headline: 'f1_macro_NSVF',
  metrics: beatClassMetricIds,
  showsExcluded: false,
  answer: classAnswer,
  excludes: pacedOf,

  async load(row, source) {
    const reference = await ecgReference(row, source)
    if (reference === null) return null
    const { recording, annotations, hasClasses, synthetic } = reference
    if (!hasClasses) {
      const { file, line } = row
      const expected = 'an annotation file: positions alone carry no classes'
      throw problem('bench.data-cell', { file, line, field: 'columns.label', value: row.id, expected })
    }
    const beats = annotations
      .flatMap(({ sample, symbol }) => {
        const gold = beatClass(symbol, source.task.map ?? 'aami')
        return gold === null ? [] : [{ sample, gold }]
      })
      .toSorted((one, other) => one.sample - other.sample)
    const inside = beats.filter(({ sample }) => sample >= 0 && sample < recording.sampleCount)
    const beatsAt = [...new Set(inside.map(({ sample }) => sample))]
    return { gold: { beats }, question: { kind: 'ecg', recording, beatsAt }, synthetic }
  },

  answerOf({ beats }, gold) {
    const named = new Map(beats.map((beat) => [beat.sample, beat.class]))
    return gold.beats.map(({ sample }) => named.get(sample) ?? null)
  },

  itemIds,

  lines({ row, gold, answer }: AnsweredRow<ClassGold, ClassAnswer>) {
    return itemIds(row, gold).map((id, place) => {
      const prediction = answer?.[place] ?? null
      return { id, group: row.group, prediction, score: prediction === gold.beats[place]?.gold ? 1 : 0 }
    })
  },

  answerFrom(predictions, row, gold) {
    const answer = itemIds(row, gold).map((id) => {
      const prediction = predictions.get(id)
      return typeof prediction === 'string' ? prediction : null
    })
    return answer.every((one) => one === null) ? null : answer
  },

  score({ task, rows }) {
    const records = rows.map(({ row, gold, answer }) => ({
      row,
      beats: gold.beats.map((beat, place) => ({ gold: beat.gold, predicted: known(answer?.[place] ?? null) })),
    }))
    const answers = rows.flatMap(({ gold, answer }) => gold.beats.map((_, place) => answer?.[place] ?? null))
    const unanswered = answers.filter((answer) => answer === null).length
    return { n: answers.length, unanswered, ...scoreClasses(records, task) }
  },
}

/** `record:sample`; of two beats on one sample the second is `record:sample:1`. */
function itemIds(row: DatasetRow, gold: ClassGold): string[] {
  return gold.beats.map(({ sample }, place) => {
    const before = gold.beats[place - 1]?.sample === sample ? ':1' : ''
    return `${row.id}:${sample}${before}`
  })
}

/** A class outside the five is a wrong answer, like none. */
function known(answer: string | null): BeatClass | null {
  return beatClasses.find((name) => name === answer) ?? null
}
