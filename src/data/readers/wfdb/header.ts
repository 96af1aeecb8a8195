import { isInsideFolder } from '../files.ts'
import { quoted } from '../text.ts'
import { problem } from './problems.ts'

/** One signal line of header(5). Optional fields that the line leaves out have the value the standard gives them. */
export interface SignalLine {
  /** Line of the header, from 1. */
  readonly line: number
  /** '~' in a layout segment: the signal has no samples there. */
  readonly file: string
  readonly format: number
  readonly samplesPerFrame: number
  /** Frames by which the samples of this signal lie later in the file than those of the others. */
  readonly skew: number
  readonly byteOffset: number
  /** adu per unit; 200 where the line has none or 0. */
  readonly gain: number
  readonly isCalibrated: boolean
  readonly baseline: number
  readonly unit: string
  readonly adcResolution: number
  readonly adcZero: number
  /** null where the line ends before. */
  readonly initialValue: number | null
  readonly checksum: number | null
  readonly blockSize: number
  readonly description: string
}

export interface SegmentLine {
  readonly line: number
  /** '~': nothing was recorded for this long. */
  readonly name: string
  readonly frames: number
}

export interface Header {
  readonly file: string
  readonly record: string
  /** null: a record of one piece. */
  readonly segments: readonly SegmentLine[] | null
  readonly signalCount: number
  readonly fs: number
  readonly counterFrequency: number
  readonly baseCounter: number
  /** null where the header leaves it out or says 0: then the length of the files decides, and checksums don't count. */
  readonly frames: number | null
  readonly startTime: string | null
  readonly startDate: string | null
  readonly signals: readonly SignalLine[]
  readonly comments: readonly string[]
}

