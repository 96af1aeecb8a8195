import { type FileSet, locate, type Source } from '../files.ts'
import { problem as readerProblem } from '../problems.ts'
import { holdLimit, type OpenOptions, type OpenRecording, rangeOf, readWhole } from '../reader.ts'
import {
  type Annotation,
  type Chunk,
  type LeadInfo,
  leadOf,
  MISSING_32,
  physicalUnitOf,
  type Recording,
} from '../recording.ts'
import { type EdfHeader, type EdfSignal, FIXED_BYTES, headerSize, parseHeader } from './header.ts'
import { problem } from './problems.ts'
import { parseLists, type TimedText } from './tal.ts'
import { openTimeline, type Timeline } from './timeline.ts'

/** Opens an EDF, EDF+, BDF or BDF+ file. */
export async function openEdf(source: Source, options: OpenOptions = {}): Promise<OpenRecording> {
  const { files, name } = locate(source)
  return openIn(files, name, options)
}

/** A whole EDF or BDF file with its annotations, in memory. */
export async function readEdf(source: Source, options: OpenOptions = {}): Promise<Recording> {
  return readWhole(await openEdf(source, options))
}

export async function openIn(files: FileSet, name: string, options: OpenOptions = {}): Promise<OpenRecording> {
  try {
    return await open(files, name, options)
  } catch (error) {
    await files.close()
    throw error
  }
}

