/** From the name of a model to something that answers questions: the one place that knows which models there are. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Recording } from '../../data/index.ts'
import { Problem } from '../../kernel/index.ts'
import { openEcgModel } from '../../models/offline.ts'
import { analyseEcg } from '../../models/offline.ts'
import { modelDigest } from '../../statistics/index.ts'
import { readPlain } from '../datasets/folder.ts'
import { problem } from '../problems.ts'
import { sha256Hex } from './sha256.ts'
import type { Question, Reply } from '../tasks/question.ts'

export interface ModelIdentity {
  readonly name: string
  readonly version: string | null
  /** `sha256:…`; null where the model itself is not at hand. */
  readonly digest: string | null
}

export interface EvaluatedModel extends ModelIdentity {
  /** Kinds of task it can take. */
  readonly tasks: readonly string[]
  readonly device: string
  /** Throws a Problem where the model refuses. */
  ask(question: Question): Promise<Reply>
  close(): Promise<void>
}

/** What `manifest.json` says of any model; more may stand there. */
const manifestShape = z.looseObject({
  model: z.string(),
  version: z.string().optional(),
  files: z.array(z.looseObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })).min(1),
})
const cardShape = z.looseObject({ version: z.string().optional() })

interface Described extends ModelIdentity {
  readonly kind: string
  readonly folder: string
}

const weights = fileURLToPath(new URL('../../../weights/', import.meta.url))

/** Opens a model by the name of a folder in `weights/`, or by the path of such a folder. */
export async function openModel(wish: string): Promise<EvaluatedModel> {
  const described = await describe(wish)
  const open = openers[described.kind]
  if (open === undefined) throw problem('bench.model-kind', { model: wish, known: Object.keys(openers).join(', ') })
  try {
    return await open(described)
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    // Files of another version: what the model's own reader says of them is all there is to tell.
    const detail = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ').slice(0, 300) : String(cause)
    throw problem('bench.model-broken', { model: wish, detail }, cause)
  }
}

/** Who a model is, without running it; a name that is no folder is taken as given. */
export async function identifyModel(wish: string): Promise<ModelIdentity> {
  if ((await folderOf(wish)) === null) return { name: wish, version: null, digest: null }
  const { name, version, digest } = await describe(wish)
  return { name, version, digest }
}

async function describe(wish: string): Promise<Described> {
  const folder = await folderOf(wish)
  if (folder === null)
    throw problem('bench.call-model-unknown', { model: wish, known: (await names()).join(', ') || '–' })
  const read = async (file: string): Promise<unknown> => {
    const bytes = await readPlain(join(folder, file), file)
    return bytes === null ? null : parse(bytes.toString('utf8'))
  }
  const manifest = manifestShape.safeParse(await read('manifest.json'))
  if (!manifest.success) throw problem('bench.model-kind', { model: wish, known: Object.keys(openers).join(', ') })
  const card = cardShape.safeParse(await read('card.json'))
  const { model, version, files } = manifest.data
  return {
    kind: model,
    folder,
    name: model,
    version: version ?? card.data?.version ?? null,
    digest: modelDigest(files, sha256Hex),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // expected: a folder that is no model; the shape refuses it with the reason
  }
}

async function folderOf(wish: string): Promise<string | null> {
  const candidates = /^[\w-]+$/.test(wish) ? [join(weights, wish), resolve(wish)] : [resolve(wish)]
  for (const folder of candidates) if (await isFolder(folder)) return folder
  return null
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null) // expected: nothing there
  return found?.isDirectory() ?? false
}

async function names(): Promise<string[]> {
  const entries = await readdir(weights, { withFileTypes: true }).catch(() => []) // expected: no weights shipped
  return entries.filter((entry) => entry.isDirectory()).map((entry) => basename(entry.name))
}

const openers: Readonly<Record<string, (described: Described) => Promise<EvaluatedModel>>> = {
  async ecg({ name, version, digest, folder }) {
    const model = await openEcgModel(folder)
    return {
      name,
      version,
      digest,
      device: 'cpu',
      tasks: ['ecg-beats', 'ecg-beat-class'],
      async ask({ recording, beatsAt }) {
        const leads = leadsOf(recording)
        const input = { fs: recording.fs, leads, ...(beatsAt === undefined ? {} : { beatsAt }) }
        const { beats } = await analyseEcg(input, model)
        return { kind: 'ecg', beats: beats.map((beat) => ({ sample: beat.sample, class: beat.class })) }
      },
      close: () => model.close(),
    }
  },
}

/** Leads in millivolts at the rate of the recording, 12 at most: what the model reads. */
export function leadsOf({ leads }: Recording) {
  return leads
    .filter((lead) => lead.physicalUnit === 'mV' && lead.samplesPerFrame === 1)
    .slice(0, 12)
    .map((lead) => ({ name: lead.name, samplesMv: lead.physical() }))
}
