import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { decodeBase64, preAuthEncoding, type Verdict } from '../dsse.ts'
import { firstIssue } from '../keys.ts'
import { sha256Hex } from '../predicates.ts'
import { problem, refuse, type Reason, type Refusal } from '../problems.ts'
import { parseJson, statementPayloadType, statementType, type Subject } from '../statement.ts'
import { compareFiles, gitPaths, inOrder, type ModelFile, readModelFolder, rootDigest } from './manifest.ts'

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const modelPredicate = 'https://model_signing/signature/v1.0'

/** A sigstore bundle as OpenSSF model-signing 1.x writes it in private-key mode; members that it adds are passed over. */
const bundleSchema = z.looseObject({
  mediaType: z.literal(mediaType),
  verificationMaterial: z.looseObject({ publicKey: z.looseObject({ hint: z.string().nullish() }) }),
  dsseEnvelope: z.looseObject({
    payload: z.string(),
    payloadType: z.literal(statementPayloadType),
    signatures: z.array(z.looseObject({ sig: z.string() })).length(1),
  }),
})

const payloadSchema = z.looseObject({
  _type: z.literal(statementType),
  subject: z.array(z.looseObject({ name: z.string(), digest: z.looseObject({ sha256: sha256Hex }) })).length(1),
  predicateType: z.string(),
  predicate: z.looseObject({}),
})

const predicateSchema = z.looseObject({
  serialization: z.looseObject({
    method: z.literal('files'),
    hash_type: z.literal('sha256'),
    allow_symlinks: z.literal(false),
    ignore_paths: z.array(z.string()).default([]),
  }),
  resources: z.array(z.looseObject({ name: relativePath(), algorithm: z.literal('sha256'), digest: sha256Hex })),
})

/** What a bundle says, its signature checked. */
export interface SignedModel {
  /** The model's name and its root digest. */
  readonly subject: Subject
  readonly files: readonly ModelFile[]
  readonly ignored: readonly string[]
}

export interface ModelReport {
  readonly ok: boolean
  readonly model: SignedModel | null
  readonly refusals: readonly Refusal[]
}

/** A new EC P-256 key in PEM: model-signing takes no ed25519, so a base keeps this one beside its own. */
export function generateModelKey(): { privateKeyPem: string; publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: pemOf(publicKey),
  }
}

/**
 * Signs a folder of weights as `model_signing sign key` does, so that `model_signing verify key --public_key PEM
 * --signature FILE FOLDER` accepts it. `signaturePath`, where the bundle will be kept, is not part of the model.
 */
export async function signModelFolder(
  folder: string,
  privateKeyPem: string,
  signaturePath: string,
): Promise<{ bundle: string; subject: Subject }> {
  const ignored = [...gitPaths, ...insideOf(folder, signaturePath)]
  const { name, files, refusals } = await readModelFolder(folder, ignored)
  const refusal = refusals[0]
  if (refusal !== undefined) throw refusal.problem
  return signModelFiles(name, files, privateKeyPem, ignored)
}

/** Signs a model whose files are known by name and digest already, as in the object store. */
export function signModelFiles(
  name: string,
  files: readonly ModelFile[],
  privateKeyPem: string,
  ignored: readonly string[] = gitPaths,
): { bundle: string; subject: Subject } {
  const { key, publicKey, hash } = readEcKey(privateKeyPem)
  const ordered = inOrder(files)
  const subject: Subject = { name, digest: { sha256: rootDigest(ordered) } }
  const payload = Buffer.from(
    JSON.stringify({
      _type: statementType,
      subject: [subject],
      predicateType: modelPredicate,
      predicate: {
        serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: ignored },
        resources: ordered.map((file) => ({ name: file.name, algorithm: 'sha256', digest: file.sha256 })),
      },
    }),
  )
  const sig = sign(hash, preAuthEncoding(statementPayloadType, payload), { key, dsaEncoding: 'der' })
  const bundle = {
    mediaType,
    verificationMaterial: { publicKey: { hint: hintOf(publicKey) }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: statementPayloadType,
      signatures: [{ sig: sig.toString('base64'), keyid: '' }],
    },
  }
  return { bundle: JSON.stringify(bundle), subject }
}

