import { z } from 'zod'

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex')

export const manifestFile = z.strictObject({
  path: z.string().min(1).max(1024).describe('relative, with /'),
  sha256,
  sizeBytes: z.int().nonnegative(),
  split: z.string().min(1).max(40).optional().describe('train, val, test, or a name of the data’s own'),
})
export type ManifestFile = z.infer<typeof manifestFile>

/** What a snapshot is: the digest of this, in canonical JSON with the files by path, is its name. */
export const manifestSchema = z.strictObject({
  schema: z.literal('pilotbase.snapshot/1'),
  source: z.string().min(1).max(2000).describe('where the data come from'),
  licence: z.string().min(1).max(200),
  synthetic: z.boolean(),
  files: z.array(manifestFile).min(1).max(200_000),
})
export type Manifest = z.infer<typeof manifestSchema>

export const newSnapshot = z.strictObject({
  name: z.string().min(1).max(200),
  manifest: manifestSchema,
})

export const snapshotSchema = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  digest: sha256,
  files: z.int(),
  sizeBytes: z.int(),
  source: z.string(),
  licence: z.string(),
  synthetic: z.boolean(),
  splits: z.record(z.string(), z.int()).describe('files by split; files of no split under an empty name'),
  createdAt: z.iso.datetime(),
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const snapshotPage = z.strictObject({
  snapshots: z.array(snapshotSchema),
  next: z.string().nullable().describe('pass as `after` for the next page'),
})
export const storedList = z.strictObject({ stored: z.array(z.strictObject({ sha256, sizeBytes: z.int() })) })
export const missingWish = z.strictObject({ sha256: z.array(sha256).max(200_000) })
export const missingList = z.strictObject({ missing: z.array(sha256) })
