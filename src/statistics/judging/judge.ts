import { accuracyOf, confusion, kappaOf } from '../classification/confusion.ts'
import { itemMean, type Metric, ratio } from '../metric.ts'

/** A yes/no criterion of a rubric; a negative weight is harm. */
export interface Criterion {
  readonly weight: number
  readonly met: boolean
}

export interface RubricScore {
  readonly raw: number | null
  /** Clipped to 0 .. 1. */
  readonly score: number | null
  /** A criterion of negative weight was met: the item fails whatever else is right. */
  readonly harm: boolean
}

/** Met weights over positive weights. A rubric without a positive weight has no score. */
export function rubricScore(criteria: readonly Criterion[]): RubricScore {
  let met = 0
  let positive = 0
  for (const criterion of criteria) {
    if (criterion.met) met += criterion.weight
    if (criterion.weight > 0) positive += criterion.weight
  }
  const raw = ratio(met, positive)
  return {
    raw,
    score: raw === null ? null : Math.min(1, Math.max(0, raw)),
    harm: criteria.some(({ weight, met: isMet }) => weight < 0 && isMet),
  }
}

/** A grade 1 .. 5 as 0 .. 1. */
export function gradeScore(grade: number): number {
  if (!(grade >= 1 && grade <= 5)) throw new RangeError(`a grade lies in 1 to 5, got ${grade}`)
  return (grade - 1) / 4
}

/** What a judge said of an answer: null where it abstained. */
export interface Judged {
  readonly score: number | null
}

/** Mean over the answers judged; abstentions are counted in `undefined` and never filled. */
export const judgeMean: Metric<Judged> = itemMean('judge', 'higher', ({ score }) => score)

/** An answer graded by two clinicians and the judge, on the scale of `labels`. */
export interface DoublyGraded {
  readonly human: number
  readonly secondHuman: number
  readonly judge: number
}

export interface JudgeAgreement {
  readonly n: number
  readonly exact: number | null
  readonly kappa: number | null
  readonly kappaQuadratic: number | null
  /** The clinicians' own quadratic kappa. */
  readonly ceiling: number | null
  /** Judge minus human. */
  readonly meanBias: number | null
}

export function judgeAgreement(graded: readonly DoublyGraded[], scale: readonly number[]): JudgeAgreement {
  const labels = scale.map(String)
  const table = (other: (item: DoublyGraded) => number) =>
    confusion(
      graded.map((item) => ({ gold: String(item.human), predicted: String(other(item)) })),
      labels,
    )
  const judge = table(({ judge: grade }) => grade)
  return {
    n: graded.length,
    exact: accuracyOf(judge),
    kappa: kappaOf(judge),
    kappaQuadratic: kappaOf(judge, 'quadratic'),
    ceiling: kappaOf(
      table(({ secondHuman }) => secondHuman),
      'quadratic',
    ),
    meanBias: ratio(
      graded.reduce((sum, { human, judge: grade }) => sum + (grade - human), 0),
      graded.length,
    ),
  }
}

export type JudgeRefusal = 'too few answers' | 'lower bound of kappa' | 'below the clinicians' | 'order' | 'first place'

export interface JudgeEvidence {
  readonly agreement: JudgeAgreement
  /** Lower end of the interval of the quadratic kappa; null without an interval. */
  readonly kappaLow: number | null
  readonly bias: PositionBias
}

const leastAnswers = 100
const leastKappaLow = 0.6
const belowCeiling = 0.1
const leastConsistent = 0.9
const firstRateRange = [0.45, 0.55] as const

/** Why a judge may not be used; empty when it may. */
export function judgeRefusals({ agreement, kappaLow, bias }: JudgeEvidence): JudgeRefusal[] {
  const { n, kappaQuadratic, ceiling } = agreement
  const refusals: JudgeRefusal[] = []
  if (n < leastAnswers) refusals.push('too few answers')
  if (kappaLow === null || kappaLow < leastKappaLow) refusals.push('lower bound of kappa')
  if (kappaQuadratic === null || ceiling === null || kappaQuadratic < ceiling - belowCeiling) {
    refusals.push('below the clinicians')
  }
  if (bias.consistent === null || bias.consistent < leastConsistent) refusals.push('order')
  const [low, high] = firstRateRange
  if (bias.firstRate === null || bias.firstRate < low || bias.firstRate > high) refusals.push('first place')
  return refusals
}

export type Verdict = 'first' | 'second' | 'tie'

export interface PositionBias {
  /** Share of comparisons in which the same answer wins when the order is swapped. */
  readonly consistent: number | null
  /** Share of the decided verdicts of both runs that went to the first place: 0.5 is unbiased. */
  readonly firstRate: number | null
}

/** The second run shows the two answers of each comparison in the other order. */
export function positionBias(runs: readonly (readonly [Verdict, Verdict])[]): PositionBias {
  const swapped = { first: 'second', second: 'first', tie: 'tie' } as const
  const verdicts = runs.flat()
  const decided = verdicts.filter((verdict) => verdict !== 'tie')
  return {
    consistent: ratio(runs.filter(([one, other]) => one === swapped[other]).length, runs.length),
    firstRate: ratio(decided.filter((verdict) => verdict === 'first').length, decided.length),
  }
}
