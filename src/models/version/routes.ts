import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readManifest } from '../../data/index.ts'
import { enterAs, httpProblem, type Kernel, projectParams, type Route, route } from '../../kernel/index.ts'
import { registerVersion } from '../import/register.ts'
import { stateTraining } from '../import/training.ts'
import { modelPublicKey, signatureName } from '../import/signing.ts'
import {
  aliasHistory,
  aliasName,
  modelPage,
  modelSlug,
  newAliasMove,
  newVersion,
  type Version,
  type VersionDetail,
  versionDetail,
  versionKey,
  versionPage,
  versionSchema,
} from './contract.ts'
import { pageModels, pageVersions, type StoredVersion } from './store.ts'
import { aliasHistoryOf, moveAlias, readVersion } from './versions.ts'

const modelParams = z.strictObject({ ...projectParams.shape, model: modelSlug })
const versionParams = z.strictObject({ ...modelParams.shape, version: versionKey })
const pageLimit = z.coerce.number().int().min(1).max(200).default(50)

export function versionRoutes(kernel: Kernel): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/models',
        operation: 'model.list',
        summary: 'Models by name, with where their aliases stand',
        access: 'model.read',
        params: projectParams,
        query: z.strictObject({ after: modelSlug.optional(), limit: pageLimit }),
        reply: modelPage,
      },
      async ({ tx, project, query }) => {
        const models = await pageModels(tx, project.id, query.after ?? null, query.limit)
        return { models, next: models.length === query.limit ? (models.at(-1)?.slug ?? null) : null }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/models/:model/versions',
        operation: 'version.list',
        summary: 'Versions of a model, newest first',
        access: 'model.read',
        params: modelParams,
        query: z.strictObject({ after: z.uuid().optional(), limit: pageLimit }),
        reply: versionPage,
      },
      async ({ tx, project, params, query }) => {
        const versions = await pageVersions(tx, project.id, params.model, query.after ?? null, query.limit)
        const next = versions.length === query.limit ? (versions.at(-1)?.id ?? null) : null
        return { versions: versions.map(shownVersion), next }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/models/:model/versions',
        operation: 'version.register',
        summary: 'Register the weights folder of a snapshot as an immutable version',
        access: 'model.register',
        params: modelParams,
        body: newVersion,
        reply: versionDetail,
        status: 201,
      },
      async ({ tx, project, params, body, target }) => {
        const version = await registerVersion(tx, kernel, project, { ...body, model: params.model })
        if (body.trainingJobId !== undefined) await stateTraining(tx, kernel, project, version, body.trainingJobId)
        target('version', version.id, { model: version.model, label: version.label, weights: version.weightsDigest })
        return versionWithCard(version)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/models/:model/versions/:version',
        operation: 'version.read',
        summary: 'One version with its card, by label, alias or id',
        access: 'model.read',
        params: versionParams,
        reply: versionDetail,
      },
      async ({ tx, project, params }) =>
        versionWithCard(await readVersion(tx, project.id, params.model, params.version)),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/models/:model/aliases/:alias',
        operation: 'alias.move',
        summary: 'Point an alias at a version',
        access: 'model.register',
        params: z.strictObject({ ...modelParams.shape, alias: aliasName }),
        body: newAliasMove,
        reply: versionSchema,
      },
      async ({ tx, project, params, body, target }) => {
        const version = await moveAlias(tx, project, params.model, params.alias, body)
        target('version', version.id, { model: version.model, alias: params.alias, label: version.label })
        return shownVersion(version)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/models/:model/aliases',
        operation: 'alias.history',
        summary: 'Every move of the aliases, newest first',
        access: 'model.read',
        params: modelParams,
        reply: aliasHistory,
      },
      async ({ tx, project, params }) => ({ moves: await aliasHistoryOf(tx, project.id, params.model) }),
    ),
    route(
      {
        method: 'GET',
        path: '/api/model-signing-key',
        operation: 'model-signing-key.read',
        summary: 'The public key by which model.sig of this base is verified',
        access: 'anyone',
        reply: z.strictObject({ publicKeyPem: z.string() }),
      },
      async () => ({ publicKeyPem: await modelPublicKey(kernel) }),
    ),
  ]
}

/** Downloads of weights are streams; `model.sig` is the base's signature over the folder. */
export function versionStreams(app: FastifyInstance, kernel: Kernel): void {
  app.get(
    '/api/projects/:project/models/:model/versions/:version/files/*',
    { schema: { operationId: 'version.file', summary: 'One file of the weights, or model.sig' } },
    async (request, reply) => {
      const { project, model, version: key, '*': path } = request.params as Record<string, string>
      const version = await enterAs(kernel.database, request, 'model.read', project ?? '', (tx, entered) =>
        readVersion(tx, entered.project?.id ?? '', model ?? '', key ?? ''),
      )
      const sha256 = await digestOf(kernel, version, path ?? '')
      if (sha256 === null) throw httpProblem('kernel.not-found', { kind: 'file', id: path ?? '' })
      const stat = await kernel.objects.stat(sha256)
      if (stat !== null) reply.header('content-length', stat.sizeBytes)
      reply.header('etag', `"${sha256}"`)
      return reply.type('application/octet-stream').send(await kernel.objects.get(sha256))
    },
  )
}

async function digestOf(kernel: Kernel, version: StoredVersion, path: string): Promise<string | null> {
  if (path === signatureName) return version.modelSigSha256
  const { files } = await readManifest(kernel, version.snapshotDigest)
  const file = files.find((one) => one.path === path)
  if (file !== undefined) return file.sha256
  return path === 'card.json' ? version.cardSha256 : null
}

function versionWithCard({ projectId: _project, createdBy: _author, ...version }: StoredVersion): VersionDetail {
  return version
}

export function shownVersion({
  projectId: _project,
  createdBy: _author,
  card: _card,
  ...version
}: StoredVersion): Version {
  return version
}
