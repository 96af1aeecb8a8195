import { z } from 'zod'

const name = z.string().min(1).max(200)

/** A figure that must be reached by the unfavourable end of its interval, never by its value alone. */
export const metricRule = z
  .strictObject({
    task: name.describe('id of the task of the benchmark'),
    metric: name,
    atLeast: z.number().optional().describe('the lower end of the interval must reach it'),
    atMost: z.number().optional().describe('the upper end of the interval must not exceed it'),
    minGroups: z.int().min(1).default(30).describe('fewest groups (people, recordings) that may carry the decision'),
    level: z.number().gt(0).lt(1).default(0.95).describe('lowest level of the interval'),
    dataset: name.optional().describe('name or SHA-256 of the snapshot that it must be measured on'),
    notSynthetic: z.boolean().default(false).describe('true: figures on synthetic data do not count'),
  })
  .refine((rule) => (rule.atLeast === undefined) !== (rule.atMost === undefined), {
    error: 'name one of atLeast and atMost',
    path: ['atLeast'],
  })
export type MetricRule = z.infer<typeof metricRule>

export const evidenceKinds = ['snapshot', 'training', 'evaluation-plan', 'evaluation', 'decision'] as const
export type EvidenceKind = (typeof evidenceKinds)[number]

/** Signed statements that must be there. */
export const evidenceRule = z.strictObject({
  kind: z.enum(evidenceKinds),
  from: name.optional().describe('party whose key must have signed it'),
  notSynthetic: z.boolean().default(false).describe('true: statements on synthetic data do not count'),
  atLeast: z.int().min(1).max(1_000_000).default(1).describe('how many'),
})
export type EvidenceRule = z.infer<typeof evidenceRule>

export const approvalRule = z.strictObject({
  count: z.int().min(0).max(10),
  role: z.literal('approver').default('approver'),
  parties: z
    .array(name)
    .max(20)
    .default([])
    .describe('kinds of organisations (hospital, company, research, government) or their names; empty: any'),
  distinctOrganisations: z.boolean().default(false).describe('true: no two of the approvals from one organisation'),
})
export type ApprovalRule = z.infer<typeof approvalRule>

export const gateRule = z.strictObject({
  metrics: z.array(metricRule).max(50).default([]),
  evidence: z.array(evidenceRule).max(50).default([]),
  approvals: approvalRule,
})
export type GateRule = z.infer<typeof gateRule>

const liveRule = gateRule
  .refine((gate) => gate.approvals.count >= 1, {
    error: 'nothing goes live without an approval',
    path: ['approvals', 'count'],
  })
  .refine((gate) => gate.metrics.length + gate.evidence.length > 0, {
    error: 'nothing goes live without a metric or evidence',
    path: ['metrics'],
  })

export const policyRules = z.strictObject({
  format: z.literal('pilotbase.release-policy/1'),
  gates: z.strictObject({ shadow: gateRule, pilot: gateRule, live: liveRule }),
})
export type PolicyRules = z.infer<typeof policyRules>

export const policySchema = z.strictObject({
  version: z.int(),
  source: z.string().describe('the YAML, as it was given'),
  sourceSha256: z.string(),
  rules: policyRules,
  reason: z.string(),
  changedBy: z.uuid(),
  changedByName: z.string().nullable().describe('null where you cannot see the person any more'),
  changedAt: z.iso.datetime(),
})
export type Policy = z.infer<typeof policySchema>

export const policyPage = z.strictObject({
  policies: z.array(policySchema).describe('newest first; the first holds for the next proposal'),
  suggested: z.string().describe('the YAML that ships as an example; it holds nowhere until an owner sets it'),
})
export const newPolicy = z.strictObject({
  source: z.string().min(1).max(65_536).describe('YAML'),
  reason: z.string().min(1).max(2000),
})
