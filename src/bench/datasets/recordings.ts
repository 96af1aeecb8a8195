/** Finds the recording of a row: a WFDB record, or samples of a packed signal file. */
import type { FileSet } from '../../data/readers/files.ts'
import { readWhole } from '../../data/readers/reader.ts'
import type { Recording } from '../../data/readers/recording.ts'
import { openIn, readRecord } from '../../data/readers/wfdb/record.ts'
import { problem } from '../problems.ts'
import { format16, format212, inflate, unpack } from './dzb.ts'
import type { DataFolder } from './folder.ts'
import type { DatasetTask } from './manifest.ts'
import { type DatasetRow, textOf } from './rows.ts'
import { decode } from './table.ts'

export interface RecordingSource {
  /** The recording of a row with its annotations where the task has some. */
  recording(row: DatasetRow): Promise<Recording>
}

const twelveLeads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']

export function recordingSource(folder: DataFolder, task: DatasetTask, taskIndex: number): RecordingSource {
  const packed = packedSignals(folder)
  const { media } = task
  return {
    async recording(row) {
      if (media?.record !== undefined) {
        const name = fill(media.record, row)
        return readWhole(await openIn(fileSet(folder), name, { annotator: media.annotation ?? null }))
      }
      if (media?.signal !== undefined && media.header !== undefined) return packedRecord(folder, media, row)
      if (media?.signal !== undefined) return pieceOfSet(await packed(fill(media.signal, row), row, task), task, row)
      const field = `tasks[${taskIndex}].media`
      const detail = 'the recordings need record, or signal'
      throw problem('bench.data-manifest-field', { file: 'dataset.json', line: 1, field, detail })
    },
  }
}

/** `{column}` filled from the row; `{stem}` is the last name in the id column without its ending. */
export function fill(template: string, row: DatasetRow): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = name === 'stem' ? row.id.replace(/^.*\//, '').replace(/\.[^.]*$/, '') : textOf(row.cells.get(name))
    if (value !== '') return value
    const { file, line } = row
    throw problem('bench.data-cell', { file, line, field: name, value: '', expected: `a value for ${template}` })
  })
}

/** The folder as the readers of recordings see it. Files stay in memory until the recording is closed. */
function fileSet(folder: DataFolder): FileSet {
  const files = new Map<string, Promise<Buffer | null>>()
  const get = (name: string): Promise<Buffer | null> => {
    const known = files.get(name) ?? folder.read(name)
    files.set(name, known)
    return known
  }
  return {
    sizeBytes: async (name) => (await get(name))?.length ?? null,
    async read(name, from, to) {
      const bytes = await get(name)
      if (bytes === null) throw problem('bench.data-file-missing', { file: name, field: 'the header that names it' })
      return bytes.subarray(from, to)
    },
    close: async () => files.clear(),
  }
}

async function needed(folder: DataFolder, path: string, field: string): Promise<Buffer> {
  const bytes = await folder.read(path)
  if (bytes === null) throw problem('bench.data-file-missing', { file: path, field })
  return bytes
}

/** A record whose samples are packed beside its own header: restored in memory, then read as any WFDB record. */
async function packedRecord(
  folder: DataFolder,
  media: NonNullable<DatasetTask['media']>,
  row: DatasetRow,
): Promise<Recording> {
  const headerPath = fill(media.header ?? '', row)
  const signalPath = fill(media.signal ?? '', row)
  const header = await needed(folder, headerPath, 'media.header')
  const planes = inflate(await needed(folder, signalPath, 'media.signal'), signalPath)
  const lines = decode(header, headerPath)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const [first = '', signal = ''] = lines
  const [name = '', channels = ''] = first.trim().split(/\s+/)
  const [dat = '', format = ''] = signal.trim().split(/\s+/)
  const order = cellNumber(row, 'order') ?? 1
  const leads = unpack(planes, Number(channels), order, false)
  const files = new Map<string, Uint8Array>([
    [`${name}.hea`, header],
    [dat, format.startsWith('212') ? format212(leads) : format16(leads)],
  ])
  if (media.annotation === undefined) return readRecord({ files, name }, { annotator: null })
  files.set(`${name}.atr`, await needed(folder, fill(media.annotation, row), 'media.annotation'))
  return readRecord({ files, name }, { annotator: 'atr' })
}

interface PackedSet {
  readonly path: string
  readonly leads: readonly Int16Array[]
}

/** Unpacks a file that many rows share once. */
function packedSignals(folder: DataFolder) {
  let last: PackedSet | null = null
  return async (path: string, row: DatasetRow, task: DatasetTask): Promise<PackedSet> => {
    if (last?.path === path) return last
    const planes = inflate(await needed(folder, path, 'media.signal'), path)
    last = { path, leads: unpackSet(planes, path, row, task) }
    return last
  }
}

/** A set has no header: those of beats hold one lead, all others twelve. */
function unpackSet(planes: Buffer, path: string, row: DatasetRow, task: DatasetTask): Int16Array[] {
  const isTwelveLead = task.task !== 'ecg-beats' && task.task !== 'ecg-beat-class'
  const channels = isTwelveLead ? twelveLeads.length : 1
  if (planes.length % (2 * channels) !== 0) {
    throw problem('bench.data-file-unreadable', {
      file: path,
      detail: `${planes.length} bytes are not ${channels} leads`,
    })
  }
  return unpack(planes, channels, cellNumber(row, 'order') ?? 1, isTwelveLead)
}

/** Samples `offset` to `offset + samples` of a packed set, 1000 units a millivolt. */
async function pieceOfSet({ leads, path }: PackedSet, task: DatasetTask, row: DatasetRow): Promise<Recording> {
  const { columns } = task
  const offset = cellNumber(row, columns.offset) ?? 0
  const samples = cellNumber(row, columns.samples) ?? task.samples ?? (leads[0]?.length ?? 0) - offset
  const fs = cellNumber(row, columns.fs) ?? task.fs
  const { file, line } = row
  if (fs === undefined) {
    throw problem('bench.data-cell', { file, line, field: 'fs', value: '', expected: 'a sampling rate: give fs' })
  }
  if (offset + samples > (leads[0]?.length ?? 0)) {
    const expected = `inside ${path}, which has ${leads[0]?.length ?? 0} samples`
    throw problem('bench.data-cell', { file, line, field: columns.samples ?? 'samples', value: samples, expected })
  }
  const piece = leads.map((lead) => lead.subarray(offset, offset + samples))
  const name = 'piece'
  const signals = piece.map((lead, channel) => {
    const checksum = (lead.reduce((sum, value) => (sum + value) | 0, 0) << 16) >> 16
    const title = leads.length === 1 ? 'ECG' : (twelveLeads[channel] ?? '')
    return `${name}.dat 16 1000(0)/mV 16 0 ${lead[0] ?? 0} ${checksum} 0 ${title}`
  })
  const header = [`${name} ${leads.length} ${fs} ${samples}`, ...signals, ''].join('\n')
  const files = new Map<string, Uint8Array>([
    [`${name}.hea`, new TextEncoder().encode(header)],
    [`${name}.dat`, format16(piece)],
  ])
  return readRecord({ files, name }, { annotator: null })
}

function cellNumber(row: DatasetRow, column: string | undefined): number | undefined {
  const value = column === undefined ? undefined : row.cells.get(column)
  if (column === undefined || value === undefined) return undefined
  const number = Number(value)
  if (Number.isFinite(number) && number >= 0) return number
  const { file, line } = row
  throw problem('bench.data-cell', { file, line, field: column, value: textOf(value), expected: 'a number' })
}
