import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Evaluation } from '../../bench/contract.ts'
import type { Job } from '../../compute/contract.ts'
import type { Manifest, Snapshot } from '../../data/contract.ts'
import type { Version } from '../../models/contract.ts'
import { type BaseClient, exit, Stop } from '../base/client.ts'
import { hashFolder } from '../data/hashing.ts'
import { uploadMissing } from '../data/upload.ts'

/** Says how far the loop is; long steps say it more than once. */
export type Say = (line: string) => void

const recipeFolder = fileURLToPath(new URL('../../../recipes/ecg/', import.meta.url))

export async function freezeFolder(
  base: BaseClient,
  dir: string,
  about: { readonly name: string; readonly source: string; readonly licence: string; readonly synthetic: boolean },
  say: Say,
): Promise<Snapshot> {
  const { name, source, licence, synthetic } = about
  const { files } = await hashFolder(dir, say)
  if (files.length === 0) throw new Stop(`There are no files in ${dir}.`, exit.call)
  const kept = files.filter(({ path }) => !path.includes('__pycache__'))
  await uploadMissing(base, dir, kept, say)
  const manifest: Manifest = {
    schema: 'pilotbase.snapshot/1',
    source,
    licence,
    synthetic,
    files: kept.map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes })),
  }
  return base.send<Snapshot>('POST', './snapshots', { name, manifest })
}

/** The recipe's code travels as a snapshot like any data, so that the training statement names it by digest. */
export function freezeRecipe(base: BaseClient, say: Say): Promise<Snapshot> {
  const about = { name: 'recipe ecg', source: 'Pilot Base, recipes/ecg', licence: 'Apache-2.0', synthetic: false }
  return freezeFolder(base, recipeFolder, about, say)
}

export async function train(base: BaseClient, recipe: Snapshot, data: Snapshot, mode: string, say: Say): Promise<Job> {
  const flags = mode === 'full' ? [] : [`--${mode}`]
  const { id } = await base.send<{ id: string }>('POST', './jobs', {
    name: `train ecg (${mode})`,
    command: [
      'python3',
      'inputs/recipe/train.py',
      '--data',
      'inputs/data',
      '--out',
      'outputs',
      '--seed',
      '1',
      ...flags,
    ],
    environment: { PYTHONUNBUFFERED: '1', OMP_NUM_THREADS: '2' },
    inputs: [
      { path: 'recipe', snapshot: recipe.digest },
      { path: 'data', snapshot: data.digest },
    ],
    resources: { cpus: 2, memoryBytes: 8 * 2 ** 30, diskBytes: 4 * 2 ** 30, processes: 64 },
    timeLimitMs: 3 * 3_600_000,
  })
  const job = await untilEnded(
    () => base.get<Job>(`./jobs/${id}`),
    (now) => !['queued', 'starting', 'running', 'collecting'].includes(now.state),
    (now) => say(`  ${now.state}${progressOf(now)}`),
  )
  if (job.state === 'succeeded') return job
  const log = await (await base.raw(`./jobs/${id}/log?stream=stderr`)).text()
  throw new Stop(
    `Training ${job.state} (exit ${job.ending?.exitCode}): ${log.trim().split('\n').slice(-3).join(' · ')}`,
    exit.refused,
  )
}

function progressOf({ progress }: Job): string {
  if (progress === null) return ''
  const { stage = '', step = '', of = '' } = progress
  return ` ${stage} ${step}/${of}`
}

