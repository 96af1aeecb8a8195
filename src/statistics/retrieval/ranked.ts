import { itemMean, type Metric, ratio } from '../metric.ts'

/** Document to grade; below 1 is not relevant, a document without a grade is unjudged. */
export type Judgements = Readonly<Record<string, number>>

/** One query: what was judged and what was found, in any order. */
export interface RankedQuery {
  readonly judged: Judgements
  /** Empty: no answer, which scores 0. */
  readonly found: readonly (readonly [document: string, score: number])[]
}

export const retrievalDepth = 1000

/** Documents by score descending, equal scores by id descending in byte order (trec_eval); the first 1,000. */
export function ranking({ found }: RankedQuery): string[] {
  const seen = new Set<string>()
  for (const [document, score] of found) {
    if (Number.isNaN(score)) throw new RangeError(`the score of ${document} is not a number`)
    if (seen.has(document)) throw new RangeError(`document ${document} is listed twice for one query`)
    seen.add(document)
  }
  return found
    .toSorted(([one, a], [other, b]) => b - a || byCodePoint(other, one))
    .slice(0, retrievalDepth)
    .map(([document]) => document)
}

/** Order of UTF-8 bytes, which is that of code points and not that of JavaScript's strings. */
export function byCodePoint(one: string, other: string): number {
  const a = [...one]
  const b = [...other]
  for (const [place, character] of a.entries()) {
    const beside = b[place]
    if (beside === undefined) return 1
    const difference = (character.codePointAt(0) ?? 0) - (beside.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** A figure of one query from its grades in rank order and all its judged grades. */
type Figure = (grades: readonly number[], judged: readonly number[]) => number

const relevant = (grade: number): boolean => grade >= 1
const gain = (grade: number): number => Math.max(0, grade)

function discounted(grades: readonly number[], k: number): number {
  let sum = 0
  for (const [place, grade] of grades.slice(0, k).entries()) sum += gain(grade) / Math.log2(place + 2)
  return sum
}

export const figures = {
  ndcg:
    (k: number): Figure =>
    (grades, judged) => {
      const ideal = discounted(
        judged.toSorted((one, other) => other - one),
        k,
      )
      return ratio(discounted(grades, k), ideal) ?? 0
    },
  recall:
    (k: number): Figure =>
    (grades, judged) =>
      ratio(grades.slice(0, k).filter(relevant).length, judged.filter(relevant).length) ?? 0,
  precision:
    (k: number): Figure =>
    (grades) =>
      grades.slice(0, k).filter(relevant).length / k,
  mrr:
    (k: number): Figure =>
    (grades) => {
      const place = grades.slice(0, k).findIndex(relevant)
      return place < 0 ? 0 : 1 / (place + 1)
    },
  map: (): Figure => (grades, judged) => {
    let hits = 0
    let sum = 0
    for (const [place, grade] of grades.entries()) {
      if (!relevant(grade)) continue
      hits++
      sum += hits / (place + 1)
    }
    return ratio(sum, judged.filter(relevant).length) ?? 0
  },
} as const

/** A figure of one query; 0 without a relevant document, as trec_eval prints it (the means leave such queries out). */
export function queryFigure(query: RankedQuery, figure: Figure): number {
  const grades = ranking(query).map((document) => grade(query.judged, document))
  return figure(grades, Object.values(query.judged))
}

function grade(judged: Judgements, document: string): number {
  return Object.hasOwn(judged, document) ? (judged[document] ?? 0) : 0
}

/** Mean over the queries with a relevant document; `undefined` counts those without. */
function overQueries(id: string, figure: Figure): Metric<RankedQuery> {
  return itemMean(id, 'higher', (query) =>
    Object.values(query.judged).some(relevant) ? queryFigure(query, figure) : null,
  )
}

export const ndcgAtK = (k: number): Metric<RankedQuery> => overQueries(`ndcg@${k}`, figures.ndcg(k))
export const retrievalRecallAtK = (k: number): Metric<RankedQuery> => overQueries(`recall@${k}`, figures.recall(k))
export const retrievalPrecisionAtK = (k: number): Metric<RankedQuery> =>
  overQueries(`precision@${k}`, figures.precision(k))
export const mrrAtK = (k: number): Metric<RankedQuery> => overQueries(`mrr@${k}`, figures.mrr(k))
export const meanAveragePrecision: Metric<RankedQuery> = overQueries('map', figures.map())
