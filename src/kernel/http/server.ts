import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { Database } from '../database/database.ts'
import { Problem } from '../errors/problem.ts'
import { serveRoute } from './adapter.ts'
import { problem } from './problems.ts'
import type { Mount, Route } from './route.ts'

export interface HttpOptions {
  readonly database: Database
  readonly routes: readonly Route[]
  readonly mounts: readonly Mount[]
  readonly log: FastifyBaseLogger
  readonly version: string
  /** Called before any route is added. */
  readonly prepare?: (app: FastifyInstance) => void
  /** True behind a proxy that says whom it speaks for: addresses and the protocol are then the client's own. */
  readonly isBehindProxy?: boolean
  /** Requests a minute from one address to the sign-in routes. */
  readonly signInsPerMinute?: number
}

const bodyLimitBytes = 1 << 20

/** Builds the HTTP server: contracts to OpenAPI 3.1, limits, security headers, request ids, problems. It does not listen yet. */
export async function buildHttp(options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    trustProxy: options.isBehindProxy ?? false,
    genReqId: () => randomUUID(),
    requestTimeout: 300_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = asProblem(error, request)
    if (refusal.code === 'kernel.unexpected') request.log.error({ err: error, requestId: request.id }, 'unexpected')
    const words = refusal.words(languageOf(request))
    return reply
      .status(refusal.row.status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:pilotbase:problem:${refusal.code}`,
          title: words.title,
          status: refusal.row.status,
          detail: words.fix,
          code: refusal.code,
          params: refusal.params,
          retry: refusal.row.retry,
          requestId: request.id,
        }),
      )
  })
  app.setNotFoundHandler((request) => {
    throw problem('kernel.not-found', { kind: 'address', id: request.url })
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: false,
  })
  await app.register(cookie)
  await app.register(rateLimit, { global: false, max: options.signInsPerMinute ?? 30, timeWindow: 60_000 })
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Pilot Base', version: options.version } },
    transform: jsonSchemaTransform,
  })
  options.prepare?.(app)
  for (const route of options.routes) serveRoute(app, options.database, route)
  for (const mount of options.mounts) await app.register(async (scope) => mount(scope))
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger())
  return app
}

function asProblem(error: FastifyError | Problem, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map((one) => `${one.instancePath || '/'} ${one.message}`).join('; ')
    return problem('kernel.invalid-request', { issues }, error)
  }
  if (error.statusCode === 413) return problem('kernel.too-large', { limitBytes: bodyLimitBytes }, error)
  if (error.statusCode === 429) return problem('kernel.too-many', { seconds: 60 }, error)
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return problem('kernel.invalid-request', { issues: error.message }, error)
  return problem('kernel.unexpected', { requestId: request.id }, error)
}

function languageOf(request: FastifyRequest): 'en' | 'zh' {
  return /^\s*zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en'
}