async function open(files: FileSet, file: string, options: OpenOptions): Promise<OpenRecording> {
  const size = await files.sizeBytes(file)
  if (size === null) throw readerProblem('data.recording-file-missing', { file })
  const neededBytes = headerSize(await files.read(file, 0, FIXED_BYTES), file)
  const header = parseHeader(await files.read(file, 0, neededBytes), file)
  const records = recordCount(header, size)
  const timeline = await openTimeline(header, records, (from, to) => lists(files, header, from, to))
  const signals = header.signals.filter(({ isAnnotations }) => !isAnnotations)
  const fs = timeline.framesPerRecord / header.recordSeconds
  const info = {
    id: file.replace(/^.*\//, '').replace(/\.[^.]*$/, ''),
    fs,
    sampleCount: timeline.frames,
    leads: signals.map((signal) => leadInfo(signal, timeline, fs)),
    // patient and recording identification stay out: they name people
    comments: signals
      .filter(({ prefilter }) => prefilter !== '')
      .map(({ label, prefilter }) => `${label}: ${prefilter}`),
    subject: header.subject,
    ...(header.startAt === null ? {} : { startAt: header.startAt + fraction(timeline.firstOnsetSeconds) }),
  }

  async function read(range?: { readonly from?: number; readonly to?: number }): Promise<Chunk> {
    const { from, to } = rangeOf(timeline.frames, range)
    holdLimit(info, to - from, options.limitSamples)
    const samples = info.leads.map(({ samplesPerFrame }) => {
      const length = (to - from) * samplesPerFrame
      if (timeline.hasGaps) return new Int32Array(length).fill(MISSING_32)
      return header.sampleBytes === 3 ? new Int32Array(length) : new Int16Array(length)
    })
    const { framesPerRecord } = timeline
    const [first, last] = timeline.recordsIn(from, to)
    for await (const { bytes, record } of recordBlocks(files, header, first, last)) {
      const start = timeline.startOf(record)
      const begin = Math.max(from, start)
      const end = Math.min(to, start + framesPerRecord)
      for (const [index, signal] of signals.entries()) {
        const perFrame = signal.samplesPerRecord / framesPerRecord
        const target = samples[index]?.subarray((begin - from) * perFrame, (end - from) * perFrame)
        const offset = signal.byteOffset + (begin - start) * perFrame * header.sampleBytes
        if (target !== undefined) decode(bytes, offset, header.sampleBytes, target)
      }
    }
    const missing = timeline.hasGaps ? MISSING_32 : null
    const leads = samples.map((adc, index) => leadOf(info.leads[index] as LeadInfo, adc, missing)) // one for each lead
    return { from, to, leads }
  }

  async function* chunks(frames: number): AsyncGenerator<Chunk, void, undefined> {
    if (!Number.isInteger(frames) || frames < 1) rangeOf(timeline.frames, { from: 0, to: -1 })
    for (let from = 0; from < timeline.frames; from += frames) {
      yield await read({ from, to: Math.min(from + frames, timeline.frames) })
    }
  }

  async function annotations(): Promise<readonly Annotation[] | null> {
    if (options.annotator === null || header.kind === 'plain') return null
    const found: Annotation[] = []
    for await (const { texts } of lists(files, header, 0, records)) {
      for (const { onsetSeconds, durationSeconds, text } of texts) {
        if (text === '') continue
        const sample = Math.round((onsetSeconds - timeline.firstOnsetSeconds) * fs) + 0 // no -0
        const note = { sample, symbol: '"', subtype: 0, chan: 0, num: 0, aux: text }
        found.push(durationSeconds === null ? note : { ...note, durationSeconds })
      }
    }
    return found.sort((a, b) => a.sample - b.sample)
  }

  return { info, read, chunks, annotations, close: () => files.close() }
}

function recordCount({ file, headerBytes, recordBytes, records }: EdfHeader, size: number): number {
  const whole = Math.max(0, Math.floor((size - headerBytes) / recordBytes))
  if (records === null) return whole
  const neededBytes = headerBytes + records * recordBytes
  if (size < neededBytes) throw problem('data.edf-truncated', { file, offset: size, neededBytes })
  return records
}

function leadInfo(signal: EdfSignal, { framesPerRecord }: Timeline, fs: number): LeadInfo {
  const { label, physicalMin, physicalMax, digitalMin, digitalMax, samplesPerRecord } = signal
  const samplesPerFrame = samplesPerRecord / framesPerRecord
  const gain = (digitalMax - digitalMin) / (physicalMax - physicalMin)
  // some recorders leave an unused channel without a physical range, or with one beyond any converter
  const calibrated = Math.abs(gain) > 1e-12 && Math.abs(gain) < 1e12
  const unit = calibrated ? signal.unit : 'adu'
  const baseline = calibrated ? digitalMin - physicalMin * gain : 0
  const scale = { unit, physicalUnit: physicalUnitOf(unit), gain: calibrated ? gain : 1, baseline, calibrated }
  return { name: label, ...scale, samplesPerFrame, fs: fs * samplesPerFrame }
}

/** Little-endian two's complement of 2 or 3 bytes; the caller brought the whole record. */
function decode(bytes: Uint8Array, offset: number, sampleBytes: 2 | 3, out: Int16Array | Int32Array): void {
  if (sampleBytes === 2) {
    for (let i = 0, b = offset; i < out.length; i++, b += 2) {
      out[i] = (bytes[b] as number) | (((bytes[b + 1] as number) << 24) >> 16)
    }
    return
  }
  for (let i = 0, b = offset; i < out.length; i++, b += 3) {
    out[i] = (bytes[b] as number) | ((bytes[b + 1] as number) << 8) | (((bytes[b + 2] as number) << 24) >> 8)
  }
}

const BLOCK_BYTES = 2 ** 20

/** Data records `first` to `last` (excluded), each as its bytes; read about a megabyte at a time. */
async function* recordBlocks(files: FileSet, header: EdfHeader, first: number, last: number) {
  const { file, headerBytes, recordBytes } = header
  const atOnce = Math.max(1, Math.floor(BLOCK_BYTES / recordBytes))
  for (let from = first; from < last; from += atOnce) {
    const to = Math.min(last, from + atOnce)
    const [start, neededBytes] = [headerBytes + from * recordBytes, headerBytes + to * recordBytes]
    const bytes = await files.read(file, start, neededBytes)
    if (bytes.length < neededBytes - start) {
      throw problem('data.edf-truncated', { file, offset: start + bytes.length, neededBytes })
    }
    for (let record = from; record < to; record++) {
      const at = (record - from) * recordBytes
      yield { record, bytes: bytes.subarray(at, at + recordBytes) }
    }
  }
}

/** The annotation lists of data records `from` to `to`; the first text of the first signal is the record's own time. */
async function* lists(files: FileSet, header: EdfHeader, from: number, to: number) {
  const own = header.signals.filter(({ isAnnotations }) => isAnnotations)
  for await (const { record, bytes } of recordBlocks(files, header, from, to)) {
    const texts: TimedText[] = []
    for (const { byteOffset, samplesPerRecord } of own) {
      const found = parseLists(bytes.subarray(byteOffset, byteOffset + samplesPerRecord * header.sampleBytes))
      if (found === null) {
        const offset = header.headerBytes + record * header.recordBytes + byteOffset
        throw problem('data.edf-annotation', { file: header.file, offset, record })
      }
      texts.push(...found)
    }
    yield { record, texts }
  }
}

/** EDF+ 2.2.4: the first record may begin a fraction of a second after the header's start time. */
function fraction(seconds: number): string {
  return seconds > 0 && seconds < 1 ? String(Math.round(seconds * 1e6) / 1e6).slice(1) : ''
}
