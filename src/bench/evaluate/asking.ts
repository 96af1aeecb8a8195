/** Rows asked one after another: of a model, or of a file that holds its answers. */
import { Problem } from '../../kernel/index.ts'
import type { DatasetRow, Selection } from '../datasets/rows.ts'
import { problem } from '../problems.ts'
import type { AnsweredRow, TaskFamily, TaskSource } from '../tasks/family.ts'
import type { EvaluatedModel } from './models.ts'
import type { Predictions, WrittenLine } from './predictions.ts'

export interface AskingMeans {
  /** Milliseconds; only differences mean anything. */
  now(): number
  /** A line for the person who waits. */
  progress(line: string): void
}

export interface Asking {
  readonly family: TaskFamily
  readonly source: TaskSource
  readonly means: AskingMeans
  /** Where answers come from. */
  readonly model: EvaluatedModel | null
  readonly given: Predictions | null
}

type Answered = AnsweredRow<unknown, unknown>

export interface Asked {
  readonly rows: readonly Answered[]
  readonly apart: readonly (Answered & { readonly reason: string })[]
  readonly lines: readonly WrittenLine[]
  readonly refusals: Readonly<Record<string, number>>
  readonly unscored: number
  readonly notes: readonly string[]
  readonly synthetic: boolean
  readonly secondsModel: number
}

/** Asks row by row, so that one recording is in memory at a time. */
export async function askAll({ rows, excluded }: Selection, asking: Asking): Promise<Asked> {
  const { family, means, given } = asking
  const answered: Answered[] = []
  const apart: (Answered & { reason: string })[] = []
  const lines: WrittenLine[] = []
  const refusals: Record<string, number> = {}
  const items = new Set<string>()
  const notes: string[] = []
  let unscored = 0
  let synthetic = false
  let modelMs = 0
  let crash: string | null = null
  const shown = family.showsExcluded ? excluded : []
  const all = [...rows.map((row) => ({ row, reason: null })), ...shown]
  for (const [index, { row, reason }] of all.entries()) {
    const asked = await askRow(row, asking).catch((error: unknown) => {
      if (reason === null || !(error instanceof Problem)) throw error
      // Nothing depends on an excluded row: without its files it has no figures of its own, and the answer says so.
      notes.push(`${row.id} is excluded and not shown apart: ${error.words('en').title}`)
      return null
    })
    means.progress(`${index + 1}/${all.length} ${row.id}${asked?.refusal ? `: ${asked.refusal}` : ''}`)
    if (asked === null) {
      if (reason === null) unscored++
      continue
    }
    const { refusal } = asked
    const one = { row, gold: asked.gold, answer: asked.answer }
    modelMs += asked.modelMs
    for (const id of family.itemIds(row, asked.gold)) items.add(id)
    for (const line of family.lines(one, asking.source.task)) {
      lines.push({ ...line, ...(refusal ? { refusal } : {}), ...(reason === null ? {} : { excluded: true }) })
    }
    if (reason !== null) apart.push({ ...one, reason })
    else {
      answered.push(one)
      synthetic ||= asked.synthetic
      if (refusal) refusals[refusal] = (refusals[refusal] ?? 0) + 1
    }
    crash ??= asked.crash
  }
  given?.checkIds(items)
  if (crash !== null && answered.every(({ answer }) => answer === null)) {
    throw problem('bench.model-crash', { model: asking.model?.name ?? '', rows: answered.length, detail: crash })
  }
  return { rows: answered, apart, lines, refusals, unscored, notes, synthetic, secondsModel: modelMs / 1000 }
}

/** Stands for a code where a model broke off without saying why. */
const crashed = 'crash'

interface AskedRow {
  readonly gold: unknown
  readonly answer: unknown
  /** Code of the problem, or `crash`. */
  readonly refusal: string | null
  readonly crash: string | null
  readonly synthetic: boolean
  readonly modelMs: number
}

/** A refusal or a crash of the model is an answer that is missing, and says why. Faults of the data end the run. */
async function askRow(row: DatasetRow, { family, source, means, model, given }: Asking): Promise<AskedRow | null> {
  const loaded = await family.load(row, source)
  if (loaded === null) return null
  const { gold, question, synthetic } = loaded
  if (model === null) {
    const byId = given?.byId ?? new Map()
    const refusal = family
      .itemIds(row, gold)
      .map((id) => given?.refusals.get(id))
      .find((code) => code !== undefined)
    return {
      gold,
      answer: family.answerFrom(byId, row, gold),
      refusal: refusal ?? null,
      crash: null,
      synthetic,
      modelMs: 0,
    }
  }
  const began = means.now()
  try {
    const reply = await model.ask(question)
    return {
      gold,
      answer: family.answerOf(reply, gold),
      refusal: null,
      crash: null,
      synthetic,
      modelMs: means.now() - began,
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    means.progress(`${row.id}: ${message}`)
    const why =
      error instanceof Problem
        ? { refusal: error.code, crash: null }
        : { refusal: crashed, crash: message.split('\n')[0] ?? '' }
    return { gold, answer: null, ...why, synthetic, modelMs: means.now() - began }
  }
}
