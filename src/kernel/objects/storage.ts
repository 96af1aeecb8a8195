import { join, resolve } from 'node:path'
import type { Config } from '../config/schema.ts'
import { openPlace } from './open.ts'
import { type ObjectStore, objectStore } from './store.ts'

/** The object store that the configuration names: an S3 bucket, or a folder in the data folder. */
export async function openStorage(config: Config): Promise<ObjectStore> {
  const dataFolder = resolve(config.data)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  return objectStore(
    await openPlace({
      address: config.objects ?? join(dataFolder, 'objects'),
      dataFolder,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    }),
  )
}
