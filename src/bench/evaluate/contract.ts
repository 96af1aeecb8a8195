/** The answer of `evaluate`: one line of JSON. Field names are those of `pilotbase.evaluation/1`. */
import { z } from 'zod'

const interval = z.strictObject({
  level: z.number(),
  low: z.number(),
  high: z.number(),
  method: z.enum(['bootstrap-percentile', 'bootstrap-bca']),
  B: z.int(),
  seed: z.int(),
  unit: z.enum(['group', 'item']),
  few_groups: z.boolean().describe('Fewer than 30 groups'),
})

const measured = {
  value: z.number().nullable(),
  reason: z.string().optional().describe('Why there is no value'),
  direction: z.enum(['higher', 'lower']),
  ci: interval.nullable(),
  ci_reason: z.enum(['groups', 'undefined', 'bca']).optional(),
  n: z.int().describe('Items scored'),
  n_groups: z.int(),
}
const period = z.enum(['from_5min', 'from_start']).optional()

export const evaluationFigure = z.strictObject({
  metric: z.string(),
  period,
  ...measured,
  undefined: z.int().describe('Members of a mean that had no value'),
  per: z.record(z.string(), z.number().nullable()).optional(),
})

export const evaluationGate = z.strictObject({
  gate: z.string(),
  value: z.number().nullable(),
  bound: z.number().nullable().describe('End of the interval that was compared'),
  pass: z.boolean(),
  reason: z.enum(['ok', 'bound', 'no interval', 'too few groups', 'unscored']),
})

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

export const evaluationAnswer = z.strictObject({
  schema: z.literal('pilotbase.evaluation/1'),
  task: z.string(),
  task_id: z.string(),
  dataset: z.string(),
  split: z.string().describe('`all` where every row was scored'),
  metric: z.string(),
  period,
  ...measured,
  unanswered: z.int().describe('Items without an answer that can be read; they count as wrong'),
  unscored: z.int().describe('Rows without a label'),
  undefined: z.int(),
  excluded: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
  metrics: z.array(evaluationFigure),
  model: z.string(),
  model_version: z.string().nullable(),
  model_digest: digest.nullable().describe('null: only predictions were given'),
  data_digest: digest,
  definitions: z.int(),
  program: z.string(),
  synthetic: z.boolean(),
  seconds: z.number(),
  seconds_model: z.number(),
  items_per_second: z.number().nullable(),
  device: z.string(),
  command: z.string(),
  refusals: z.record(z.string(), z.int()).describe('Rows that the model refused, by code of the problem'),
  details: z.record(z.string(), z.unknown()).describe('Tables behind the figures, by kind of task'),
  notes: z.array(z.string()),
  gates: z.array(evaluationGate).optional(),
})
export type EvaluationAnswer = z.infer<typeof evaluationAnswer>
export type EvaluationGate = z.infer<typeof evaluationGate>
