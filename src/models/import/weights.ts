import { z } from 'zod'
import { type ManifestFile, readManifest } from '../../data/index.ts'
import { type Kernel, sha256Of } from '../../kernel/index.ts'
import { issueOf } from '../version/issue.ts'
import { problem } from '../problems.ts'
import { type ModelCard, modelCard } from '../version/card.ts'
import type { VersionKind } from '../version/contract.ts'
import { firstDifference, networksOf, partsOf, type WeightsFile, weightsListing } from '../version/domain.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const weightsManifest = z.looseObject({
  schema: z.literal('pilotbase.weights/1'),
  model: z.string().min(1),
  files: z.array(z.looseObject({ path: z.string().min(1), sha256 })).min(1),
})
/** What a recipe says of its run, as far as evidence repeats it. */
const runFile = z.looseObject({
  recipe: z.string().optional(),
  seed: z.int().optional(),
  libraries: z.record(z.string(), z.string()).optional(),
  hardware: z.looseObject({ machine: z.string().optional(), cores: z.int().optional() }).optional(),
})
export type RunFile = z.infer<typeof runFile>

/** A weights folder as a snapshot holds it, its files compared with its own manifest. */
export interface Weights {
  readonly kind: VersionKind
  /** SHA-256 over the listing of the model's files: metrics.md calls it model_digest. */
  readonly digest: string
  /** Everything that the snapshot holds. */
  readonly files: readonly ManifestFile[]
  /** What the model consists of. */
  readonly parts: readonly ManifestFile[]
  readonly networks: readonly { readonly name: string; readonly path: string }[]
}

/** Reads what a snapshot says of a weights folder and refuses one that is not whole; none of its files is run for that. */
export async function readWeights(kernel: Kernel, snapshotDigest: string): Promise<Weights> {
  const { files } = await readManifest(kernel, snapshotDigest)
  const manifest = await readJson(kernel, files, 'manifest.json', weightsManifest, 'models.manifest-wrong')
  const difference = manifest === null ? null : firstDifference(files, manifest.value.files)
  if (difference !== null)
    throw problem(difference.isMissing ? 'models.weights-file-missing' : 'models.weights-file-differs', {
      file: difference.path,
    })
  const parts = partsOf(files, manifest?.value.files ?? null)
  const networks = networksOf(parts)
  if (networks.length === 0) throw problem('models.weights-no-network', { snapshot: snapshotDigest })
  const twice = networks.find(({ name }, at) => networks[at - 1]?.name === name)
  if (twice !== undefined) throw problem('models.weights-names-clash', { name: twice.name })
  return {
    kind: manifest?.value.model === 'ecg' ? 'ecg' : 'onnx',
    digest: weightsDigest(parts),
    files,
    parts,
    networks,
  }
}

/** The digest of a model's files, as `evaluate` prints it: the one file's own, or that of their listing. */
export function weightsDigest(files: readonly WeightsFile[]): string {
  const [only, ...more] = files
  return only !== undefined && more.length === 0 ? only.sha256 : sha256Of(Buffer.from(weightsListing(files)))
}

/** card.json of the folder with its digest; null where there is none. */
export async function readCard(
  kernel: Kernel,
  weights: Weights,
): Promise<{ readonly card: ModelCard; readonly sha256: string } | null> {
  const read = await readJson(kernel, weights.files, 'card.json', modelCard, 'models.card-wrong')
  return read === null ? null : { card: read.value, sha256: read.sha256 }
}

/** run.json as far as it is one; null where there is none or it says other things. */
export async function readRun(kernel: Kernel, weights: Weights): Promise<RunFile | null> {
  const file = weights.files.find(({ path }) => path === 'run.json')
  if (file === undefined) return null
  const parsed = runFile.safeParse(jsonOf(await kernel.objects.read(file.sha256)))
  return parsed.success ? parsed.data : null
}

async function readJson<S extends z.ZodType>(
  kernel: Kernel,
  files: readonly ManifestFile[],
  path: string,
  schema: S,
  code: 'models.manifest-wrong' | 'models.card-wrong',
): Promise<{ value: z.infer<S>; sha256: string } | null> {
  const file = files.find((one) => one.path === path)
  if (file === undefined) return null
  const parsed = schema.safeParse(jsonOf(await kernel.objects.read(file.sha256)))
  if (!parsed.success) throw problem(code, { issue: issueOf(parsed.error) })
  return { value: parsed.data, sha256: file.sha256 }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // No JSON is nothing that any schema accepts: the caller's parse says so with its own words.
    return undefined
  }
}
