import type { Annotation, Recording } from '../recording.ts'
import { codeOf } from './annotations/codes.ts'
import { AUX, CHN, NUM, SKIP, SUB } from './annotations/parse.ts'
import { problem } from './problems.ts'

export interface WriteOptions {
  /** 212 packs two 12-bit samples in 3 bytes and holds -2047 to 2047; 16 (default) holds -32767 to 32767. */
  readonly format?: 16 | 212
  /** Suffix of the annotation file, written where the recording has annotations. Default `atr`. */
  readonly annotator?: string
}

const NOTE = 22

/** The files of a WFDB record (`ID.hea`, `ID.dat` and its annotations), by name. Reading them gives the same samples. */
export function encodeRecord(recording: Recording, options: WriteOptions = {}): Map<string, Uint8Array<ArrayBuffer>> {
  const format = options.format ?? 16
  const { id, annotations } = recording
  if (!/^[\w-]+$/.test(id)) throw problem('data.wfdb-cannot-write', { field: 'id', value: id })
  const flat = interleave(recording, format === 16 ? 32767 : 2047, format === 16 ? -32768 : -2048)
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  files.set(`${id}.hea`, new TextEncoder().encode(headerText(recording, format, flat)))
  if (recording.leads.length > 0) files.set(`${id}.dat`, format === 16 ? encode16(flat) : encode212(flat))
  if (annotations !== undefined) files.set(`${id}.${options.annotator ?? 'atr'}`, encodeAnnotations(annotations))
  return files
}

/** All samples in the order of the file, missing ones as the format's mark, each within the format's range. */
function interleave(recording: Recording, largest: number, mark: number): Int16Array {
  const step = recording.leads.reduce((sum, lead) => sum + lead.samplesPerFrame, 0)
  const flat = new Int16Array(recording.sampleCount * step)
  let offset = 0
  for (const lead of recording.leads) {
    const { adc, missing, samplesPerFrame } = lead
    for (let i = 0; i < adc.length; i++) {
      const value = adc[i] as number
      const isMissing = value === missing
      if (!isMissing && (value > largest || value < -largest)) {
        throw problem('data.wfdb-cannot-write', { field: `sample of ${lead.name}`, value })
      }
      const frame = Math.floor(i / samplesPerFrame)
      flat[frame * step + offset + (i % samplesPerFrame)] = isMissing ? mark : value
    }
    offset += samplesPerFrame
  }
  return flat
}

function headerText(recording: Recording, format: number, flat: Int16Array): string {
  const { id, fs, sampleCount, leads, startAt } = recording
  const [date, time] = startAt?.split('T') ?? []
  const start = date === undefined || time === undefined ? '' : ` ${time} ${date.split('-').reverse().join('/')}`
  const lines = [`${id} ${leads.length} ${fs} ${sampleCount}${start}`]
  const step = leads.reduce((sum, lead) => sum + lead.samplesPerFrame, 0)
  let offset = 0
  for (const lead of leads) {
    const { name, unit, gain, baseline, samplesPerFrame, calibrated } = lead
    if (!Number.isInteger(baseline)) throw problem('data.wfdb-cannot-write', { field: 'baseline', value: baseline })
    if (!/^\S+$/.test(unit)) throw problem('data.wfdb-cannot-write', { field: 'unit', value: unit })
    if (name !== name.trim() || /[\r\n]/.test(name))
      throw problem('data.wfdb-cannot-write', { field: 'lead', value: name })
    let sum = 0
    for (let at = offset; at < flat.length; at += step) {
      for (let k = 0; k < samplesPerFrame; k++) sum = (sum + (flat[at + k] as number)) | 0
    }
    const rate = samplesPerFrame === 1 ? '' : `x${samplesPerFrame}`
    const scale = `${calibrated ? gain : 0}(${baseline})/${unit}`
    const resolution = format === 212 ? 12 : 16
    const first = flat[offset] ?? 0
    lines.push(`${id}.dat ${format}${rate} ${scale} ${resolution} 0 ${first} ${(sum << 16) >> 16} 0 ${name}`.trim())
    offset += samplesPerFrame
  }
  for (const comment of recording.comments) {
    if (/[\r\n]/.test(comment)) throw problem('data.wfdb-cannot-write', { field: 'comment', value: comment })
    lines.push(`# ${comment}`)
  }
  return `${lines.join('\n')}\n`
}

function encode16(flat: Int16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(flat.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < flat.length; i++) view.setInt16(i * 2, flat[i] as number, true)
  return bytes
}

function encode212(flat: Int16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(flat.length / 2) * 3)
  for (let i = 0, b = 0; i < flat.length; i += 2, b += 3) {
    const first = flat[i] as number
    const second = flat[i + 1] ?? 0
    bytes[b] = first & 0xff
    bytes[b + 1] = ((first >> 8) & 0x0f) | ((second >> 4) & 0xf0)
    bytes[b + 2] = second & 0xff
  }
  return bytes
}

/** A MIT annotation file (annot(5)), in the order of time. Text longer than 255 bytes is refused. */
export function encodeAnnotations(annotations: readonly Annotation[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  const put = (word: number): number => bytes.push(word & 0xff, (word >> 8) & 0xff)
  const ordered = [...annotations].sort((a, b) => a.sample - b.sample || a.chan - b.chan)
  let [time, chan, num] = [0, 0, 0]
  for (const [index, entry] of ordered.entries()) {
    const code = codeOf(entry.symbol)
    if (code === null) throw problem('data.wfdb-cannot-write', { field: 'annotation symbol', value: entry.symbol })
    let interval = whole(entry.sample, 'annotation sample', -(2 ** 31), 2 ** 31 - 1) - time
    // a note at time 0 could be read as a definition of the file's clock: rare enough to be refused
    if (code === NOTE && entry.sample === 0 && index === 0 && entry.aux.startsWith('## ')) {
      throw problem('data.wfdb-cannot-write', { field: 'note at sample 0', value: entry.aux })
    }
    if (interval < 0 || interval > 1023) {
      for (let rest = interval; rest !== 0; ) {
        const jump = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, rest))
        put(SKIP << 10)
        put(jump >> 16)
        put(jump)
        rest -= jump
      }
      interval = 0
    }
    put((code << 10) | interval)
    time = entry.sample
    const subtype = whole(entry.subtype, 'subtype', -128, 127)
    if (subtype !== 0) put((SUB << 10) | (subtype & 0xff))
    if (entry.chan !== chan) put((CHN << 10) | whole(entry.chan, 'channel', 0, 255))
    if (entry.num !== num) put((NUM << 10) | (whole(entry.num, 'number', -128, 127) & 0xff))
    chan = entry.chan
    num = entry.num
    if (entry.aux !== '') putText(bytes, put, entry.aux)
  }
  put(0)
  return Uint8Array.from(bytes)
}

function putText(bytes: number[], put: (word: number) => void, text: string): void {
  const encoded = new TextEncoder().encode(text)
  // a NUL at the end is how old files pad text: it would not come back
  if (encoded.length > 255 || text.endsWith('\0')) {
    throw problem('data.wfdb-cannot-write', { field: 'annotation text', value: text.slice(0, 60) })
  }
  put((AUX << 10) | encoded.length)
  for (const byte of encoded) bytes.push(byte)
  if (encoded.length % 2 === 1) bytes.push(0)
}

function whole(value: number, field: string, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw problem('data.wfdb-cannot-write', { field, value })
  }
  return value
}
