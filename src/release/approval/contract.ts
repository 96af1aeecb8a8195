import { z } from 'zod'
import { gatedStages, stages } from '../release/domain.ts'

export const approvalSchema = z.strictObject({
  from: z.enum(stages),
  to: z.enum(gatedStages),
  person: z.string().describe('name, as signed'),
  organisation: z.string().nullable().describe('name, as signed'),
  role: z.literal('approver'),
  decision: z.enum(['approved', 'refused']),
  reason: z.string(),
  statement: z.string().describe('digest of the signed statement'),
  decidedAt: z.iso.datetime(),
})
export type Approval = z.infer<typeof approvalSchema>

export const newApproval = z.strictObject({
  to: z.enum(gatedStages).describe('the stage that it is for: the next one'),
  decision: z.enum(['approved', 'refused']),
  conditions: z.array(z.string().min(1).max(500)).max(20).default([]),
  reason: z.string().min(1).max(2000),
})
export type NewApproval = z.infer<typeof newApproval>
