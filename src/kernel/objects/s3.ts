import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, stat as statFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { Problem } from '../errors/problem.ts'
import { systemCode } from './durable.ts'
import { words } from './folder.ts'
import {
  type Area,
  type Content,
  type ListedObject,
  type ObjectPlace,
  piecesOf,
  sha256Pattern,
  type StoredObject,
} from './place.ts'
import { problem } from './problems.ts'

export interface S3Address {
  readonly bucket: string
  /** Put before every key; empty, or ends in a slash. */
  readonly prefix: string
  /** Null: the service of the region. */
  readonly endpoint: string | null
  readonly region: string
  /** Null: found by the SDK in the environment, its files, or the machine's role. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null
  /** Local folder for what is larger than one part while its digest is being computed. */
  readonly spool: string
  /** Size of a part, 5 MiB at least by the protocol; grown for objects of more than 9,000 parts. */
  readonly partBytes?: number
}

/** An object put within this time isn't sent again: it is too young for any collector. */
const freshMs = 3_600_000

/**
 * An S3 store: keys `objects/<sha256>` and `indexes/<sha256>` under the prefix. The name is known only when all was
 * read, so a large content is first spooled to the local folder; then it goes up with its SHA-256, which the service
 * checks, and only where no such key is.
 */
export async function openS3(address: S3Address): Promise<ObjectPlace> {
  const { bucket, prefix, endpoint, region, credentials, spool } = address
  const partBytes = address.partBytes ?? 16 * 1024 * 1024
  const client = new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === null ? {} : { credentials }),
    maxAttempts: 5,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const name = `s3://${bucket}/${prefix}`
  const keyOf = (area: Area, sha256: string) => `${prefix}${area}/${sha256}`

  async function stat(area: Area, sha256: string): Promise<ListedObject | null> {
    try {
      const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: keyOf(area, sha256) }))
      return { sha256, sizeBytes: found.ContentLength ?? 0, storedAt: found.LastModified ?? new Date(0) }
    } catch (cause) {
      if (statusOf(cause) === 404) return null
      throw inWords(name, cause)
    }
  }

  async function isFresh(area: Area, { sha256, sizeBytes }: StoredObject): Promise<'fresh' | 'old' | 'absent'> {
    const found = await stat(area, sha256)
    if (found === null) return 'absent'
    return found.sizeBytes === sizeBytes && found.storedAt.getTime() > Date.now() - freshMs ? 'fresh' : 'old'
  }

  async function upload(area: Area, gathered: Gathered): Promise<StoredObject> {
    const stored = { sha256: gathered.sha256, sizeBytes: gathered.sizeBytes }
    const state = await isFresh(area, stored)
    if (state === 'fresh') return stored
    const target = { Bucket: bucket, Key: keyOf(area, stored.sha256) }
    const onlyNew = state === 'absent' ? { IfNoneMatch: '*' } : {}
    try {
      if (gathered.bytes !== null) {
        const checksum = { ChecksumSHA256: Buffer.from(stored.sha256, 'hex').toString('base64') }
        await client.send(new PutObjectCommand({ ...target, ...onlyNew, ...checksum, Body: gathered.bytes }))
      } else {
        await uploadParts(client, target, onlyNew, gathered, Math.max(partBytes, Math.ceil(stored.sizeBytes / 9000)))
      }
    } catch (cause) {
      // Somebody else put the same content first: that is what was wanted.
      const status = statusOf(cause)
      if (status !== 412 && status !== 409) throw inWords(name, cause)
      if ((await isFresh(area, stored)) === 'absent') throw inWords(name, cause)
    }
    return stored
  }

  try {
    await mkdir(spool, { recursive: true })
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
  } catch (cause) {
    throw inWords(name, cause)
  }

  return {
    name,
    stat,

    async write(area, content) {
      const gathered = await gather(content, partBytes, spool)
      try {
        return await upload(area, gathered)
      } finally {
        if (gathered.path !== null) await unlink(gathered.path)
      }
    },

    async *read(area, sha256, range) {
      if (range?.end !== undefined && range.end <= range.start) return
      const Range =
        range === undefined ? undefined : `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
      try {
        const target = { Bucket: bucket, Key: keyOf(area, sha256) }
        const { Body } = await client.send(new GetObjectCommand(Range === undefined ? target : { ...target, Range }))
        if (Body === undefined) return
        for await (const piece of Body as AsyncIterable<Uint8Array>) yield piece
      } catch (cause) {
        if (statusOf(cause) === 404) throw problem('kernel.object-missing', { sha256, place: name }, cause)
        throw inWords(name, cause)
      }
    },

    async remove(area, sha256, before) {
      // Looked at just before: S3 offers no removal that depends on the age, so the margin of a collection covers the rest.
      const found = await stat(area, sha256)
      if (found === null || (before !== undefined && found.storedAt >= before)) return false
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(area, sha256) }))
      } catch (cause) {
        throw inWords(name, cause)
      }
      return true
    },

    async *list(area) {
      const Prefix = `${prefix}${area}/`
      let after: string | undefined
      do {
        const page = await client
          .send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix,
              ...(after === undefined ? {} : { ContinuationToken: after }),
            }),
          )
          .catch((cause: unknown) => {
            throw inWords(name, cause)
          })
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          const sha256 = Key?.slice(Prefix.length) ?? ''
          if (!sha256Pattern.test(sha256)) continue
          yield { sha256, sizeBytes: Size ?? 0, storedAt: LastModified ?? new Date(0) }
        }
        after = page.NextContinuationToken
      } while (after !== undefined)
    },

    async sweep(before) {
      let swept = await sweepSpool(spool, before)
      try {
        const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))
        for (const { Key, UploadId, Initiated } of Uploads ?? []) {
          if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated >= before) continue
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
          swept += 1
        }
      } catch (cause) {
        throw inWords(name, cause)
      }
      return swept
    },
  }
}

/** A content whose digest is known: in memory when it fits one part, else spooled. */
interface Gathered extends StoredObject {
  readonly bytes: Buffer | null
  readonly path: string | null
}

async function gather(content: Content, partBytes: number, spool: string): Promise<Gathered> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let path: string | null = null
  const spill = async () => {
    path ??= join(spool, randomBytes(12).toString('hex'))
    const file = await open(path, 'a', 0o600)
    try {
      await file.writeFile(Buffer.concat(waiting))
    } finally {
      await file.close()
    }
    waiting = []
    waitingBytes = 0
  }
  try {
    for await (const piece of piecesOf(content)) {
      hash.update(piece)
      sizeBytes += piece.byteLength
      waiting.push(piece)
      waitingBytes += piece.byteLength
      if (waitingBytes > partBytes) await spill()
    }
    if (path !== null) await spill()
  } catch (cause) {
    if (path !== null) await unlink(path)
    throw words(spool, cause)
  }
  const sha256 = hash.digest('hex')
  return { sha256, sizeBytes, path, bytes: path === null ? Buffer.concat(waiting) : null }
}

async function sweepSpool(spool: string, before: Date): Promise<number> {
  let swept = 0
  for await (const entry of await opendir(spool)) {
    const path = join(spool, entry.name)
    if ((await statFile(path)).mtime >= before) continue
    await unlink(path)
    swept += 1
  }
  return swept
}

async function uploadParts(
  client: S3Client,
  target: { Bucket: string; Key: string },
  onlyNew: { IfNoneMatch?: string },
  gathered: Gathered,
  partBytes: number,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256' }))
  if (UploadId === undefined) throw new Error('the service began an upload without giving it a name')
  try {
    const Parts: { ETag: string; PartNumber: number; ChecksumSHA256: string }[] = []
    for await (const piece of createReadStream(gathered.path ?? '', { highWaterMark: partBytes })) {
      const Body = piece as Buffer
      const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64')
      const PartNumber = Parts.length + 1
      const part = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body, ChecksumSHA256 }))
      Parts.push({ ETag: part.ETag ?? '', PartNumber, ChecksumSHA256 })
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...target, ...onlyNew, UploadId, MultipartUpload: { Parts } }),
    )
  } catch (cause) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch((second: unknown) => {
      // What could not be aborted is found by the sweep; the first cause is what matters.
      if (statusOf(second) === null)
        throw new AggregateError([cause, second], 'an upload failed and could not be undone')
    })
    throw cause
  }
}

/** HTTP status of the service's answer; null where none came. */
function statusOf(cause: unknown): number | null {
  return cause instanceof S3ServiceException ? (cause.$metadata.httpStatusCode ?? null) : null
}

/** Says in words what the service or the network refused; our own problems and everything unforeseen pass unchanged. */
function inWords(place: string, cause: unknown): unknown {
  if (cause instanceof Problem) return cause
  const status = statusOf(cause)
  const detail = cause instanceof Error ? cause.name : 'no answer'
  if (status === 507) return problem('kernel.disk-full', { place }, cause)
  if (status === 401 || status === 403)
    return problem('kernel.storage-unwritable', { place, detail: 'access denied' }, cause)
  if (status === 404) return problem('kernel.storage-unwritable', { place, detail: 'there is no such bucket' }, cause)
  if (status !== null) return problem('kernel.storage-unreachable', { place, detail: `${detail} (${status})` }, cause)
  const code = systemCode(cause) ?? codeInside(cause)
  if (code === null) return cause
  return problem('kernel.storage-unreachable', { place, detail: code }, cause)
}

/** A refused connection may be wrapped: node joins the attempts at several addresses of a host. */
function codeInside(cause: unknown): string | null {
  if (cause instanceof AggregateError) return systemCode(cause.errors[0])
  return cause instanceof Error && cause.name === 'TimeoutError' ? 'TimeoutError' : null
}
