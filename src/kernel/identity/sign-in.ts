import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { recordDeed } from '../audit/store.ts'
import { capability } from '../database/actor.ts'
import type { Database } from '../database/database.ts'
import { sessionCookies } from '../http/door.ts'
import { problem as httpProblem } from '../http/problems.ts'
import { linkSpend } from './contract.ts'
import { endSession, openSession, spendLink } from './store.ts'
import { tokenSha256 } from './tokens.ts'

export const sessionValidMs = 12 * 3600_000
const signInLimit = { config: { rateLimit: { max: 30, timeWindow: 60_000 } } }

/** The doors in and out: a one-time link becomes a session, as a cookie for browsers and in the answer for the CLI. */
export function signInRoutes(app: FastifyInstance, database: Database): void {
  app.post(
    '/api/session',
    { ...signInLimit, schema: { operationId: 'session.open', summary: 'Spend a sign-in link', body: linkSpend } },
    async (request, reply) => {
      const { link } = linkSpend.parse(request.body)
      const session = await openByLink(database, link, request.id)
      setSessionCookie(request, reply, session)
      return reply.status(201).send({ session, expiresInSeconds: sessionValidMs / 1000 })
    },
  )
  // A GET must not spend the link: mail scanners and link previews fetch it. The page asks for one click, which posts it.
  app.get('/sign-in/:link', { ...signInLimit, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(signInPage),
  )
  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(startPage),
  )
  app.post('/sign-in/:link', { ...signInLimit, schema: { hide: true } }, async (request, reply) => {
    const { link } = request.params as { link: string }
    setSessionCookie(request, reply, await openByLink(database, link, request.id))
    return reply.redirect('/', 303)
  })
  app.delete(
    '/api/session',
    { schema: { operationId: 'session.end', summary: 'Sign out' } },
    async (request, reply) => {
      const secret = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? sessionOf(request)
      if (secret === undefined) throw httpProblem('kernel.not-found', { kind: 'session', id: '' })
      await database.transaction(capability('identity'), async (tx) => {
        await endSession(tx, tokenSha256(secret))
        await recordDeed(tx, { action: 'session.end', outcome: 'done', requestId: request.id })
      })
      for (const name of sessionCookies) reply.clearCookie(name, { path: '/' })
      return { done: true }
    },
  )
}

export function openByLink(database: Database, link: string, requestId: string): Promise<string> {
  return database.transaction(capability('identity'), async (tx) => {
    const personId = await spendLink(tx, link)
    await recordDeed(tx, {
      action: 'session.open',
      outcome: 'done',
      targetKind: 'person',
      targetId: personId,
      requestId,
    })
    return openSession(tx, personId, sessionValidMs)
  })
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, session: string): void {
  const isSecure = request.protocol === 'https'
  reply.setCookie(isSecure ? sessionCookies[0] : sessionCookies[1], session, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    maxAge: sessionValidMs / 1000,
  })
}

function sessionOf(request: FastifyRequest): string | undefined {
  return sessionCookies.map((name) => request.cookies[name]).find((value) => value !== undefined)
}

// Until there is a console: where a browser lands after signing in.
const startPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Pilot Base</title><h1>Pilot Base</h1>
<p>The base is ready. There is no console yet: work goes by the command line (./pilotbase --help) and HTTP (<a href="/api/openapi.json">OpenAPI</a>).</p>
<p lang="zh">系统已就绪。网页控制台尚未提供：请使用命令行（./pilotbase --help）或 HTTP 接口（<a href="/api/openapi.json">OpenAPI</a>）。</p></html>`

const signInPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Pilot Base</title><form method="post"><p>Sign in to Pilot Base · 登录 Pilot Base</p><button autofocus>Sign in · 登录</button></form></html>`