/** The job's outputs, less what it keeps for resuming, become the weights folder of a new version. */
export async function register(base: BaseClient, job: Job, data: Snapshot, mode: string): Promise<Version> {
  const files: Manifest['files'] = (job.outputs ?? []).filter(({ path }) => !path.startsWith('checkpoints/'))
  const snapshot = await base.send<Snapshot>('POST', './snapshots', {
    name: `weights of job ${job.id.slice(0, 8)}`,
    manifest: {
      schema: 'pilotbase.snapshot/1',
      source: `trained by job ${job.id} on ${data.name}`,
      licence: data.licence,
      synthetic: data.synthetic,
      files,
    },
  })
  return base.send<Version>('POST', './models/ecg/versions', {
    label: `0.0.0-${mode}.${job.id.slice(0, 8)}`,
    snapshot: snapshot.digest,
    trainingJobId: job.id,
    card: {
      model: 'ecg',
      title: { en: 'R peaks and beat classes, trained here', zh: '本地训练的 R 波与心搏分类模型' },
      licence: data.licence,
      description: `Trained by recipes/ecg (${mode}) on ${data.name}, ${data.digest}`,
      intendedUse: 'Decision support on two-lead rhythm recordings; a clinician decides.',
      synthetic: data.synthetic,
    },
  })
}

/** Plans with the thresholds that the policy asks for; nothing can be chosen after the figures are known. */
export async function evaluate(
  base: BaseClient,
  version: Version,
  data: Snapshot,
  task: string,
  gates: readonly string[],
  say: Say,
): Promise<Evaluation> {
  const planned = await base.send<Evaluation>('POST', './evaluations', {
    version: version.id,
    snapshot: data.digest,
    task,
    gates,
  })
  const ended = await untilEnded(
    () => base.get<Evaluation>(`./evaluations/${planned.id}`),
    (now) => now.state === 'complete' || now.state === 'void',
    (now) => say(`  ${now.state}: ${now.account.asked} asked, ${now.account.reused} reused of ${now.plan.samples}`),
  )
  if (ended.state === 'void')
    throw new Stop(`The evaluation is void and has no score: ${ended.voidReason}`, exit.refused)
  return ended
}

/** One line a figure that matters, with its interval. */
export function figures({ answer }: Evaluation, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const found = answer?.metrics.find((one) => one.metric === name)
    if (found === undefined) return []
    const ci =
      found.ci === null
        ? `no interval (${found.ci_reason})`
        : `95 % ${percent(found.ci.low)} – ${percent(found.ci.high)}`
    return [`  ${name.padEnd(24)} ${percent(found.value)}   ${ci}   ${found.n_groups} groups`]
  })
}

function percent(value: number | null): string {
  return value === null ? '–' : value.toFixed(4)
}

/** Tasks of the folder that the loop uses: one of beats, and one of classes where there is one. */
export async function tasksOf(
  dir: string,
): Promise<{ beats: string; classes: string | null; licence: string; synthetic: boolean }> {
  const text = await readFile(join(dir, 'dataset.json'), 'utf8').catch((error: Error) => {
    throw new Stop(`${dir} has no dataset.json that says what lies there (${error.message}).`, exit.call)
  })
  const manifest = JSON.parse(text) as {
    license?: string
    synthetic?: boolean
    tasks?: { id: string; task: string; splits?: object }[]
  }
  const tasks = manifest.tasks ?? []
  const beats = tasks.find((one) => one.task === 'ecg-beats')
  if (beats === undefined) throw new Stop(`${dir}/dataset.json names no task of the kind ecg-beats.`, exit.call)
  const classes = tasks.find((one) => one.task === 'ecg-beat-class')
  return {
    beats: beats.id,
    classes: classes?.id ?? null,
    licence: manifest.license ?? 'not stated',
    synthetic: manifest.synthetic === true,
  }
}

/** Asks again until it is over. The first looks are close together, for what ends at once. */
export async function untilEnded<T>(
  ask: () => Promise<T>,
  isOver: (value: T) => boolean,
  look: (value: T) => void,
): Promise<T> {
  const pauses = [100, 300, 500, 1000, 2000]
  let told = ''
  for (let round = 0; ; round++) {
    const value = await ask()
    const key = JSON.stringify(value)
    if (key !== told) look(value)
    told = key
    if (isOver(value)) return value
    await new Promise((resolve) => setTimeout(resolve, pauses[Math.min(round, pauses.length - 1)]))
  }
}
