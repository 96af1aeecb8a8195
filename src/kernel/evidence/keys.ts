import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { syncFolder, systemCode } from '../objects/durable.ts'
import { problem } from './problems.ts'

/** A private key that signs evidence. `keyid` is the SHA-256 of the public key in SPKI DER, in hex. */
export interface SigningKey {
  readonly keyid: string
  readonly privateKey: KeyObject
  readonly publicKeyPem: string
}

export const trustedKeySchema = z.strictObject({
  keyid: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the public key in SPKI DER, hex'),
  party: z.string().min(1).describe('whose key it is: an organisation, a base, a person'),
  publicKeyPem: z.string().describe('ed25519 public key, PEM (SPKI)'),
  validFrom: z.iso.datetime().describe('statements dated before this instant are refused'),
  revokedAt: z.iso.datetime().optional().describe('statements dated at or after this instant are refused'),
})
export type TrustedKey = z.infer<typeof trustedKeySchema>

export const keyRingFileSchema = z.strictObject({
  format: z.literal('https://pilotbase.dev/key-ring/v1'),
  keys: z.array(trustedKeySchema),
})

/** The public keys that a verifier trusts, ready for use. */
export type KeyRing = ReadonlyMap<string, { readonly trusted: TrustedKey; readonly publicKey: KeyObject }>

/** SHA-256 over the SPKI DER of a public key: its name everywhere. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

export function generateSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey)
}

/** Reads a PKCS#8 PEM; `path` only names it in the refusal. */
export function loadSigningKey(pem: string, path = 'given'): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw problem('kernel.signing-key-unreadable', { path, detail: 'it is no private key in PEM' }, cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw problem('kernel.signing-key-unreadable', { path, detail: `it is ${key.asymmetricKeyType}, not ed25519` })
  }
  return signingKey(key)
}

export function privateKeyPem(key: SigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * The key kept in a file, made on first use. Several bases may start at once on one folder: the file appears whole or
 * not at all (written aside, fsynced, then linked, and a link never replaces), so all end up with the same key.
 */
export async function openSigningKey(path: string): Promise<SigningKey> {
  const present = await readIfThere(path)
  if (present !== null) return loadSigningKey(present, path)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomBytes(8).toString('hex')}`
  const made = generateSigningKey()
  const file = await open(aside, 'wx', 0o600)
  try {
    await file.writeFile(privateKeyPem(made))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(aside, path)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw cause
  } finally {
    await unlink(aside)
  }
  await syncFolder(dirname(path))
  return loadSigningKey(await readFile(path, 'utf8'), path)
}

/** Builds the ring and refuses an entry whose key is not ed25519 or whose keyid is not the key's own. */
export function keyRing(keys: readonly TrustedKey[]): KeyRing {
  const ring = new Map<string, { trusted: TrustedKey; publicKey: KeyObject }>()
  for (const trusted of keys) {
    const publicKey = readPublicKey(trusted)
    if (keyIdOf(publicKey) !== trusted.keyid) {
      throw problem('kernel.key-ring-wrong', {
        detail: `the key of ${trusted.party} does not have the keyid beside it`,
      })
    }
    if (ring.has(trusted.keyid)) {
      throw problem('kernel.key-ring-wrong', { detail: `the key ${trusted.keyid} is named twice` })
    }
    ring.set(trusted.keyid, { trusted, publicKey })
  }
  return ring
}

/** Reads a key ring file: `{format, keys: [{keyid, party, publicKeyPem, validFrom, revokedAt?}]}`. */
export function readKeyRing(json: string): KeyRing {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw problem('kernel.key-ring-wrong', { detail: 'it is not JSON' }, cause)
  }
  const parsed = keyRingFileSchema.safeParse(value)
  if (!parsed.success) throw problem('kernel.key-ring-wrong', { detail: firstIssue(parsed.error) }, parsed.error)
  return keyRing(parsed.data.keys)
}

/** The entry with which others come to trust this key. */
export function trustedKeyOf(key: SigningKey, party: string, validFrom: string): TrustedKey {
  return { keyid: key.keyid, party, publicKeyPem: key.publicKeyPem, validFrom }
}

/** True when a statement dated `at` may carry this key's signature. */
export function isValidAt(trusted: TrustedKey, at: string): boolean {
  const instant = Date.parse(at)
  if (instant < Date.parse(trusted.validFrom)) return false
  return trusted.revokedAt === undefined || instant < Date.parse(trusted.revokedAt)
}

/** The first thing that zod found wrong, in one line. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'unknown'
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`
}

/** ed25519 over the bytes (RFC 8032). */
export function signBytes(key: SigningKey, bytes: Uint8Array): Buffer {
  return sign(null, bytes, key.privateKey)
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  return {
    keyid: keyIdOf(publicKey),
    privateKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function readPublicKey(trusted: TrustedKey): KeyObject {
  let key: KeyObject
  try {
    key = createPublicKey(trusted.publicKeyPem)
  } catch (cause) {
    throw problem('kernel.key-ring-wrong', { detail: `the key of ${trusted.party} is not PEM` }, cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw problem('kernel.key-ring-wrong', { detail: `the key of ${trusted.party} is not ed25519` })
  }
  return key
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw problem('kernel.signing-key-unreadable', { path, detail: 'it cannot be read' }, cause)
  }
}
