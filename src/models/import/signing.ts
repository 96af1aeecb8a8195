import { createPublicKey, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitPaths } from '../../kernel/index.ts'
import { generateModelKey, signModelFiles } from '../../kernel/index.ts'
import type { Kernel } from '../../kernel/index.ts'
import type { WeightsFile } from '../version/domain.ts'

/** What the bundle is called beside the weights: it signs everything in the folder but itself. */
export const signatureName = 'model.sig'

/**
 * Signs a weights folder in the OpenSSF format, by the names and digests of its files. Returns the bundle: kept as
 * `model.sig` beside the files it is accepted by `model_signing verify key`.
 */
export async function signWeights(kernel: Kernel, name: string, files: readonly WeightsFile[]): Promise<string> {
  const ignored = [...gitPaths, signatureName]
  const signed = files
    .filter(({ path }) => !ignored.some((one) => path === one || path.startsWith(`${one}/`)))
    .map(({ path, sha256 }) => ({ name: path, sha256 }))
  return signModelFiles(name, signed, await modelKey(kernel), ignored).bundle
}

/** The public half, which whoever verifies a model of this base needs. */
export async function modelPublicKey(kernel: Kernel): Promise<string> {
  return createPublicKey(await modelKey(kernel))
    .export({ type: 'spki', format: 'pem' })
    .toString()
}

/** Model signing takes no ed25519, so the base keeps an EC key for it beside its own; made when first needed. */
async function modelKey(kernel: Kernel): Promise<string> {
  const folder = join(kernel.dataFolder, 'keys')
  const path = join(folder, 'models.pem')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const fresh = `${path}.${randomUUID()}`
  await writeFile(fresh, generateModelKey().privateKeyPem, { mode: 0o600, flush: true })
  try {
    // A link is made whole or not at all, and refuses to take the place of a key that came first.
    await link(fresh, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(fresh)
  }
  return readFile(path, 'utf8')
}
