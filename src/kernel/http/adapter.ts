import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { recordDeed } from '../audit/store.ts'
import type { Entered, ProjectSeen } from '../database/actor.ts'
import type { Database } from '../database/database.ts'
import { Problem } from '../errors/problem.ts'
import { checkAccess, credentialsOf } from './door.ts'
import type { Call, Route } from './route.ts'

interface Deed {
  kind: string | null
  id: string | null
  detail: Readonly<Record<string, unknown>>
}

const noProject: ProjectSeen = { id: '', slug: '', title: '', isDemo: false, roles: [] }

/** Serves a declared route: one transaction a request, in which the caller is settled, the handler runs and the deed is audited. */
export function serveRoute(app: FastifyInstance, database: Database, route: Route): void {
  const { params, query, body } = route
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimitBytes === undefined ? {} : { bodyLimit: route.bodyLimitBytes }),
    schema: {
      operationId: route.operation,
      summary: route.summary,
      tags: [route.operation.split('.')[0] ?? route.operation],
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      response: { [route.status ?? 200]: route.reply },
    },
    handler: (request, reply) => answer(database, route, request, reply),
  })
}

async function answer(database: Database, route: Route, request: FastifyRequest, reply: FastifyReply) {
  const slug = (request.params as { project?: string }).project ?? null
  const credentials = credentialsOf(request, slug)
  const deed: Deed = { kind: null, id: null, detail: {} }
  const audited = route.audited === true || (route.method !== 'GET' && route.access !== 'anyone')
  const followUps: (() => void | Promise<void>)[] = []
  let entered: Entered | undefined
  try {
    const value = await database.enter(credentials, async (tx, who) => {
      entered = who
      checkAccess(route.access, who, slug)
      const call: Call<unknown, unknown, unknown> = {
        tx,
        actor: who.actor,
        project: who.project ?? noProject,
        params: request.params,
        query: request.query,
        body: request.body,
        requestId: request.id,
        target: (kind, id, detail = {}) => Object.assign(deed, { kind, id, detail }),
        afterCommit: (act) => followUps.push(act),
      }
      const result = await route.handle(call as Call<never, never, never>)
      if (audited) await recordDeed(tx, deedRow(route, deed, who, request.id, null))
      return result
    })
    for (const act of followUps) {
      Promise.resolve(act()).catch((error: Error) => request.log.error({ err: error }, 'follow-up failed'))
    }
    return reply.status(route.status ?? 200).send(value)
  } catch (error) {
    const who = entered
    if (audited && error instanceof Problem && who?.actor.kind === 'person') {
      await database.transaction(who.actor, (tx) => recordDeed(tx, deedRow(route, deed, who, request.id, error.code)))
    }
    throw error
  }
}

function deedRow(route: Route, deed: Deed, entered: Entered, requestId: string, code: string | null) {
  return {
    action: route.operation,
    outcome: code === null ? ('done' as const) : ('refused' as const),
    projectId: entered.project?.id ?? null,
    targetKind: deed.kind,
    targetId: deed.id,
    problem: code,
    requestId,
    detail: deed.detail,
  }
}
