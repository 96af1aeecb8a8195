import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { openS3, type S3Address } from './s3.ts'
import { placeConformance } from './testing.ts'

const endpoint = process.env.PILOTBASE_S3_ENDPOINT ?? null
const credentials = {
  accessKeyId: process.env.PILOTBASE_S3_ACCESS_KEY ?? 'testkey',
  secretAccessKey: process.env.PILOTBASE_S3_SECRET_KEY ?? 'testsecret',
}
const bucket = 'pilotbase-conformance'

async function address(changed: Partial<S3Address> = {}): Promise<S3Address> {
  const spool = await mkdtemp(join(tmpdir(), 'spool-'))
  const prefix = `${randomUUID()}/`
  return { bucket, prefix, endpoint, region: 'us-east-1', credentials, spool, partBytes: 5 * 1024 * 1024, ...changed }
}

placeConformance(
  's3',
  async () => {
    const where = await address()
    const client = new S3Client({ endpoint: endpoint ?? '', region: where.region, forcePathStyle: true, credentials })
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((cause: Error) => {
      if (!['BucketAlreadyExists', 'BucketAlreadyOwnedByYou'].includes(cause.name)) throw cause
    })
    return {
      place: await openS3(where),
      async damage(sha256, at) {
        const target = { Bucket: bucket, Key: `${where.prefix}objects/${sha256}` }
        const { Body } = await client.send(new GetObjectCommand(target))
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
        bytes[at] = (bytes[at] ?? 0) ^ 1
        await client.send(new PutObjectCommand({ ...target, Body: bytes }))
      },
      async close() {
        assert.deepEqual(await readdir(where.spool), [])
        await rm(where.spool, { recursive: true })
      },
    }
  },
  { largeBytes: 12_000_000, skip: endpoint === null ? 'PILOTBASE_S3_ENDPOINT names no S3 store' : false },
)

test('a store that does not answer is said in words', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  server.close()
  await once(server, 'close')
  const where = await address({ endpoint: `http://127.0.0.1:${bound.port}` })
  await assert.rejects(openS3(where), { code: 'kernel.storage-unreachable' })
  await rm(where.spool, { recursive: true })
})

test('s3: a bucket that is not there is said in words', {
  skip: endpoint === null ? 'no S3 store' : false,
}, async () => {
  const where = await address({ bucket: 'pilotbase-nowhere' })
  await assert.rejects(openS3(where), { code: 'kernel.storage-unwritable' })
  await rm(where.spool, { recursive: true })
})
