/** A recording with its reference beats. */
import { isSynthetic, type Recording } from '../../../data/index.ts'
import type { BeatAnnotation } from '../../../statistics/index.ts'
import { type DatasetRow, textOf } from '../../datasets/rows.ts'
import { problem } from '../../problems.ts'
import type { TaskSource } from '../family.ts'

export interface EcgReference {
  readonly recording: Recording
  readonly annotations: readonly BeatAnnotation[]
  /** False where the label gives positions alone: every beat is then called N. */
  readonly hasClasses: boolean
  readonly synthetic: boolean
}

/** Null where the row has no label. */
export async function ecgReference(row: DatasetRow, source: TaskSource): Promise<EcgReference | null> {
  const { task } = source
  const recording = await source.recording(row)
  const synthetic = isSynthetic(recording)
  if (task.columns.label === undefined) {
    if (recording.annotations === undefined) {
      const { file, line } = row
      const expected = 'a record with reference beats: name media.annotation or columns.label'
      throw problem('bench.data-cell', { file, line, field: 'media.annotation', value: row.id, expected })
    }
    const annotations = recording.annotations.map(({ sample, symbol }) => ({ sample, symbol }))
    return { recording, annotations, hasClasses: true, synthetic }
  }
  const positions = positionsOf(row, String(task.columns.label), task.separator ?? ' ', recording.sampleCount)
  if (positions === null) return null
  return { recording, annotations: positions.map((sample) => ({ sample, symbol: 'N' })), hasClasses: false, synthetic }
}

/** R positions of a cell: numbers joined by `separator`, or a list. */
function positionsOf(row: DatasetRow, column: string, separator: string, samples: number): number[] | null {
  const value = row.cells.get(column)
  if (value === undefined) return null
  const parts: unknown[] = Array.isArray(value)
    ? value
    : textOf(value)
        .split(separator)
        .filter((part) => part !== '')
  return parts.map((part) => {
    const sample = typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part
    if (typeof sample === 'number' && Number.isInteger(sample) && sample >= 0 && sample < samples) return sample
    const { file, line } = row
    const expected = `the number of a sample, 0 to ${samples - 1}`
    throw problem('bench.data-cell', { file, line, field: column, value: textOf(part), expected })
  })
}