/** header(5): 250 Hz where none is given. */
const DEFAULT_FS = 250
/** header(5): a gain of 0, or none, means uncalibrated, and 200 adu per mV are assumed. */
const DEFAULT_GAIN = 200
const DEFAULT_RESOLUTION = 12
/** Far above any device; keeps a hostile header from costing memory. */
const MOST_SIGNALS = 10_000

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`
const frequencyField = new RegExp(`^(${NUMBER})(?:/(${NUMBER})(?:\\((${NUMBER})\\))?)?$`)
const formatField = /^(\d+)((?:x\d+)?)((?::\d+)?)((?:\+\d+)?)$/
const gainField = new RegExp(`^(${NUMBER})(?:\\(([+-]?\\d+)\\))?(?:/(\\S+))?$`)
const timeField = /^(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(\.\d+)?$/
const dateField = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/

interface Line {
  readonly number: number
  readonly text: string
}

/** Parses the text of a .hea file after header(5) of the WFDB Applications Guide. `file` is its name, for refusals. */
export function parseHeader(text: string, file: string): Header {
  const lines: Line[] = []
  const comments: string[] = []
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const trimmed = raw.trim()
    if (trimmed.startsWith('#')) comments.push(trimmed.slice(1).trim())
    else if (trimmed !== '') lines.push({ number: index + 1, text: trimmed })
  }
  const [first, ...rest] = lines
  if (first === undefined) throw problem('data.wfdb-header-empty', { file })
  const record = parseRecordLine(first, file)
  const announced = record.segmentCount ?? record.signalCount
  if (rest.length < announced) {
    const line = (rest.at(-1) ?? first).number
    throw problem('data.wfdb-header-lines', { file, line, expected: announced, found: rest.length })
  }
  const surplus = rest[announced]
  if (surplus !== undefined) {
    throw problem('data.wfdb-header-lines', { file, line: surplus.number, expected: announced, found: rest.length })
  }
  const { segmentCount, ...fields } = record
  const segments = segmentCount === null ? null : rest.map((line) => parseSegmentLine(line, file))
  const signals = segmentCount === null ? rest.map((line) => parseSignalLine(line, file)) : []
  return { file, ...fields, segments, signals, comments }
}

function parseRecordLine({ number: line, text }: Line, file: string) {
  const [name = '', signals = '', frequency, frames, time, date] = text.split(/\s+/)
  const bad = (field: string, value: string) =>
    problem('data.wfdb-header-field', { file, line, field, value: quoted(value) })
  const named = /^([\w.-]+?)(?:\/(\d+))?$/.exec(name)
  if (named === null) throw bad('record name', name)
  const segmentCount = named[2] === undefined ? null : whole(named[2], 'number of segments', bad)
  const signalCount = whole(signals, 'number of signals', bad)
  if (signalCount > MOST_SIGNALS) throw bad('number of signals', signals)
  if (segmentCount === 0) throw bad('number of segments', name)
  const parts = frequency === undefined ? null : frequencyField.exec(frequency)
  if (frequency !== undefined && parts === null) throw bad('sampling frequency', frequency)
  const fs = parts === null ? DEFAULT_FS : Number(parts[1])
  if (!(fs > 0 && fs < 1e12)) throw bad('sampling frequency', frequency ?? '')
  // header(5): the counter runs at the sampling frequency where none, or a frequency of 0 or less, is given
  const counter = Number(parts?.[2] ?? 0)
  return {
    record: named[1] ?? name,
    segmentCount,
    signalCount,
    fs,
    counterFrequency: counter > 0 && Number.isFinite(counter) ? counter : fs,
    baseCounter: finite(parts?.[3] ?? '0', 'base counter value', bad),
    frames: frames === undefined ? null : whole(frames, 'number of samples', bad) || null,
    startTime: time === undefined ? null : parseTime(time, bad),
    startDate: date === undefined ? null : parseDate(date, bad),
  }
}

type Bad = (field: string, value: string) => Error

function parseSignalLine({ number: line, text }: Line, file: string): SignalLine {
  const [name = '', formatText = '', gainText, resolution, zero, initial, checksum, block] = text.split(/\s+/, 8)
  const description = /^(?:\S+\s+){8}(.*)$/.exec(text)?.[1]?.trim() ?? ''
  const bad: Bad = (field, value) => problem('data.wfdb-header-field', { file, line, field, value: quoted(value) })
  if (name !== '~' && !isInsideFolder(name)) {
    throw problem('data.wfdb-unsafe-path', { file, line, name: quoted(name) })
  }
  const format = formatField.exec(formatText)
  if (format === null) throw bad('format', formatText)
  const samplesPerFrame = whole(format[2]?.slice(1) || '1', 'number of samples per frame', bad)
  if (samplesPerFrame < 1 || samplesPerFrame > 1e6) throw bad('number of samples per frame', formatText)
  const gainParts = gainText === undefined ? null : gainField.exec(gainText)
  if (gainText !== undefined && gainParts === null) throw bad('ADC gain', gainText)
  const gain = finite(gainParts?.[1] ?? '0', 'ADC gain', bad)
  // beyond any converter, and physical values would no longer be finite
  if (gain !== 0 && !(Math.abs(gain) > 1e-12 && Math.abs(gain) < 1e12)) throw bad('ADC gain', gainText ?? '')
  const adcZero = integer(zero ?? '0', 'ADC zero', bad)
  return {
    line,
    file: name,
    format: whole(format[1] ?? '', 'format', bad),
    samplesPerFrame,
    skew: whole(format[3]?.slice(1) || '0', 'skew', bad),
    byteOffset: whole(format[4]?.slice(1) || '0', 'byte offset', bad),
    gain: gain === 0 ? DEFAULT_GAIN : gain,
    isCalibrated: gain !== 0,
    baseline: gainParts?.[2] === undefined ? adcZero : integer(gainParts[2], 'baseline', bad),
    unit: gainParts?.[3] ?? 'mV',
    adcResolution: whole(resolution ?? '0', 'ADC resolution', bad) || DEFAULT_RESOLUTION,
    adcZero,
    initialValue: initial === undefined ? null : integer(initial, 'initial value', bad),
    checksum: checksum === undefined ? null : integer(checksum, 'checksum', bad),
    blockSize: whole(block ?? '0', 'block size', bad),
    description,
  }
}

function parseSegmentLine({ number: line, text }: Line, file: string): SegmentLine {
  const [name = '', frames = '', surplus] = text.split(/\s+/)
  const bad: Bad = (field, value) => problem('data.wfdb-header-field', { file, line, field, value: quoted(value) })
  if (surplus !== undefined) throw bad('segment line', text)
  if (name !== '~' && !isInsideFolder(name)) {
    throw problem('data.wfdb-unsafe-path', { file, line, name: quoted(name) })
  }
  return { line, name, frames: whole(frames, 'number of samples', bad) }
}

function whole(text: string, field: string, bad: Bad): number {
  if (!/^\d{1,15}$/.test(text)) throw bad(field, text)
  return Number(text)
}

function integer(text: string, field: string, bad: Bad): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw bad(field, text)
  return Number(text)
}

function finite(text: string, field: string, bad: Bad): number {
  const value = Number(text)
  if (!Number.isFinite(value)) throw bad(field, text)
  return value
}

/** SS, MM:SS or HH:MM:SS, with or without a fraction, to HH:MM:SS[.fff]. */
function parseTime(text: string, bad: Bad): string {
  const parts = timeField.exec(text)
  const [hours, minutes, seconds] = [parts?.[1] ?? '0', parts?.[2] ?? '0', parts?.[3] ?? '0'].map(Number)
  const isSound = parts !== null && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60
  if (!isSound) throw bad('base time', text)
  const clock = [hours, minutes, seconds].map((value) => String(value).padStart(2, '0')).join(':')
  return clock + (parts[4] ?? '')
}

/** DD/MM/YYYY to YYYY-MM-DD. */
function parseDate(text: string, bad: Bad): string {
  const parts = dateField.exec(text)
  if (parts === null) throw bad('base date', text)
  const [, day = '', month = '', year = ''] = parts
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const isInCalendar = Number(day) >= 1 && Number(day) <= daysInMonth(Number(year), Number(month))
  if (!isInCalendar) throw bad('base date', text)
  return iso
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  if (month < 1 || month > 12) return 0
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
