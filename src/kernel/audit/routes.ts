import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { capability } from '../database/actor.ts'
import type { Database } from '../database/database.ts'
import type { SigningKey, TrustedKey } from '../evidence/keys.ts'
import { enterAs } from '../http/door.ts'
import { type Route, route } from '../http/route.ts'
import { projectParams } from '../identity/contract.ts'
import { auditRowSchema } from './chain.ts'
import { exportWholeLog } from './export.ts'
import { type AuditColumns, auditColumns, auditRowOf, sealPending } from './sealer.ts'

export interface AuditServices {
  readonly database: Database
  readonly signer: SigningKey
  readonly ownKeys: () => Promise<readonly TrustedKey[]>
  readonly clock: () => Date
}

const search = z.strictObject({
  before: z.string().regex(/^\d+$/).optional().describe('id of a row; older ones follow'),
  action: z.string().max(100).optional(),
  person: z.string().max(100).optional().describe('name of who acted'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

export const auditRoutes: Route[] = [
  route(
    {
      method: 'GET',
      path: '/api/projects/:project/audit',
      operation: 'audit.search',
      summary: 'Who did what to which, newest first',
      access: 'audit.read',
      params: projectParams,
      query: search,
      reply: z.strictObject({ rows: z.array(auditRowSchema) }),
      audited: true,
    },
    async ({ tx, project, query }) => {
      const rows = await tx.rows<AuditColumns>(
        `select ${auditColumns} from kernel.audit_row r
          where r.project_id = $1 and ($2::bigint is null or r.id < $2) and ($3::text is null or r.action = $3)
            and ($4::text is null or r.actor_name = $4) order by r.id desc limit $5`,
        [project.id, query.before ?? null, query.action ?? null, query.person ?? null, query.limit],
      )
      return { rows: rows.map(auditRowOf) }
    },
  ),
]

/** The whole sealed log as JSON lines, for `pilotbase audit verify`: what is not sealed yet is sealed first. */
export function auditExportRoute(app: FastifyInstance, { database, signer, ownKeys, clock }: AuditServices): void {
  app.get(
    '/api/audit/export',
    { schema: { operationId: 'audit.export', summary: 'The sealed log, JSON lines' } },
    async (request, reply) => {
      await enterAs(database, request, 'operator', null, async () => undefined)
      const sealer = capability('sealer')
      while ((await database.transaction(sealer, (tx) => sealPending(tx, signer, clock()))) > 0);
      const trusted = await ownKeys()
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'application/jsonl; charset=utf-8' })
      try {
        await database.transaction(sealer, async (tx) => {
          for await (const line of exportWholeLog(tx, signer, trusted, clock())) {
            if (!reply.raw.write(line)) await new Promise((resolve) => reply.raw.once('drain', resolve))
          }
        })
        reply.raw.end()
      } catch (error) {
        // The end line is missing then, and a verifier says that the export is truncated.
        request.log.error({ err: error }, 'audit export broke off')
        reply.raw.destroy()
      }
    },
  )
}
