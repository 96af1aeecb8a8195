import { z } from 'zod'
import { evaluationAnswer } from '../evaluate/contract.ts'
import { answerStates, evaluationStates } from './domain.ts'

/** What is fixed before the run: nobody chooses a metric or a threshold after seeing the figures. */
export const newEvaluation = z.strictObject({
  version: z.string().min(1).max(100).describe('id of a model version'),
  snapshot: z.string().min(1).max(64).describe('id or digest of a snapshot that holds a dataset.json'),
  task: z.string().max(100).optional().describe('which task of the dataset; needed where it has several'),
  split: z.string().max(40).optional(),
  gates: z.array(z.string().max(200)).max(50).default([]).describe('such as "qrs_se_gross>=0.99"'),
  purpose: z.string().min(1).max(500).default('Does the model reach what its release asks for?'),
})
export type NewEvaluation = z.infer<typeof newEvaluation>

export const planSchema = z.strictObject({
  task: z.string(),
  headline: z.string(),
  metrics: z.array(z.string()),
  gates: z.array(z.string()),
  samples: z.int(),
  purpose: z.string(),
})
export type Plan = z.infer<typeof planSchema>

export const boundsSchema = z
  .array(
    z.strictObject({
      metric: z.string(),
      period: z.string().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  )
  .describe('each figure if all failed samples were wrong, and if all were right')

export const accountSchema = z.strictObject({
  asked: z.int(),
  reused: z.int(),
  reasked: z.int(),
  refused: z.int(),
  failed: z.int(),
})

export const evaluationSchema = z.strictObject({
  id: z.uuid(),
  model: z.string(),
  versionId: z.uuid(),
  modelDigest: z.string(),
  snapshotId: z.uuid(),
  taskId: z.string(),
  split: z.string().nullable(),
  state: z.enum(evaluationStates),
  plan: planSchema,
  planStatement: z.string(),
  answer: evaluationAnswer.nullable(),
  bounds: boundsSchema.nullable(),
  voidReason: z.string().nullable(),
  statement: z.string().nullable(),
  account: accountSchema,
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
})
export type Evaluation = z.infer<typeof evaluationSchema>

export const evaluationList = z.strictObject({ evaluations: z.array(evaluationSchema) })
export const sampleList = z.strictObject({
  samples: z.array(
    z.strictObject({
      sample: z.string(),
      inputKey: z.string(),
      state: z.enum(answerStates),
      timesAsked: z.int(),
      isReused: z.boolean(),
      problem: z.string().nullable(),
      reply: z.json().nullable(),
    }),
  ),
})
