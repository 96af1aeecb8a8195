import { z } from 'zod'
import { route, type Route } from '../http/route.ts'
import { done, isDone, projectParams } from '../identity/contract.ts'
import { envelopeSchema } from './dsse.ts'
import { keyRing, keyRingFileSchema, type TrustedKey, trustedKeySchema } from './keys.ts'
import { openStatement } from './statement.ts'
import { keep, statements, trustedKeys, trustKey } from './store.ts'

const storedSchema = z.strictObject({
  digest: z.string().describe("SHA-256 of the signed payload: the statement's name"),
  predicateType: z.string(),
  envelope: envelopeSchema,
  createdAt: z.iso.datetime(),
})

/** Routes of the evidence shelf; `ownKey` is the public half of the base's key. */
export function evidenceRoutes(ownKey: TrustedKey): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/evidence',
        operation: 'evidence.list',
        summary: 'Signed statements, oldest first',
        access: 'evidence.read',
        params: projectParams,
        query: z.strictObject({ subject: z.string().optional().describe('SHA-256 of what the statements are about') }),
        reply: z.strictObject({ statements: z.array(storedSchema) }),
      },
      async ({ tx, project, query }) => ({ statements: await statements(tx, project.id, query.subject) }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/evidence',
        operation: 'evidence.import',
        summary: "Keep another party's signed statement",
        access: 'evidence.import',
        params: projectParams,
        body: envelopeSchema,
        reply: z.strictObject({ digest: z.string() }),
        status: 201,
      },
      async ({ tx, project, body, target }) => {
        const ring = keyRing([ownKey, ...(await trustedKeys(tx))])
        const opened = openStatement(body, ring)
        if (!opened.ok) throw opened.refusal.problem
        const { statement } = opened.value
        const digest = await keep(tx, project.id, statement.predicateType, body, statement.subject, true)
        target('statement', digest)
        return { digest }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/keys/trusted',
        operation: 'evidence.keys',
        summary: 'Public keys that statements here are verified with',
        access: 'signed-in',
        reply: keyRingFileSchema,
      },
      async ({ tx }) => ({
        format: 'https://pilotbase.dev/key-ring/v1' as const,
        keys: [ownKey, ...(await trustedKeys(tx))],
      }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/keys/trusted',
        operation: 'evidence.trust',
        summary: "Trust another party's public key, or revoke it",
        access: 'operator',
        body: trustedKeySchema,
        reply: done,
      },
      async ({ tx, body, target }) => {
        keyRing([body])
        await trustKey(tx, body)
        target('trusted-key', body.keyid, { party: body.party })
        return isDone
      },
    ),
  ]
}
