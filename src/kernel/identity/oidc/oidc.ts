import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as client from 'openid-client'
import { recordDeed } from '../../audit/store.ts'
import type { Config } from '../../config/schema.ts'
import { capability } from '../../database/actor.ts'
import type { Database } from '../../database/database.ts'
import { problem } from '../problems.ts'
import { bindSubject, openSession } from '../store.ts'
import { sessionValidMs, setSessionCookie } from '../sign-in.ts'

const flowCookie = 'pilotbase-oidc'
const flowValidSeconds = 600
// Behind the route, so that the cookie travels to nothing else.
const flowPath = '/sign-in/oidc'

interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/**
 * Sign-in by OpenID Connect (authorization code with PKCE, RFC 7636). Who comes in is the person with this subject; a
 * person who has none yet is bound at the first sign-in by the name that the issuer asserts, so that an operator decides
 * beforehand who exists here. Nobody is created by signing in.
 */
export function oidcRoutes(app: FastifyInstance, config: Config, database: Database): void {
  const { oidcIssuer, oidcClientId, oidcClientSecret } = config
  if (oidcIssuer === undefined || oidcClientId === undefined) return
  let discovered: Promise<client.Configuration> | null = null
  // Asked at the first sign-in, not at the start: a base must start while its issuer is away.
  const provider = (): Promise<client.Configuration> => {
    const options = oidcIssuer.startsWith('http://') ? { execute: [client.allowInsecureRequests] } : {}
    discovered ??= client
      .discovery(new URL(oidcIssuer), oidcClientId, oidcClientSecret, undefined, options)
      .catch((error: unknown) => {
        discovered = null
        throw problem('kernel.oidc-refused', { reason: (error as Error).message }, error)
      })
    return discovered
  }
  const redirectUri = (request: FastifyRequest) =>
    `${config.publicUrl ?? `${request.protocol}://${request.host}`}${flowPath}/callback`

  app.get(flowPath, { schema: { hide: true } }, async (request, reply) => {
    const flow: Flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }
    const address = client.buildAuthorizationUrl(await provider(), {
      redirect_uri: redirectUri(request),
      scope: 'openid profile',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    })
    keepFlow(request, reply, flow)
    return reply.redirect(address.href, 303)
  })

  app.get(`${flowPath}/callback`, { schema: { hide: true } }, async (request, reply) => {
    const flow = readFlow(request)
    const answered = new URL(request.url, redirectUri(request))
    const tokens = await client
      .authorizationCodeGrant(await provider(), answered, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      })
      .catch((error: Error) => {
        throw problem('kernel.oidc-refused', { reason: error.message }, error)
      })
    const claims = tokens.claims()
    if (claims === undefined) throw problem('kernel.oidc-refused', { reason: 'no identity was asserted' })
    const name = typeof claims['preferred_username'] === 'string' ? claims['preferred_username'] : ''
    const session = await database.transaction(capability('identity'), async (tx) => {
      const personId = await bindSubject(tx, `${claims.iss} ${claims.sub}`, name)
      const deed = { action: 'session.open', outcome: 'done', targetKind: 'person', targetId: personId } as const
      await recordDeed(tx, { ...deed, requestId: request.id, detail: { issuer: claims.iss } })
      return openSession(tx, personId, sessionValidMs)
    })
    setSessionCookie(request, reply, session)
    reply.clearCookie(flowCookie, { path: flowPath })
    return reply.redirect('/', 303)
  })
}

function keepFlow(request: FastifyRequest, reply: FastifyReply, flow: Flow): void {
  reply.setCookie(flowCookie, Buffer.from(JSON.stringify(flow)).toString('base64url'), {
    path: flowPath,
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: flowValidSeconds,
  })
}

function readFlow(request: FastifyRequest): Flow {
  const kept = request.cookies[flowCookie]
  if (kept === undefined) throw problem('kernel.oidc-refused', { reason: 'it was begun elsewhere, or too long ago' })
  return JSON.parse(Buffer.from(kept, 'base64url').toString('utf8')) as Flow
}
