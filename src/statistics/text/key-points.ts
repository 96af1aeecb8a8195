import { itemMean, type Metric } from '../metric.ts'

/** Points a reference must mention, each with its accepted forms. */
export type KeyPoints = readonly (readonly string[])[]

export interface KeyPointAnswer {
  readonly keyPoints: KeyPoints
  /** Null: no answer, which hits nothing. */
  readonly answer: string | null
}

/** NFKC, lower case, white space and punctuation removed. */
export function plainForm(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, '')
}

/** Which points are hit: one of a point's forms is a substring of the answer. A form of punctuation alone hits nothing. */
export function keyPointHits(keyPoints: KeyPoints, answer: string): boolean[] {
  const said = plainForm(answer)
  return keyPoints.map((forms) =>
    forms.some((form) => {
      const plain = plainForm(form)
      return plain !== '' && said.includes(plain)
    }),
  )
}

/** Hits over points; no points: null. */
export function keyPointRecall({ keyPoints, answer }: KeyPointAnswer): number | null {
  if (keyPoints.length === 0) return null
  return keyPointHits(keyPoints, answer ?? '').filter(Boolean).length / keyPoints.length
}

/** Mean over items (MedBench). Negated mentions hit too, so it never stands alone. */
export const macroRecall: Metric<KeyPointAnswer> = itemMean('macro_recall', 'higher', keyPointRecall)
