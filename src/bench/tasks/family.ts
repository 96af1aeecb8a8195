/**
 * One kind of task: what a row asks, what a prediction looks like, how answers are scored. A member is a folder here and a
 * line in the registry. Methods, not function properties, so that members of any item type stand in one list.
 */
import type { z } from 'zod'
import type { RecordingSource } from '../datasets/recordings.ts'
import type { DatasetRow } from '../datasets/rows.ts'
import type { DatasetTask } from '../datasets/manifest.ts'
import type { Figure } from './figure.ts'
import type { Question, Reply } from './question.ts'

/** Where a row's input and label come from. */
export interface TaskSource extends RecordingSource {
  readonly task: DatasetTask
}

/** A row that can be asked and scored. `gold` stays in memory until the end, `question` only until it is answered. */
export interface LoadedRow<Gold> {
  readonly gold: Gold
  readonly question: Question
  /** True for data that a generator made. */
  readonly synthetic: boolean
}

/** One line of the predictions file. */
export interface PredictionLine {
  readonly id: string
  readonly group: string | null
  /** Null: no answer. */
  readonly prediction: unknown
  /** The item's own figure, or 1 and 0 for right and wrong; null where it has none. */
  readonly score: number | null
}

/** An answered row. `answer` null: refused, crashed, or not in the file; every item of the row then counts as wrong. */
export interface AnsweredRow<Gold, Answer> {
  readonly row: DatasetRow
  readonly gold: Gold
  readonly answer: Answer | null
}

export interface TaskScore {
  /** Items scored. */
  readonly n: number
  /** Items without an answer that can be read; they are wrong. */
  readonly unanswered: number
  readonly figures: readonly Figure[]
  /** Tables behind the figures (confusion, pairs), plain JSON. */
  readonly details: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
}

export interface ScoreSetting<Gold, Answer> {
  readonly task: DatasetTask
  readonly rows: readonly AnsweredRow<Gold, Answer>[]
  /** Excluded rows, answered all the same where `showsExcluded`. */
  readonly apart: readonly (AnsweredRow<Gold, Answer> & { readonly reason: string })[]
}

export interface TaskFamily<Gold = unknown, Answer = unknown> {
  readonly id: string
  /** Metric at the top of the answer where the manifest names none. */
  readonly headline: string
  /** Every metric that `score` may report. */
  readonly metrics: readonly string[]
  /** Whether figures of excluded rows are shown apart; then they are asked too. */
  readonly showsExcluded: boolean
  /** Shape of an answer of one row. */
  readonly answer: z.ZodType<Answer>
  /** Rows that the definition leaves out, whatever the manifest says: id to reason. */
  excludes(rows: readonly DatasetRow[]): ReadonlyMap<string, string>
  /** Null: the row has no label, so it cannot be scored. */
  load(row: DatasetRow, source: TaskSource): Promise<LoadedRow<Gold> | null>
  answerOf(reply: Reply, gold: Gold): Answer
  /** One line an item, in order. */
  lines(answered: AnsweredRow<Gold, Answer>, task: DatasetTask): PredictionLine[]
  /** The same backwards: prediction by item id. Items that are absent have no answer. */
  answerFrom(predictions: ReadonlyMap<string, unknown>, row: DatasetRow, gold: Gold): Answer | null
  /** Ids of the items of a row, in order. */
  itemIds(row: DatasetRow, gold: Gold): readonly string[]
  score(setting: ScoreSetting<Gold, Answer>): TaskScore
}
