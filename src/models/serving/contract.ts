import { z } from 'zod'
import { deploymentName, deploymentSchema } from '../../compute/contract.ts'
import { modelSlug, versionKey, versionKind, versionLabel } from '../version/contract.ts'

export const newDeployment = z.strictObject({
  name: deploymentName,
  model: modelSlug,
  version: versionKey.describe('a label, an alias (as it stands now), or an id'),
  replicas: z.int().min(1).max(16).default(1).describe('requests that it works on at the same time; each is a thread'),
})
export type NewDeployment = z.infer<typeof newDeployment>

export const servedDeployment = z.strictObject({
  ...deploymentSchema.shape,
  model: modelSlug,
  label: versionLabel,
  kind: versionKind,
  synthetic: z.boolean(),
  networks: z.array(z.string()).describe('names under which the networks are called by the Open Inference Protocol'),
})
export type ServedDeployment = z.infer<typeof servedDeployment>

export const deploymentPage = z.strictObject({
  deployments: z.array(servedDeployment),
  next: z.string().nullable().describe('pass as `after` for the next page'),
})
