import { z } from 'zod'
import { modelCard } from './card.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex')

export const modelSlug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'begins with a letter; lower-case letters, digits and hyphens, at most 63')
export const versionLabel = z
  .string()
  .max(100)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'three numbers, such as 1.0.0, with a suffix after a hyphen where needed')
export const aliasName = modelSlug.describe('such as candidate; begins with a letter, so that no label is meant by it')
export const versionKey = z.string().max(100).describe('a label, an alias, or the id of the version')

export const versionKinds = ['ecg', 'onnx'] as const
export const versionKind = z
  .enum(versionKinds)
  .describe('ecg: answers recordings and its networks are callable; onnx: its networks are callable')
export type VersionKind = z.infer<typeof versionKind>

const tensorShape = z.strictObject({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()).describe('-1 is a dimension of any size'),
})
export const versionSignature = z.strictObject({
  endpoint: z.string().nullable().describe('schema of the typed answer; null where only the networks are callable'),
  networks: z.array(
    z.strictObject({
      name: z.string(),
      file: z.string(),
      inputs: z.array(tensorShape),
      outputs: z.array(tensorShape),
    }),
  ),
})
export type VersionSignature = z.infer<typeof versionSignature>

export const versionSchema = z.strictObject({
  id: z.uuid(),
  model: modelSlug,
  label: versionLabel,
  kind: versionKind,
  snapshotDigest: sha256.describe('the data snapshot that holds the weights folder'),
  weightsDigest: sha256.describe('SHA-256 over the listing of the model’s files; `evaluate` prints it as model_digest'),
  signature: versionSignature,
  cardSha256: sha256,
  modelSigSha256: sha256.describe('OpenSSF model signing bundle over the weights folder'),
  trainingJobId: z.uuid().nullable().describe('null where it was not trained here'),
  synthetic: z.boolean(),
  demo: z.boolean(),
  aliases: z.array(aliasName).describe('that point here now'),
  createdAt: z.iso.datetime(),
})
export type Version = z.infer<typeof versionSchema>

export const versionDetail = z.strictObject({ ...versionSchema.shape, card: modelCard })
export type VersionDetail = z.infer<typeof versionDetail>

export const modelSchema = z.strictObject({
  id: z.uuid(),
  slug: modelSlug,
  title: z.string(),
  versions: z.int(),
  aliases: z.array(z.strictObject({ alias: aliasName, label: versionLabel })),
  createdAt: z.iso.datetime(),
})
export type Model = z.infer<typeof modelSchema>

export const modelPage = z.strictObject({
  models: z.array(modelSchema),
  next: z.string().nullable().describe('pass as `after` for the next page'),
})
export const versionPage = z.strictObject({ versions: z.array(versionSchema), next: z.string().nullable() })

export const newVersion = z.strictObject({
  label: versionLabel,
  snapshot: z.string().max(64).describe('id or digest of the snapshot that holds the weights folder'),
  title: z.string().min(1).max(200).optional().describe('of the model, where this is its first version'),
  card: modelCard.optional().describe('where the weights folder has no card.json'),
  trainingJobId: z.uuid().optional(),
})
export type NewVersion = z.infer<typeof newVersion>

export const newAliasMove = z.strictObject({
  version: versionKey,
  reason: z.string().min(1).max(2000).optional(),
})
export const aliasMoveSchema = z.strictObject({
  alias: aliasName,
  label: versionLabel,
  versionId: z.uuid(),
  reason: z.string().nullable(),
  movedBy: z.string().nullable().describe('id of the person; null for the base itself'),
  movedAt: z.iso.datetime(),
})
export type AliasMove = z.infer<typeof aliasMoveSchema>
export const aliasHistory = z.strictObject({ moves: z.array(aliasMoveSchema) })
