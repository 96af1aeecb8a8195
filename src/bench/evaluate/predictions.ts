/** The predictions file: one JSON object a line, one line an item, so that anyone can score it again. */
import { readFile } from 'node:fs/promises'
import { problem } from '../problems.ts'
import { decode, jsonObject } from '../datasets/table.ts'
import type { PredictionLine } from '../tasks/family.ts'

export interface WrittenLine extends PredictionLine {
  /** Code of the problem with which the model refused the row. */
  readonly refusal?: string
  /** True for an item outside every total. */
  readonly excluded?: true
}

export interface Predictions {
  readonly byId: ReadonlyMap<string, unknown>
  readonly refusals: ReadonlyMap<string, string>
  /** Refuses lines whose id is not among the items. */
  checkIds(items: ReadonlySet<string>): void
}

export function formatLines(lines: readonly WrittenLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Reads what `--predictions` wrote, or what another program wrote in its form: `id` and `prediction` are needed. */
export async function readPredictions(path: string): Promise<Predictions> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const detail = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw problem('bench.data-file-unreadable', { file: path, detail }, cause)
  })
  const byId = new Map<string, unknown>()
  const refusals = new Map<string, string>()
  const lines = new Map<string, number>()
  for (const [index, content] of decode(bytes, path).split('\n').entries()) {
    if (content.trim() === '') continue
    const line = index + 1
    const { id: rawId, prediction, refusal } = jsonObject(content, path, line)
    const refuse = (field: string, detail: string): Error =>
      problem('bench.data-prediction', { file: path, line, field, detail })
    if (typeof rawId !== 'string' && typeof rawId !== 'number') throw refuse('id', 'a text or a number is needed')
    const id = String(rawId)
    if (lines.has(id)) throw refuse('id', `"${id}" stands already on line ${lines.get(id)}`)
    if (prediction === undefined) throw refuse('prediction', 'the field is missing; write null for no answer')
    lines.set(id, line)
    byId.set(id, prediction)
    if (typeof refusal === 'string') refusals.set(id, refusal)
  }
  return {
    byId,
    refusals,
    checkIds(items) {
      for (const [id, line] of lines) {
        if (items.has(id)) continue
        const detail = `no item of this split has the id "${id}"`
        throw problem('bench.data-prediction', { file: path, line, field: 'id', detail })
      }
    },
  }
}
