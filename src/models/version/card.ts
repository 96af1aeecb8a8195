import { z } from 'zod'

const text = z.string().min(1).max(20_000)
/** A text, or the same text in both languages. */
const words = z.union([text, z.looseObject({ en: text, zh: text })])
const list = z.array(text).max(200)
const wordsOrList = z.union([words, list, z.looseObject({ en: list, zh: list })])
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * What a model's card must say in a form that the base reads (pilotbase.card/1); anything else that it says is kept as it
 * stands. The card is written by whoever made the model and travels with the weights.
 */
export const modelCard = z
  .looseObject({
    schema: z.literal('pilotbase.card/1').optional(),
    model: z.string().min(1).max(200),
    version: z.string().max(100).optional(),
    title: words.optional(),
    what: wordsOrList.optional(),
    intended_use: wordsOrList.optional().describe('for whom, on what input, for which decision'),
    limits: wordsOrList.optional(),
    licence: z.string().max(2000).optional().describe('of the weights'),
    files: z
      .array(z.looseObject({ path: z.string().min(1), sha256 }))
      .optional()
      .describe('the weights that the card is about'),
    training_data: z.array(z.looseObject({ name: text, licence: text.optional(), use: text.optional() })).optional(),
    synthetic: z.boolean().optional().describe('true when it learnt from synthetic data alone'),
  })
  .describe('Model card')
export type ModelCard = z.infer<typeof modelCard>

/** The card's title in English, or the model's name. */
export function titleOf({ title, model }: ModelCard): string {
  if (title === undefined) return model
  return typeof title === 'string' ? title : title.en
}
