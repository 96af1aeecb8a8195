import { itemMean, type Metric, measured, metric } from '../metric.ts'
import { setOverlap } from '../entities/sets.ts'

/** A choice item with letters already taken from its answer. */
export interface Choice {
  readonly gold: readonly string[]
  /** Null: unanswered, wrong. */
  readonly predicted: readonly string[] | null
}

function isRight({ gold, predicted }: Choice): boolean {
  return predicted !== null && setOverlap(gold, predicted).jaccard === 1
}

/** Share of items with exactly the right set of letters. */
export const choiceAccuracy: Metric<Choice> = itemMean('accuracy', 'higher', (item) => (isRight(item) ? 1 : 0))

/** Mean Jaccard of the letter sets. */
export const choiceJaccard: Metric<Choice> = itemMean('jaccard', 'higher', ({ gold, predicted }) =>
  predicted === null ? 0 : setOverlap(gold, predicted).jaccard,
)

/** One shuffle of an item's options: `item` is shared by all its shuffles. */
export interface Shuffle {
  readonly item: string
  readonly correct: boolean
}

/** Share of items all of whose option shuffles are right (MedBench V4 ships five). */
export const shuffleConsistent: Metric<Shuffle> = metric('shuffle_consistent', 'higher', (shuffles) => {
  const right = new Map<string, boolean>()
  for (const { item, correct } of shuffles) right.set(item, correct && (right.get(item) ?? true))
  const all = [...right.values()].filter(Boolean).length
  return measured(right.size === 0 ? null : all / right.size, 'no items')
})
