import { z } from 'zod'
import { gatedStages, stages } from './domain.ts'

const reason = z.string().min(1).max(2000)

export const newRelease = z.strictObject({
  version: z.uuid().describe('id of the model version'),
  purpose: z.string().trim().min(1).max(200).describe('what it is used for; an application asks for it by this name'),
  site: z.string().trim().min(1).max(200).describe('where, such as the ward'),
  scope: z.string().trim().min(1).max(2000).describe('population, devices and settings in which it may be used'),
  reason,
})
export type NewRelease = z.infer<typeof newRelease>

export const releaseSchema = z.strictObject({
  id: z.uuid(),
  versionId: z.uuid(),
  model: z.string(),
  label: z.string(),
  weightsDigest: z.string(),
  purpose: z.string(),
  site: z.string(),
  scope: z.string(),
  state: z.enum(stages),
  policyVersion: z.int().describe('the rules that held when it was proposed; they hold to its end'),
  synthetic: z.boolean(),
  demo: z.boolean(),
  proposedBy: z.uuid(),
  proposedAt: z.iso.datetime(),
})
export type Release = z.infer<typeof releaseSchema>

export const releasePage = z.strictObject({
  releases: z.array(releaseSchema),
  next: z.string().nullable().describe('pass as `after` for the next page'),
})

export const advanceWish = z.strictObject({ to: z.enum(gatedStages), reason })
export const withdrawWish = z.strictObject({ reason })

export const moveSchema = z.strictObject({
  from: z.enum(stages).nullable().describe('null: the proposal'),
  to: z.enum(stages),
  reason: z.string(),
  movedBy: z.uuid(),
  movedByName: z.string().nullable().describe('null where you cannot see the person any more'),
  statement: z.string().describe('digest of the signed statement'),
  movedAt: z.iso.datetime(),
})
export type Move = z.infer<typeof moveSchema>

export const liveList = z.strictObject({
  at: z.iso.datetime(),
  releases: z.array(
    z.strictObject({
      ...releaseSchema.shape,
      liveSince: z.iso.datetime(),
      liveUntil: z.iso.datetime().nullable().describe('when it was withdrawn; null while it is live'),
    }),
  ),
})
