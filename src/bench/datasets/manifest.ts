/** `dataset.json`: what a folder of data is, and the tasks that can be scored on it. */
import { z } from 'zod'
import { isSafePath } from '../../data/index.ts'
import { nearest } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import { jsonPlaces, lineAt, lineOfSyntaxError } from './json-places.ts'

/** Every kind of task that the layout names, whether or not this program can score it. */
export const taskKinds: readonly string[] = `
  classify binary ordinal multilabel regress multi-endpoint ner relation triples pair normalise set choice multi-choice rank
  answer generate key-points judge agent safety retrieve ecg-beats ecg-beat-class ecg-multilabel ecg-intervals instances
  segment boxes survival screen bci
`
  .trim()
  .split(/\s+/)

const text = z.string().min(1)
const scalar = z.union([z.string(), z.number(), z.boolean()])
const column = z
  .union([text, z.array(text).min(1)], { error: 'expected the name of a column, or a list of names' })
  .describe('Column of the file; a trailing * takes every column that starts so')

const columns = z.strictObject({
  id: column.optional().describe('Absent: the number of the row, from 0'),
  split: text.optional(),
  group: text.optional().describe('Patient, document, subject, scaffold, topic: what is not independent'),
  input: column.optional(),
  label: column.optional().describe('One, or a list: several labels or endpoints'),
  options: column.optional(),
  reference: column.optional(),
  relevant: column.optional(),
  criteria: column.optional(),
  shuffle: text.optional().describe('Item id that shuffles of one question share'),
  session: text.optional(),
  run: text.optional(),
  onset: text.optional(),
  offset: text.optional().describe('First sample within the packed signal'),
  samples: text.optional().describe('Number of samples'),
  fs: text.optional().describe('Hz'),
  time: text.optional(),
  event: text.optional(),
})

const media = z
  .strictObject({
    archive: text.optional(),
    member: text.optional(),
    mask: text.optional(),
    labels: text.optional(),
    signal: text.optional(),
    header: text.optional(),
    annotation: text.optional().describe('With `record`: ending of the annotation file; with `signal`: its path'),
    index: text.optional(),
    npz: text.optional(),
    array: text.optional(),
    row: text.optional(),
    record: text.optional().describe('Path of a WFDB record without ending'),
  })
  .describe('How a row finds its image or signal; {column} is filled from the row')

const corpus = z.strictObject({ file: text, id: text, text: z.array(text).min(1) })
const boxes = z.strictObject({ file: text, key: text, class: text.optional(), xywh: z.array(text).length(4) })

export const datasetTask = z.strictObject({
  id: text,
  task: text.describe('Kind of task: the scorer'),
  files: z.union([z.array(text).min(1), z.record(text, z.array(text).min(1))], {
    error: 'expected a list of paths, or a list of paths by split',
  }),
  columns: columns.default({}),
  media: media.optional(),
  corpus: corpus.optional(),
  labels: z.array(z.string()).optional(),
  positive: z.string().optional(),
  order: z.boolean().optional(),
  separator: text.optional().describe('A cell holds several labels joined by it'),
  splits: z.record(text, z.array(scalar)).optional().describe('Our name of a split to the values in the file'),
  event_is: z.array(scalar).optional(),
  boxes: boxes.optional(),
  metric: text.optional(),
  also: z.array(text).optional(),
  where: z.record(text, z.union([scalar, z.array(scalar)])).optional(),
  exclude: z.array(scalar).optional().describe('Ids that are left out, and listed in the answer'),
  exclude_reason: text.optional(),
  map: z.enum(['aami', 'bxb']).optional().describe('Which classes beat symbols stand for; the scorer has its own'),
  fs: z.number().positive().optional().describe('Hz'),
  samples: z.int().positive().optional(),
  units: z.union([z.string(), z.array(z.string())]).optional(),
  spacing: z.array(z.number().positive()).optional().describe('mm'),
  seconds_per_decision: z.number().positive().optional(),
  language: text.optional(),
  synthetic: z.boolean().optional(),
})
export type DatasetTask = z.infer<typeof datasetTask>

export const datasetManifest = z.strictObject({
  schema: z.literal('pilotbase.dataset/1'),
  id: text,
  title: z.string().optional(),
  license: z.string().optional(),
  synthetic: z.boolean().optional(),
  language: text.optional(),
  tasks: z.array(datasetTask).min(1),
})
export type DatasetManifest = z.infer<typeof datasetManifest>

