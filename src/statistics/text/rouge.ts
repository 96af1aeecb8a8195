import { itemMean, type Metric, ratio } from '../metric.ts'
import { ngramCounts, sharedMultiset, tokensEn, tokensZh } from './tokens.ts'

export interface Rouge {
  readonly rouge1: number
  readonly rouge2: number
  readonly rougeL: number
}

export interface GeneratedText {
  readonly references: readonly string[]
  /** Null: no answer; like an empty one it scores 0. */
  readonly answer: string | null
}

/** F1 of unigrams and bigrams as multisets, and of the longest common subsequence (Lin 2004; rouge-score's arithmetic). */
export function rouge(reference: readonly string[], answer: readonly string[]): Rouge {
  return {
    rouge1: ngramF1(reference, answer, 1),
    rouge2: ngramF1(reference, answer, 2),
    rougeL: f1(longestCommon(reference, answer), reference.length, answer.length),
  }
}

export function rougeZh(reference: string, answer: string): Rouge {
  return rouge(tokensZh(reference), tokensZh(answer))
}

export function rougeEn(reference: string, answer: string): Rouge {
  return rouge(tokensEn(reference), tokensEn(answer))
}

/** Mean over items of the best reference's figure. Never a headline for clinical content. */
export function rougeMean(figure: keyof Rouge, language: 'zh' | 'en'): Metric<GeneratedText> {
  const score = language === 'zh' ? rougeZh : rougeEn
  return itemMean(figure, 'higher', ({ references, answer }) =>
    answer === null ? 0 : references.reduce((best, reference) => Math.max(best, score(reference, answer)[figure]), 0),
  )
}

function ngramF1(reference: readonly string[], answer: readonly string[], n: number): number {
  const shared = sharedMultiset(ngramCounts(reference, n), ngramCounts(answer, n))
  return f1(shared, Math.max(0, reference.length - n + 1), Math.max(0, answer.length - n + 1))
}

function f1(shared: number, inReference: number, inAnswer: number): number {
  const precision = ratio(shared, inAnswer) ?? 0
  const recall = ratio(shared, inReference) ?? 0
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}

function longestCommon(one: readonly string[], other: readonly string[]): number {
  let above = new Int32Array(other.length + 1)
  for (const token of one) {
    const row = new Int32Array(other.length + 1)
    for (const [place, beside] of other.entries()) {
      row[place + 1] = token === beside ? (above[place] ?? 0) + 1 : Math.max(above[place + 1] ?? 0, row[place] ?? 0)
    }
    above = row
  }
  return above[other.length] ?? 0
}
