import { z } from 'zod'

const text = z.string().min(1).max(20_000)
/** A text, or the same text in both languages. */
const words = z.union([text, z.looseObject({ en: text, zh: text })])
const wordsOrList = z.union([words, z.array(words)])

/**
 * What a model's card must say in a form that the base reads; anything else that it says is kept as it stands. The card
 * is written by whoever made the model and travels with the weights.
 */
export const modelCard = z
  .looseObject({
    name: z.string().min(1).max(200),
    title: words.optional(),
    version: z.string().max(100).optional(),
    licence: z.string().max(200).optional(),
    description: wordsOrList.optional(),
    intendedUse: wordsOrList.optional().describe('for whom, on what input, for which decision'),
    notFor: wordsOrList.optional(),
    limitations: wordsOrList.optional(),
    synthetic: z.boolean().optional().describe('true when any of the data that it learnt from is synthetic'),
  })
  .describe('Model card')
export type ModelCard = z.infer<typeof modelCard>

/** The card's title in English, or its name. */
export function titleOf(card: ModelCard): string {
  const { title } = card
  if (title === undefined) return card.name
  return typeof title === 'string' ? title : title.en
}