/** Opens a bundle made by us or by the OpenSSF tool with an elliptic-curve key (P-256, P-384, P-521). */
export function openModelBundle(bundle: string, publicKeyPem: string): Verdict<SignedModel> {
  const no = (reason: Reason, params: Record<string, string> = {}) => ({
    ok: false as const,
    refusal: refuse(reason, 'the model signature', null, params),
  })
  const parsed = bundleSchema.safeParse(parseJson(Buffer.from(bundle)))
  if (!parsed.success) return no('malformed', { detail: firstIssue(parsed.error) })
  const { verificationMaterial, dsseEnvelope } = parsed.data
  const { publicKey, hash } = readEcKey(publicKeyPem)
  const hint = verificationMaterial.publicKey.hint ?? hintOf(publicKey)
  if (hint !== hintOf(publicKey)) return no('foreign-key', { keyid: hint })
  const payload = decodeBase64(dsseEnvelope.payload)
  const sig = decodeBase64(dsseEnvelope.signatures[0]?.sig ?? '')
  if (payload === null || sig === null) return no('malformed', { detail: 'payload or signature is not base64' })
  const signed = preAuthEncoding(statementPayloadType, payload)
  if (!verify(hash, signed, { key: publicKey, dsaEncoding: 'der' }, sig)) return no('forged')
  return readPayload(payload, no)
}

/** Verifies a folder against a bundle. Files that were never signed are refused unless told otherwise. */
export async function verifyModelFolder(
  folder: string,
  bundle: string,
  publicKeyPem: string,
  options: { signaturePath?: string; ignoreUnsigned?: boolean } = {},
): Promise<ModelReport> {
  const opened = openModelBundle(bundle, publicKeyPem)
  if (!opened.ok) return { ok: false, model: null, refusals: [opened.refusal] }
  const { value: model } = opened
  const here = options.signaturePath === undefined ? [] : insideOf(folder, options.signaturePath)
  const found = await readModelFolder(folder, [...model.ignored, ...here])
  const refusals = [...found.refusals, ...compareFiles(model.files, found.files, options.ignoreUnsigned)]
  return { ok: refusals.length === 0, model, refusals }
}

function readPayload(
  payload: Buffer,
  no: (reason: Reason, params: Record<string, string>) => { ok: false; refusal: Refusal },
): Verdict<SignedModel> {
  const parsed = payloadSchema.safeParse(parseJson(payload))
  if (!parsed.success) return no('malformed', { detail: firstIssue(parsed.error) })
  const { predicateType, predicate, subject } = parsed.data
  if (predicateType !== modelPredicate) return no('unknown-predicate', { predicateType })
  const checked = predicateSchema.safeParse(predicate)
  if (!checked.success) return no('malformed', { detail: firstIssue(checked.error) })
  const { resources, serialization } = checked.data
  const files = resources.map(({ name, digest }) => ({ name, sha256: digest }))
  if (new Set(files.map((file) => file.name)).size !== files.length) {
    return no('malformed', { detail: 'a file is named twice' })
  }
  const sha256 = subject[0]?.digest.sha256 ?? ''
  if (rootDigest(files) !== sha256) return no('digest-mismatch', { detail: `its files make ${rootDigest(files)}` })
  const model = {
    subject: { name: subject[0]?.name ?? '', digest: { sha256 } },
    files,
    ignored: serialization.ignore_paths,
  }
  return { ok: true, value: model }
}

/** A path of a file inside the model, never outside. */
function relativePath() {
  const isInside = (name: string) => name !== '' && !name.split('/').some((part) => ['', '.', '..'].includes(part))
  return z.string().refine(isInside, 'must be a path inside the model')
}

function readEcKey(pem: string): { key: KeyObject; publicKey: KeyObject; hash: 'sha256' | 'sha384' | 'sha512' } {
  const unusable = (detail: string, cause?: unknown) =>
    problem('kernel.signing-key-unreadable', { path: 'of the model', detail }, cause)
  let key: KeyObject
  try {
    key = pem.includes('PRIVATE KEY') ? createPrivateKey(pem) : createPublicKey(pem)
  } catch (cause) {
    throw unusable('it is no key in PEM', cause)
  }
  const hash = hashOf(key.asymmetricKeyDetails?.namedCurve)
  if (hash === null) throw unusable('model signing takes EC keys on P-256, P-384 or P-521')
  return { key, publicKey: key.type === 'private' ? createPublicKey(key) : key, hash }
}

function hashOf(curve: string | undefined): 'sha256' | 'sha384' | 'sha512' | null {
  if (curve === 'prime256v1') return 'sha256'
  if (curve === 'secp384r1') return 'sha384'
  return curve === 'secp521r1' ? 'sha512' : null
}

/** Names the key in the bundle: SHA-256 of its PEM text, as the tool has it. */
function hintOf(publicKey: KeyObject): string {
  return createHash('sha256').update(pemOf(publicKey)).digest('hex')
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

/** The path relative to the folder where it lies inside, with `/` between the parts. */
function insideOf(folder: string, path: string): string[] {
  const inside = relative(resolve(folder), resolve(path)).split(sep).join('/')
  return inside === '' || inside.startsWith('..') ? [] : [inside]
}
