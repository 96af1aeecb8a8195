import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { enterAs, type Kernel, projectParams, type Route, route } from '../../kernel/index.ts'
import { missingList, missingWish, manifestSchema, newSnapshot, snapshotPage, snapshotSchema } from './contract.ts'
import { unpack } from './pack.ts'
import { createSnapshot, missingObjects, readManifest, readSnapshot } from './snapshots.ts'
import { pageSnapshots } from './store.ts'

const snapshotParams = z.strictObject({ ...projectParams.shape, snapshot: z.string().max(64) })
// 200,000 files at about 200 bytes each.
const manifestLimitBytes = 64 << 20
const packLimitBytes = 4 * 2 ** 30

export function snapshotRoutes(kernel: Kernel): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/snapshots',
        operation: 'snapshot.list',
        summary: 'Snapshots, newest first',
        access: 'snapshot.read',
        params: projectParams,
        query: z.strictObject({
          after: z.uuid().optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        reply: snapshotPage,
      },
      async ({ tx, project, query }) => {
        const snapshots = await pageSnapshots(tx, project.id, query.after ?? null, query.limit)
        return { snapshots, next: snapshots.length === query.limit ? (snapshots.at(-1)?.id ?? null) : null }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/snapshots/missing',
        operation: 'snapshot.missing',
        summary: 'Which contents are not stored yet',
        access: 'snapshot.create',
        params: projectParams,
        body: missingWish,
        reply: missingList,
        bodyLimitBytes: manifestLimitBytes,
      },
      async ({ body }) => ({ missing: [...(await missingObjects(kernel, body.sha256))] }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/snapshots',
        operation: 'snapshot.create',
        summary: 'Freeze stored files into a snapshot',
        access: 'snapshot.create',
        params: projectParams,
        body: newSnapshot,
        reply: snapshotSchema,
        status: 201,
        bodyLimitBytes: manifestLimitBytes,
      },
      async ({ tx, project, body, target }) => {
        const snapshot = await createSnapshot(tx, kernel, project, body.name, body.manifest)
        target('snapshot', snapshot.id, { digest: snapshot.digest })
        return snapshot
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/snapshots/:snapshot',
        operation: 'snapshot.read',
        summary: 'One snapshot, by id or digest',
        access: 'snapshot.read',
        params: snapshotParams,
        reply: snapshotSchema,
      },
      ({ tx, project, params }) => readSnapshot(tx, project.id, params.snapshot),
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/snapshots/:snapshot/manifest',
        operation: 'snapshot.manifest',
        summary: 'Its files by digest',
        access: 'snapshot.read',
        params: snapshotParams,
        reply: manifestSchema,
      },
      async ({ tx, project, params }) =>
        readManifest(kernel, (await readSnapshot(tx, project.id, params.snapshot)).digest),
    ),
  ]
}

/** Uploads of content and downloads of files are streams. */
export function snapshotStreams(app: FastifyInstance, kernel: Kernel): void {
  app.addContentTypeParser('application/vnd.pilotbase.pack', { bodyLimit: packLimitBytes }, (_request, payload, done) =>
    done(null, payload),
  )
  app.put(
    '/api/projects/:project/contents',
    { bodyLimit: packLimitBytes, schema: { operationId: 'content.put', summary: 'Store contents: a pack of files' } },
    async (request) => {
      const { project } = request.params as { project: string }
      await enterAs(kernel.database, request, 'snapshot.create', project, async () => undefined)
      const stored = await kernel.objects.putMany(unpack(request.body as AsyncIterable<Uint8Array>))
      return { stored: stored.files.map(({ sha256, sizeBytes }) => ({ sha256, sizeBytes })) }
    },
  )
  app.get(
    '/api/projects/:project/snapshots/:snapshot/files/*',
    { schema: { operationId: 'snapshot.file', summary: 'The content of one file' } },
    async (request, reply) => {
      const { project, snapshot, '*': path } = request.params as { project: string; snapshot: string; '*': string }
      const digest = await enterAs(
        kernel.database,
        request,
        'snapshot.read',
        project,
        async (tx, { project: seen }) => (await readSnapshot(tx, seen?.id ?? '', snapshot)).digest,
      )
      const file = (await readManifest(kernel, digest)).files.find((one) => one.path === path)
      if (file === undefined) return reply.callNotFound()
      reply.header('content-length', file.sizeBytes).header('etag', `"${file.sha256}"`)
      return reply.type('application/octet-stream').send(await kernel.objects.get(file.sha256))
    },
  )
}
