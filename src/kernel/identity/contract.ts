import { z } from 'zod'
import { roles } from '../access/domain.ts'

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, 63 at most')
const handle = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'lower-case letters, digits, dots and hyphens')

export const projectParams = z.strictObject({ project: slug })
export const role = z.enum(roles)

export const personSchema = z.strictObject({
  id: z.uuid(),
  handle,
  name: z.string(),
  organisation: z.string(),
  organisationKind: z.enum(['hospital', 'company', 'research', 'government']),
})

export const memberSchema = z.strictObject({ ...personSchema.shape, roles: z.array(role) })
export const memberList = z.strictObject({ members: z.array(memberSchema) })
export const memberChange = z.strictObject({ handle, role })

export const projectSchema = z.strictObject({
  slug,
  title: z.string(),
  isDemo: z.boolean().describe('true: made to show the product; nobody relies on it'),
  roles: z.array(role).describe("the caller's roles in it"),
})
export const projectList = z.strictObject({ projects: z.array(projectSchema) })
export const newProject = z.strictObject({ slug, title: z.string().min(1).max(200), organisation: z.string().min(1) })

export const meSchema = z.strictObject({
  handle,
  name: z.string(),
  isOperator: z.boolean(),
  projects: z.array(projectSchema),
})

export const linkSpend = z.strictObject({ link: z.string().startsWith('pbl_') })
export const linkWish = z.strictObject({ handle })
export const linkIssued = z.strictObject({ link: z.string(), expiresInSeconds: z.int() })
export const newOrganisation = z.strictObject({
  kind: z.enum(['hospital', 'company', 'research', 'government']),
  name: z.string().min(1).max(200),
})
export const newPerson = z.strictObject({ handle, name: z.string().min(1).max(200), organisation: z.string().min(1) })

export const keyWish = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.string().max(64)).min(1).default(['*']).describe('actions, nouns with a star (job.*), or *'),
  days: z.int().min(1).max(365).default(30),
})
export const keyIssued = z.strictObject({ id: z.uuid(), secret: z.string().describe('shown once, here') })
export const keyList = z.strictObject({
  keys: z.array(
    z.strictObject({
      id: z.uuid(),
      name: z.string(),
      scopes: z.array(z.string()),
      expiresAt: z.iso.datetime(),
      revokedAt: z.iso.datetime().nullable(),
    }),
  ),
})
export const done = z.strictObject({ done: z.literal(true) })
/** What a route answers that has nothing to say but that it happened. */
export const isDone = { done: true } as const
