/** Scores a model, or a file of predictions, on a task of a folder. Needs no base: files in, one answer out. */
import { basename } from 'node:path'
import { nearest } from '../../kernel/index.ts'
import { dataDigest } from '../../statistics/index.ts'
import { openFolder, readPlain } from '../datasets/folder.ts'
import { type DatasetTask, fieldName, type ManifestFile, parseManifest, pickTask } from '../datasets/manifest.ts'
import { recordingSource } from '../datasets/recordings.ts'
import { readRows, type Selection } from '../datasets/rows.ts'
import { decode } from '../datasets/table.ts'
import { problem } from '../problems.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { familyOf, taskFamilies } from '../tasks/registry.ts'
import { answerOf } from './answer.ts'
import { askAll, type AskingMeans } from './asking.ts'
import type { EvaluationAnswer } from './contract.ts'
import { judge, readGate } from './gates.ts'
import { type EvaluatedModel, identifyModel } from './models.ts'
import { formatLines, readPredictions } from './predictions.ts'
import { sha256Hex } from './sha256.ts'

export interface EvaluateWish {
  /** Name of a folder in `weights/`, or a path; with `from`, any name. */
  readonly model: string
  readonly folder: string
  readonly task?: string
  readonly split?: string
  /** Instead of the folder's own `dataset.json`. */
  readonly manifest?: string
  /** Predictions to score instead of running the model. */
  readonly from?: string
  readonly gates?: readonly string[]
  /** How the caller was called, for the answer. */
  readonly command: string
}

export interface EvaluateMeans extends AskingMeans {
  openModel(wish: string): Promise<EvaluatedModel>
  /** Version of this program. */
  readonly program: string
}

export interface Evaluated {
  readonly answer: EvaluationAnswer
  /** False where a gate failed. */
  readonly pass: boolean
  /** The predictions file. */
  readonly predictions: string
}

export async function evaluate(wish: EvaluateWish, means: EvaluateMeans): Promise<Evaluated> {
  const began = means.now()
  const folder = openFolder(wish.folder)
  const manifestFile = await readManifest(wish)
  const { task, entry, index } = pickTask(manifestFile, wish.task)
  const model = wish.from === undefined ? await openFor(wish.model, task, means) : null
  try {
    const family = familyFor(task)
    const headline = headlineOf(family, task, index, manifestFile)
    const gates = (wish.gates ?? []).map((gate) => readGate(gate, family.metrics))
    const given = wish.from === undefined ? null : await readPredictions(wish.from)
    const identity = model ?? (await identifyModel(wish.model))
    const chosen = selected(await readRows(folder, manifestFile, index, wish.split), family)
    const source = { task, ...recordingSource(folder, task, index) }
    const asked = await askAll(chosen, { family, source, means, model, given })
    const score = family.score({ task, rows: asked.rows, apart: asked.apart })
    const { manifest } = manifestFile
    const answer = answerOf({
      task,
      dataset: manifest.id,
      headline,
      score,
      chosen,
      identity,
      gates: gates.map((gate) => judge(gate, score.figures, asked.unscored)),
      unscored: asked.unscored,
      refusals: asked.refusals,
      notes: [...chosen.notes, ...score.notes, ...asked.notes],
      synthetic: (task.synthetic ?? manifest.synthetic ?? false) || asked.synthetic,
      dataDigest: dataDigest(folder.digests(), entry, sha256Hex),
      program: means.program,
      command: wish.command,
      device: model?.device ?? 'none',
      seconds: (means.now() - began) / 1000,
      secondsModel: asked.secondsModel,
    })
    return { answer, pass: (answer.gates ?? []).every(({ pass }) => pass), predictions: formatLines(asked.lines) }
  } finally {
    await model?.close()
  }
}

async function readManifest({ folder, manifest }: EvaluateWish): Promise<ManifestFile> {
  const file = manifest === undefined ? 'dataset.json' : basename(manifest)
  const bytes = await readPlain(manifest ?? `${folder}/dataset.json`, file)
  if (bytes === null) throw problem('bench.data-manifest-missing', { file })
  return parseManifest(decode(bytes, file), file)
}

async function openFor(wish: string, task: DatasetTask, means: EvaluateMeans): Promise<EvaluatedModel> {
  const model = await means.openModel(wish)
  if (model.tasks.includes(task.task)) return model
  await model.close()
  throw problem('bench.model-task', { model: model.name, task: task.task, known: model.tasks.join(', ') })
}

function familyFor({ task }: DatasetTask): TaskFamily {
  const family = familyOf(task)
  if (family !== null) return family
  throw problem('bench.model-scorer', { task, known: taskFamilies.map(({ id }) => id).join(', ') })
}

/** The metric at the top of the answer; refuses one that the task does not report. */
function headlineOf(family: TaskFamily, task: DatasetTask, index: number, { file, lineOf }: ManifestFile): string {
  const headline = task.metric === undefined ? [] : [['metric', task.metric] as const]
  for (const [field, name] of [...headline, ...(task.also ?? []).map((one) => ['also', one] as const)]) {
    if (family.metrics.includes(name)) continue
    const path = ['tasks', index, field]
    const at = { file, line: lineOf(path), field: fieldName(path) }
    throw problem('bench.data-manifest-value', { ...at, value: name, nearest: nearest(name, family.metrics) })
  }
  return task.metric ?? family.headline
}

/** The rows that count, and those that the manifest or the definition leaves out. */
function selected({ rows, excluded, split, notes }: Selection, family: TaskFamily): Selection {
  const byDefinition = family.excludes([...rows, ...excluded.map(({ row }) => row)])
  const more = rows.flatMap((row) => {
    const reason = byDefinition.get(row.id)
    return reason === undefined ? [] : [{ row, reason }]
  })
  return { rows: rows.filter(({ id }) => !byDefinition.has(id)), excluded: [...excluded, ...more], split, notes }
}
