import type { FastifyRequest } from 'fastify'
import { type Action, actions, may } from '../access/domain.ts'
import type { Credentials, Entered } from '../database/actor.ts'
import type { Database, Tx } from '../database/database.ts'
import { problem as identityProblem } from '../identity/problems.ts'
import { tokenSha256 } from '../identity/tokens.ts'
import { problem } from './problems.ts'
import type { Access } from './route.ts'

/** `__Host-` binds the cookie to this host and to TLS; over plain HTTP on loopback browsers accept only the bare name. */
export const sessionCookies = ['__Host-pilotbase', 'pilotbase'] as const

/** What the request shows: a bearer key, else the session cookie; null where it shows nothing. */
export function credentialsOf(request: FastifyRequest, projectSlug: string | null): Credentials | null {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  const cookie = sessionCookies.map((name) => request.cookies[name]).find((value) => value !== undefined)
  const secret = bearer ?? cookie
  if (secret === undefined) return null
  if (bearer === undefined) refuseCrossSite(request)
  return { kind: 'credentials', tokenSha256: tokenSha256(secret), projectSlug }
}

/** A cookie travels with any request a browser makes: a change by cookie must come from our own pages. */
function refuseCrossSite(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const sameOrigin = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host
  if (sameOrigin || (origin === undefined && (site === 'same-origin' || site === undefined))) return
  throw problem('kernel.cross-site', { origin: origin ?? String(site) })
}

/** Throws unless whoever entered may do what the route asks for. */
export function checkAccess(access: Access, entered: Entered, projectSlug: string | null): void {
  if (access === 'anyone') return
  if (entered.actor.kind !== 'person') throw identityProblem('kernel.not-signed-in')
  if (access === 'signed-in') return
  if (access === 'operator') {
    const scopes = entered.actor.scopes
    if (entered.isOperator && (scopes === null || scopes.includes('*'))) return
    throw problem('kernel.forbidden', { roles: 'no operator', action: 'this', allowed: 'operator of the base' })
  }
  if (entered.project === null) throw problem('kernel.not-found', { kind: 'project', id: projectSlug ?? '' })
  if (!may(entered.project.roles, access, entered.actor.scopes)) throw forbidden(access, entered.project.roles)
}

function forbidden(action: Action, roles: readonly string[]) {
  return problem('kernel.forbidden', { action, roles: roles.join(', '), allowed: actions[action].join(', ') })
}

/** For routes that stream: runs `work` as the caller, once access is granted. */
export function enterAs<T>(
  database: Database,
  request: FastifyRequest,
  access: Access,
  projectSlug: string | null,
  work: (tx: Tx, entered: Entered) => Promise<T>,
): Promise<T> {
  return database.enter(credentialsOf(request, projectSlug), (tx, entered) => {
    checkAccess(access, entered, projectSlug)
    return work(tx, entered)
  })
}
