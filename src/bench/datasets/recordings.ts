/** Finds the recording of a row: a WFDB record, or samples of a packed signal file. */
import { isSafePath, readRecording, type Recording } from '../../data/index.ts'
import { problem } from '../problems.ts'
import { format16, format212, inflate, unpack } from './dzb.ts'
import type { DataFolder } from './folder.ts'
import type { DatasetTask } from './manifest.ts'
import { type DatasetRow, textOf } from './rows.ts'

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
        return wfdbRecord(folder, name, media.annotation ?? null)
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

/** A WFDB record from the files that it names; what is wrong with them, the reader says. */
async function wfdbRecord(folder: DataFolder, name: string, annotator: string | null): Promise<Recording> {
  const files = new Map<string, Uint8Array>()
  await needed(folder, `${name}.hea`, 'media.record')
  await collect(folder, name, files)
  if (annotator !== null)
    files.set(`${name}.${annotator}`, await needed(folder, `${name}.${annotator}`, 'media.annotation'))
  return readRecording({ files, name }, { annotator })
}

/** Header of a record, its signal files, and the same of each segment that it is made of. */
async function collect(folder: DataFolder, name: string, files: Map<string, Uint8Array>): Promise<void> {
  const header = await folder.read(`${name}.hea`)
  if (header === null || files.has(`${name}.hea`)) return
  files.set(`${name}.hea`, header)
  const base = name.slice(0, name.lastIndexOf('/') + 1)
  const lines = headerLines(header)
  const isOfSegments = lines[0]?.[0]?.includes('/') ?? false
  for (const [part = '~'] of lines.slice(1)) {
    const path = `${base}${part}`
    // `~` stands for a gap; a name that leads elsewhere is left to the reader's refusal, with its line.
    if (part === '~' || !isSafePath(path) || files.has(path)) continue
    if (isOfSegments) await collect(folder, path, files)
    else {
      const bytes = await folder.read(path)
      if (bytes !== null) files.set(path, bytes)
    }
  }
}

/** The fields of each line that is no comment. Latin-1, so that any byte is a character. */
function headerLines(header: Buffer): string[][] {
  const lines = header
    .toString('latin1')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/))
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
  const [[name = '', channels = ''] = [], [dat = '', format = ''] = []] = headerLines(header)
  const order = cellNumber(row, 'order') ?? 1
  const leads = unpack(planes, Number(channels), order, false)
  const files = new Map<string, Uint8Array>([
    [`${name}.hea`, header],
    [dat, format.startsWith('212') ? format212(leads) : format16(leads)],
  ])
  if (media.annotation === undefined) return readRecording({ files, name }, { annotator: null })
  files.set(`${name}.atr`, await needed(folder, fill(media.annotation, row), 'media.annotation'))
  return readRecording({ files, name }, { annotator: 'atr' })
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
  return readRecording({ files, name }, { annotator: null })
}

function cellNumber(row: DatasetRow, column: string | undefined): number | undefined {
  const value = column === undefined ? undefined : row.cells.get(column)
  if (column === undefined || value === undefined) return undefined
  const number = Number(value)
  if (Number.isFinite(number) && number >= 0) return number
  const { file, line } = row
  throw problem('bench.data-cell', { file, line, field: column, value: textOf(value), expected: 'a number' })
}
