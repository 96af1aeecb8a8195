import { projectParams, type Route, route } from '../../kernel/index.ts'
import { newPolicy, policyPage, policySchema } from './contract.ts'
import { setPolicy, suggestedPolicy } from './policies.ts'
import { policies, shownPolicy } from './store.ts'

export const policyRoutes: readonly Route[] = [
  route(
    {
      method: 'GET',
      path: '/api/projects/:project/release-policy',
      operation: 'release-policy.read',
      summary: 'The rules of release, all versions, newest first',
      access: 'release.read',
      params: projectParams,
      reply: policyPage,
    },
    async ({ tx, project }) => ({
      policies: (await policies(tx, project.id)).map(shownPolicy),
      suggested: suggestedPolicy,
    }),
  ),
  route(
    {
      method: 'POST',
      path: '/api/projects/:project/release-policy',
      operation: 'release-policy.set',
      summary: 'Set the next version of the rules; releases that are under way keep theirs',
      // Whoever may say who is in the project may say what a release needs: the owner, and nobody else.
      access: 'member.manage',
      params: projectParams,
      body: newPolicy,
      reply: policySchema,
      status: 201,
    },
    async ({ tx, project, body, target }) => {
      const policy = await setPolicy(tx, project.id, body.source, body.reason)
      target('release-policy', String(policy.version), { sha256: policy.sourceSha256 })
      return shownPolicy(policy)
    },
  ),
]
