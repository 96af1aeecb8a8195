import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { enterAs, type Kernel, type Mount, projectParams } from '../../kernel/index.ts'
import type { ReleasedModels } from '../release/models.ts'
import { collectStory, dossierOf, sha256Base64 } from './collect.ts'
import { dossierPage } from './page.ts'
import { style } from './style.ts'

const params = z.strictObject({ ...projectParams.shape, version: z.uuid() })
const query = z.object({ lang: z.enum(['en', 'zh']).optional() })

// The page stands alone when it is saved, so its style is inside it; nothing else may load or run.
const pagePolicy = `default-src 'none'; style-src 'sha256-${sha256Base64(style)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The dossier of a version, as a file for machines and as a page for people. */
export function dossierMounts(kernel: Kernel, models: ReleasedModels): Mount[] {
  const told = async <T>(
    request: FastifyRequest,
    tell: (story: Awaited<ReturnType<typeof collectStory>>, file: () => ReturnType<typeof dossierOf>) => Promise<T>,
  ): Promise<T> => {
    const { project: slug, version: id } = request.params as z.infer<typeof params>
    return enterAs(kernel.database, request, 'evidence.read', slug, async (tx, { project }) => {
      if (project === null) throw new Error('access was granted to a project that is not there')
      const version = await models.readVersion(tx, project.id, id)
      const story = await collectStory(tx, kernel, project, version)
      return tell(story, () => dossierOf(tx, kernel, project.id, story))
    })
  }
  return [
    (app: FastifyInstance) => {
      app.get(
        '/api/projects/:project/versions/:version/dossier.json',
        {
          schema: {
            operationId: 'dossier.json',
            summary: 'Every statement behind a version, to verify offline',
            params,
          },
        },
        async (request, reply) => {
          const dossier = await told(request, (_story, file) => file())
          const name = `attachment; filename="dossier-${(request.params as { version: string }).version}.json"`
          return reply.header('content-disposition', name).send(dossier)
        },
      )
      app.get(
        '/api/projects/:project/versions/:version/dossier.html',
        {
          schema: { operationId: 'dossier.page', summary: 'The same as one page to read', params, querystring: query },
        },
        async (request, reply) => {
          const { lang } = request.query as z.infer<typeof query>
          const language = lang ?? (/^\s*zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en')
          const page = await told(request, async (story) => dossierPage(story, language))
          return reply
            .header('content-security-policy', pagePolicy)
            .header('content-language', language)
            .type('text/html; charset=utf-8')
            .send(page)
        },
      )
    },
  ]
}
