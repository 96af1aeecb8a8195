import { z } from 'zod'
import { type Kernel, projectParams, type Route, route } from '../../kernel/index.ts'
import { approvalsOf, decide } from '../approval/approvals.ts'
import { approvalSchema, newApproval } from '../approval/contract.ts'
import { gateSchema } from '../gate/contract.ts'
import { judge } from '../gate/judge.ts'
import { keptStatements } from '../gate/statements.ts'
import { advanceWish, liveList, moveSchema, newRelease, releasePage, releaseSchema, withdrawWish } from './contract.ts'
import { canMoveRelease, gatedStages, nextStage } from './domain.ts'
import type { ReleasedModels } from './models.ts'
import { problem } from './problems.ts'
import { advance, propose, withdraw } from './releases.ts'
import { liveAt, movesOf, pageReleases, readRelease, shownRelease } from './store.ts'

const releaseParams = z.strictObject({ ...projectParams.shape, release: z.uuid() })
const approvalList = z.strictObject({ approvals: z.array(approvalSchema) })

export function releaseRoutes(kernel: Kernel, models: ReleasedModels): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases',
        operation: 'release.list',
        summary: 'Releases, newest first',
        access: 'release.read',
        params: projectParams,
        query: z.strictObject({
          after: z.uuid().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        reply: releasePage,
      },
      async ({ tx, project, query }) => {
        const releases = (await pageReleases(tx, project.id, query.after ?? null, query.limit)).map(shownRelease)
        return { releases, next: releases.length === query.limit ? (releases.at(-1)?.id ?? null) : null }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/releases',
        operation: 'release.propose',
        summary: 'Propose a version for one purpose at one site',
        access: 'release.propose',
        params: projectParams,
        body: newRelease,
        reply: releaseSchema,
        status: 201,
      },
      async ({ tx, project, body, target }) => {
        target('version', body.version)
        const release = await propose(tx, kernel, models, project, body)
        target('release', release.id, { version: body.version, weights: release.weightsDigest })
        return shownRelease(release)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases/live',
        operation: 'release.live',
        summary: 'What was live at an instant; now, where none is given',
        access: 'release.read',
        params: projectParams,
        query: z.strictObject({ at: z.iso.datetime().optional(), purpose: z.string().max(200).optional() }),
        reply: liveList,
      },
      async ({ tx, project, query }) => {
        const at = query.at ?? kernel.clock().toISOString()
        return { at, releases: await liveAt(tx, project.id, at, query.purpose ?? null) }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases/:release',
        operation: 'release.read',
        summary: 'One release',
        access: 'release.read',
        params: releaseParams,
        reply: releaseSchema,
      },
      async ({ tx, project, params }) => shownRelease(await readRelease(tx, project.id, params.release)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases/:release/history',
        operation: 'release.history',
        summary: 'How the release went: every move, with who made it and why',
        access: 'release.read',
        params: releaseParams,
        reply: z.strictObject({ moves: z.array(moveSchema) }),
      },
      async ({ tx, project, params }) => ({
        moves: await movesOf(tx, (await readRelease(tx, project.id, params.release)).id),
      }),
    ),
    ...gateRoutes(kernel),
  ]
}

function gateRoutes(kernel: Kernel): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases/:release/gate',
        operation: 'release.gate',
        summary: 'What the next stage asks for, and what is still lacking',
        access: 'release.read',
        params: releaseParams,
        query: z.strictObject({ to: z.enum(gatedStages).optional().describe('the next stage where none is given') }),
        reply: gateSchema,
      },
      async ({ tx, project, params, query }) => {
        const release = await readRelease(tx, project.id, params.release)
        const next = nextStage(release.state)
        const to = query.to ?? next
        if (to === null || !canMoveRelease(release.state, to))
          throw problem('release.not-next-stage', { state: release.state, to: to ?? '–', next: next ?? '–' })
        const { checks, isOpen, policy } = await judge(tx, kernel, release, to)
        const outcome = isOpen ? ('open' as const) : ('shut' as const)
        return { from: release.state, to, policyVersion: policy.version, outcome, checks: [...checks] }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/releases/:release/approvals',
        operation: 'approval.list',
        summary: 'The decisions of approvers, oldest first',
        access: 'release.read',
        params: releaseParams,
        reply: approvalList,
      },
      async ({ tx, project, params }) => {
        const release = await readRelease(tx, project.id, params.release)
        const { verified } = await keptStatements(tx, kernel, project.id)
        return { approvals: await approvalsOf(tx, release.id, verified) }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/releases/:release/approvals',
        operation: 'release.approve',
        summary: 'Approve or refuse the next stage, in your own name',
        access: 'release.approve',
        params: releaseParams,
        body: newApproval,
        reply: approvalList,
        status: 201,
      },
      async ({ tx, project, params, body, target }) => {
        target('release', params.release, { to: body.to, decision: body.decision })
        const release = await readRelease(tx, project.id, params.release)
        await decide(tx, kernel, project, release, body)
        const { verified } = await keptStatements(tx, kernel, project.id)
        return { approvals: await approvalsOf(tx, release.id, verified) }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/releases/:release/advance',
        operation: 'release.advance',
        summary: 'Take the release through its next gate',
        access: 'release.advance',
        params: releaseParams,
        body: advanceWish,
        reply: releaseSchema,
      },
      async ({ tx, project, params, body, target }) => {
        target('release', params.release, { to: body.to })
        const release = await readRelease(tx, project.id, params.release)
        return shownRelease(await advance(tx, kernel, project, release, body.to, body.reason))
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/releases/:release/withdraw',
        operation: 'release.withdraw',
        summary: 'Take the release out of use, at once',
        access: 'release.withdraw',
        params: releaseParams,
        body: withdrawWish,
        reply: releaseSchema,
      },
      async ({ tx, project, params, body, target }) => {
        target('release', params.release, { reason: body.reason })
        const release = await readRelease(tx, project.id, params.release)
        return shownRelease(await withdraw(tx, kernel, project, release, body.reason))
      },
    ),
  ]
}
