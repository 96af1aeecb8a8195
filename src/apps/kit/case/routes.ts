import { z } from 'zod'
import { type Kernel, projectParams, type Route, route } from '../../../kernel/index.ts'
import type { Application } from '../application.ts'
import { isWithheld, readCase, showCase } from './cases.ts'
import { casePage, caseSchema, dictionarySchema } from './contract.ts'
import { decideCase, decisionWish } from './decide.ts'
import { caseStates } from './domain.ts'
import { topFindings } from './finding-store.ts'
import { pageCases } from './store.ts'

export const caseParams = z.strictObject({ ...projectParams.shape, case: z.uuid() })

/** Address of an application's cases. */
export function casesPath(application: Application): string {
  return `/api/projects/:project/apps/${application.id}/cases`
}

/** What every application's cases have: a worklist, one case, a decision, and the words of its findings. */
export function caseRoutes(kernel: Kernel, application: Application): Route[] {
  const { noun } = application
  const path = casesPath(application)
  return [
    route(
      {
        method: 'GET',
        path,
        operation: `${noun}.list`,
        summary: 'The worklist, newest first',
        access: 'case.read',
        audited: true,
        params: projectParams,
        query: z.strictObject({
          state: z.enum(caseStates).optional(),
          after: z.uuid().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        reply: casePage,
      },
      async ({ tx, project, query, target }) => {
        target('worklist', application.id)
        const wish = { state: query.state ?? null, afterId: query.after ?? null, limit: query.limit }
        const found = await pageCases(tx, project.id, application.id, wish)
        const top = await topFindings(
          tx,
          found.map(({ id }) => id),
        )
        const cases = found.map(
          ({ projectId: _p, input: _i, inputSha256: _d, answerSha256, summary: _s, refusal: _r, ...row }) => {
            const withheld = isWithheld({ ...row, answerSha256 }, project.roles)
            const { caseId: _c, ...finding } = top.get(row.id) ?? { caseId: null }
            const topFinding = withheld || !('code' in finding) ? null : finding
            return { ...row, isWithheld: withheld, topFinding }
          },
        )
        return { cases, next: cases.length === query.limit ? (cases.at(-1)?.id ?? null) : null }
      },
    ),
    route(
      {
        method: 'GET',
        path: `${path}/:case`,
        operation: `${noun}.read`,
        summary: 'One case with its findings and decisions',
        access: 'case.read',
        audited: true,
        params: caseParams,
        reply: caseSchema,
      },
      async ({ tx, project, params, target }) => {
        target('case', params.case)
        return showCase(tx, application, await readCase(tx, application, project.id, params.case), project.roles)
      },
    ),
    route(
      {
        method: 'POST',
        path: `${path}/:case/decisions`,
        operation: `${noun}.decide`,
        summary: 'Accept, edit or reject each finding',
        access: 'case.decide',
        params: caseParams,
        body: decisionWish(application.corrections),
        reply: caseSchema,
        status: 201,
      },
      async ({ tx, project, params, body, target }) => {
        target('case', params.case, { revision: body.revision })
        const decided = await decideCase(tx, kernel, application, project, params.case, body)
        return showCase(tx, application, decided, project.roles)
      },
    ),
    route(
      {
        method: 'GET',
        path: `/api/projects/:project/apps/${application.id}/findings`,
        operation: `${noun}.dictionary`,
        summary: 'Every finding it may state, when it is stated and by which source, and what it does not assess',
        access: 'case.read',
        params: projectParams,
        reply: dictionarySchema,
      },
      async () => application.dictionary,
    ),
  ]
}
