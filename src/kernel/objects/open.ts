import { join } from 'node:path'
import { openFolder } from './folder.ts'
import type { ObjectPlace } from './place.ts'
import { problem } from './problems.ts'
import type { S3Address } from './s3.ts'

/** What a base needs to know to open its storage. */
export interface StorageSettings {
  /** A folder, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`. */
  readonly address: string
  /** Where a base keeps files of its own: the spool of an S3 storage lies there. */
  readonly dataFolder: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
}

/** Opens the place that an address names. The S3 client is loaded only where it is used: it costs start-up time. */
export async function openPlace(settings: StorageSettings): Promise<ObjectPlace> {
  if (!settings.address.includes('://')) return openFolder(settings.address)
  const address = readS3Address(settings)
  const { openS3 } = await import('./s3.ts')
  return openS3(address)
}

/** Reads an S3 address; keys come from the settings, never from the address, which is shown to people. */
export function readS3Address(settings: StorageSettings): S3Address {
  const { address, dataFolder, accessKeyId, secretAccessKey } = settings
  const url = URL.parse(address)
  const known = new Set(['endpoint', 'region'])
  const isStrange =
    url === null || url.protocol !== 's3:' || url.hostname === '' || url.username !== '' || url.hash !== ''
  if (isStrange || [...url.searchParams.keys()].some((key) => !known.has(key))) {
    throw problem('kernel.storage-address-wrong', { address: url === null ? address : `${url.protocol}//${url.host}` })
  }
  const path = url.pathname.replace(/^\/+|\/+$/g, '')
  return {
    bucket: url.hostname,
    prefix: path === '' ? '' : `${path}/`,
    endpoint: url.searchParams.get('endpoint'),
    region: url.searchParams.get('region') ?? 'us-east-1',
    credentials: accessKeyId === undefined || secretAccessKey === undefined ? null : { accessKeyId, secretAccessKey },
    spool: join(dataFolder, 'spool'),
  }
}
