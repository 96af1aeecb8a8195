import { itemMean, type Metric } from '../metric.ts'

/** Candidates of one question, each right or wrong, with the model's score. */
export interface CandidateQuestion {
  readonly right: readonly boolean[]
  readonly score: readonly number[]
}

/**
 * Rank of the first right candidate, by score descending; of equal scores the wrong come first, so that a model which scores
 * all alike gains nothing. Null for questions that decide nothing: fewer than two candidates, or none right.
 */
export function firstRightRank({ right, score }: CandidateQuestion): number | null {
  if (right.length !== score.length) throw new RangeError('every candidate needs a score')
  if (score.some(Number.isNaN)) throw new RangeError('a score is not a number')
  if (right.length < 2 || !right.includes(true)) return null
  const best = score.reduce(
    (top, value, index) => (right[index] ? Math.max(top, value) : top),
    Number.NEGATIVE_INFINITY,
  )
  return 1 + score.filter((value, index) => !right[index] && value >= best).length
}

/** Mean over the questions that count; `undefined` counts the others. */
export const candidateMrr: Metric<CandidateQuestion> = itemMean('mrr', 'higher', (question) => {
  const rank = firstRightRank(question)
  return rank === null ? null : 1 / rank
})

/** Share of questions whose best candidate is right: the headline of `rank`. */
export const candidateP1: Metric<CandidateQuestion> = itemMean('p@1', 'higher', (question) => {
  const rank = firstRightRank(question)
  return rank === null ? null : rank === 1 ? 1 : 0
})
