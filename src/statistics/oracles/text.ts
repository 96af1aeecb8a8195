import { groupBy } from '../inference/groups.ts'
import { answerLetters } from '../text/letters.ts'
import { shuffleConsistent } from '../text/choices.ts'
import { bleu4 } from '../text/bleu.ts'
import { keyPointHits, keyPointRecall, macroRecall } from '../text/key-points.ts'
import { rougeZh } from '../text/rouge.ts'
import { tokensZh } from '../text/tokens.ts'
import type { Runners } from './runner.ts'

interface Pair {
  readonly reference: string
  readonly answer: string
}
interface Points {
  readonly key_points: string[][]
  readonly answer: string
}

export const letters: Runners = {
  answer_letters: ({ text, options, multiple }: { text: string; options: Record<string, string>; multiple: boolean }) =>
    answerLetters(text, options, multiple)?.join('') ?? null,
  shuffle_consistent_accuracy: ({ item, correct }: { item: string[]; correct: number[] }) => {
    const shuffles = groupBy(
      item.map((name, index) => ({ name, right: correct[index] === 1 })),
      ({ name }) => name,
    ).map((group) => ({ correct: group.map(({ right }) => right) }))
    return {
      accuracy: correct.reduce((sum, value) => sum + value, 0) / correct.length,
      consistent: shuffleConsistent.compute(shuffles).value,
    }
  },
}

export const textZh: Runners = {
  tokens_zh: ({ text }: { text: string }) => tokensZh(text),
  rouge_zh: ({ reference, answer }: Pair) => rougeZh(reference, answer),
  bleu_zh: ({ reference, answer }: Pair) => ({
    bleu4: bleu4('zh').compute([{ references: [reference], answer }]).value,
  }),
  bleu_zh_corpus: ({ references, answers }: { references: string[]; answers: string[] }) => {
    const items = references.map((reference, index) => ({ references: [reference], answer: answers[index] ?? '' }))
    return { bleu4: bleu4('zh').compute(items).value }
  },
  key_point_recall: ({ key_points: keyPoints, answer }: Points) => ({
    hit: keyPointHits(keyPoints, answer),
    recall: keyPointRecall({ keyPoints, answer }),
  }),
  key_point_macro_recall: ({ cases }: { cases: string[] }, file) => {
    const items = cases.map((name) => {
      const named = file.cases.find((one) => one.metric === 'key_point_recall' && one.name === name)
      if (!named) throw new Error(`there is no case ${name}`)
      const { key_points: keyPoints, answer } = named.input as unknown as Points
      return { keyPoints, answer }
    })
    return { macro_recall: macroRecall.compute(items).value }
  },
}
