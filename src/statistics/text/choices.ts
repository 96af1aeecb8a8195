import { itemMean, type Metric } from '../metric.ts'
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

/** An item with all its option shuffles, each right or wrong. */
export interface ShuffledItem {
  readonly correct: readonly boolean[]
}

/** Share of items all of whose option shuffles are right (MedBench V4 ships five); an item without any is left out. */
export const shuffleConsistent: Metric<ShuffledItem> = itemMean('shuffle_consistent', 'higher', ({ correct }) =>
  correct.length === 0 ? null : correct.every(Boolean) ? 1 : 0,
)