export interface ManifestFile {
  readonly manifest: DatasetManifest
  /** Each task as it was written: what its digest is taken of. */
  readonly entries: readonly unknown[]
  /** How refusals call the file. */
  readonly file: string
  /** Line of a path in the file. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

/** Reads a manifest, or refuses with file, line and field. */
export function parseManifest(json: string, file: string): ManifestFile {
  let raw: unknown
  try {
    raw = JSON.parse(json)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw problem('bench.data-json', { file, line: lineOfSyntaxError(json, cause), detail }, cause)
  }
  const places = jsonPlaces(json)
  const lineOf = (path: readonly PropertyKey[]): number => lineAt(places, path)
  const parsed = datasetManifest.safeParse(raw)
  if (!parsed.success) throw refusal(parsed.error, file, lineOf)
  for (const [index, task] of parsed.data.tasks.entries()) checkTask(parsed.data, task, index, file, lineOf)
  const entries = (raw as { tasks: unknown[] }).tasks // parsed above
  return { manifest: parsed.data, entries, file, lineOf }
}

function refusal(error: z.ZodError, file: string, lineOf: ManifestFile['lineOf']): Error {
  const unknown = error.issues.find(({ code }) => code === 'unrecognized_keys')
  if (unknown?.code === 'unrecognized_keys') {
    const key = unknown.keys[0] ?? ''
    const path = [...unknown.path, key]
    const known = nearest(key, fieldsAt(unknown.path))
    return problem('bench.data-manifest-unknown', { file, line: lineOf(path), field: fieldName(path), nearest: known })
  }
  const [issue] = error.issues
  const path = issue?.path ?? []
  const detail = issue?.message ?? ''
  return problem('bench.data-manifest-field', { file, line: lineOf(path), field: fieldName(path), detail })
}

const parts: Readonly<Record<string, z.ZodObject>> = { columns, media, corpus, boxes }

function fieldsAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(datasetManifest.shape)
  const part = path.length === 2 ? datasetTask : parts[String(path.at(-1))]
  return Object.keys((part ?? datasetTask).shape)
}

/** `tasks[0].columns.id` */
export function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return name.replace(/^\./, '') || 'the file'
}

function checkTask(
  { tasks }: DatasetManifest,
  task: DatasetTask,
  index: number,
  file: string,
  lineOf: ManifestFile['lineOf'],
): void {
  const at = (...path: PropertyKey[]) => {
    const whole = ['tasks', index, ...path]
    return { file, line: lineOf(whole), field: fieldName(whole) }
  }
  if (tasks.findIndex(({ id }) => id === task.id) !== index) {
    throw problem('bench.data-manifest-field', { ...at('id'), detail: `two tasks have the id "${task.id}"` })
  }
  if (!taskKinds.includes(task.task)) {
    const params = { ...at('task'), value: task.task, nearest: nearest(task.task, taskKinds) }
    throw problem('bench.data-manifest-value', params)
  }
  const check = (path: string, ...field: PropertyKey[]): void => {
    if (!isSafePath(path)) throw problem('bench.data-path', { ...at(...field), path })
  }
  const files = Array.isArray(task.files) ? { '': task.files } : task.files
  for (const paths of Object.values(files)) for (const path of paths) check(path, 'files')
  for (const field of ['archive', 'signal', 'header', 'index', 'npz', 'record'] as const) {
    const path = task.media?.[field]
    if (path !== undefined) check(path, 'media', field)
  }
  if (task.corpus) check(task.corpus.file, 'corpus', 'file')
  if (task.boxes) check(task.boxes.file, 'boxes', 'file')
}

/** The task that the caller means, and its place in the manifest. */
export function pickTask(
  { manifest, entries }: ManifestFile,
  id?: string,
): { task: DatasetTask; entry: unknown; index: number } {
  const ids = manifest.tasks.map((task) => task.id)
  if (id === undefined && ids.length > 1) throw problem('bench.call-task-needed', { tasks: ids.join(', ') })
  const index = id === undefined ? 0 : ids.indexOf(id)
  const task = manifest.tasks[index]
  if (task === undefined) {
    throw problem('bench.call-task-unknown', { task: id ?? '', nearest: nearest(id ?? '', ids), tasks: ids.join(', ') })
  }
  return { task, entry: entries[index], index }
}
