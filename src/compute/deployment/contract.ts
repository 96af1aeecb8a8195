import { z } from 'zod'
import { deploymentStates } from './domain.ts'

export const deploymentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63')
  .describe('by which it is called; unique among those of the project that are not stopped')

export const deploymentReason = z.strictObject({
  code: z.string().describe('the problem that keeps it from answering as it should'),
  en: z.string(),
  zh: z.string(),
})
export type DeploymentReason = z.infer<typeof deploymentReason>

export const deploymentSchema = z.strictObject({
  id: z.uuid(),
  name: deploymentName,
  versionId: z.uuid(),
  state: z.enum(deploymentStates),
  replicas: z.int().min(1).max(64).describe('requests that it works on at the same time'),
  demo: z.boolean(),
  reason: deploymentReason.nullable().describe('why it is degraded; null in every other state'),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime().describe('when it came into its state'),
})
export type DeploymentShown = z.infer<typeof deploymentSchema>
