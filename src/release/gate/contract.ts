import { z } from 'zod'
import { gatedStages, stages } from '../release/domain.ts'

const bothSchema = z.strictObject({ en: z.string(), zh: z.string() })

export const checkSchema = z.strictObject({
  id: z.string(),
  title: bothSchema,
  outcome: z.enum(['pass', 'fail', 'not-assessed']),
  required: bothSchema.describe('what the policy asks for'),
  observed: bothSchema.nullable().describe('what the signed statements say; null when nothing was assessed'),
  evidence: z.array(z.string()).readonly().describe('digests of the statements that it was read from'),
})
export type Check = z.infer<typeof checkSchema>

export const gateSchema = z.strictObject({
  from: z.enum(stages),
  to: z.enum(gatedStages),
  policyVersion: z.int(),
  outcome: z.enum(['open', 'shut']),
  checks: z.array(checkSchema),
})
export type Gate = z.infer<typeof gateSchema>
