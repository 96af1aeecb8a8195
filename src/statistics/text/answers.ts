import { itemMean, type Metric } from '../metric.ts'
import { ngramCounts, sharedMultiset, tokensZh } from './tokens.ts'

export type AnswerLanguage = 'en' | 'zh'

export interface SpanAnswer {
  readonly gold: readonly string[]
  /** Null: no answer, which is wrong. */
  readonly predicted: string | null
}

// string.punctuation of Python, as the SQuAD script removes it.
const asciiPunctuation = /[!-/:-@[-`{-~]/g

/** SQuAD 1.1: lower case, ASCII punctuation and a, an, the removed, white space joined. */
export function answerTokensEn(text: string): string[] {
  return text
    .toLowerCase()
    .replace(asciiPunctuation, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .split(/\s+/u)
    .filter((token) => token !== '')
}

/** Chinese: NFKC, ASCII punctuation removed, then our tokens; no articles. */
export function answerTokensZh(text: string): string[] {
  return tokensZh(text.normalize('NFKC').replace(asciiPunctuation, ''))
}

export interface AnswerScore {
  readonly exact: number
  readonly f1: number
}

/** Exact match and F1 of tokens as multisets, each the best over the references (Rajpurkar 2016). */
export function answerScore(gold: readonly string[], predicted: string, language: AnswerLanguage = 'en'): AnswerScore {
  const tokens = language === 'en' ? answerTokensEn : answerTokensZh
  const named = tokens(predicted)
  let exact = 0
  let best = 0
  for (const reference of gold) {
    const truth = tokens(reference)
    if (truth.join(' ') === named.join(' ')) exact = 1
    const shared = sharedMultiset(ngramCounts(truth, 1), ngramCounts(named, 1))
    if (shared === 0) continue
    // Precision and recall first, as the script has it: the digits then agree.
    const precision = shared / named.length
    const recall = shared / truth.length
    best = Math.max(best, (2 * precision * recall) / (precision + recall))
  }
  return { exact, f1: best }
}

export function answerF1(language: AnswerLanguage): Metric<SpanAnswer> {
  return itemMean('answer_f1', 'higher', ({ gold, predicted }) =>
    predicted === null ? 0 : answerScore(gold, predicted, language).f1,
  )
}

export function answerExact(language: AnswerLanguage): Metric<SpanAnswer> {
  return itemMean('exact', 'higher', ({ gold, predicted }) =>
    predicted === null ? 0 : answerScore(gold, predicted, language).exact,
  )
}

/** A factoid question with synonyms of its answer and ranked candidates. */
export interface Factoid {
  readonly gold: readonly string[]
  readonly answers: readonly string[]
}

const factoidDepth = 5

/** Rank of the first of at most five candidates that equals a synonym after lower case and trim, or null. */
export function factoidRank({ gold, answers }: Factoid): number | null {
  const plain = (text: string) => text.toLowerCase().trim()
  const truth = new Set(gold.map(plain))
  const place = answers.slice(0, factoidDepth).findIndex((answer) => truth.has(plain(answer)))
  return place < 0 ? null : place + 1
}

/** BioASQ Task B: the headline, mean of 1 / rank; strict is the first candidate, lenient any of the five. */
export const factoidMrr: Metric<Factoid> = factoid('bioasq_factoid', (rank) => (rank === null ? 0 : 1 / rank))
export const factoidStrict: Metric<Factoid> = factoid('bioasq_strict', (rank) => (rank === 1 ? 1 : 0))
export const factoidLenient: Metric<Factoid> = factoid('bioasq_lenient', (rank) => (rank === null ? 0 : 1))

function factoid(id: string, score: (rank: number | null) => number): Metric<Factoid> {
  return itemMean(id, 'higher', (question) => score(factoidRank(question)))
}
