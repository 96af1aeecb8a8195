import { type FileSet, isInsideFolder, locate, type Source } from '../files.ts'
import { problem as readerProblem } from '../problems.ts'
import { holdLimit, type OpenOptions, type OpenRecording, rangeOf, readWhole } from '../reader.ts'
import {
  type Annotation,
  type Chunk,
  type LeadInfo,
  leadOf,
  missingMark,
  type Recording,
  type Samples,
} from '../recording.ts'
import { subjectOf } from '../subject.ts'
import { parseAnnotations } from './annotations/parse.ts'
import type { Header } from './header.ts'
import { readPiece } from './signals/piece.ts'
import { directoryOf, type Part, type Plan, planSegments, type Place, planSingle, readHeader } from './segments.ts'

/** Reads the header of a WFDB record and looks at its files; `source` names the record, with or without `.hea`. */
export async function openRecord(source: Source, options: OpenOptions = {}): Promise<OpenRecording> {
  const { files, name } = locate(source)
  return openIn(files, name, options)
}

/** A whole WFDB record with its annotations, in memory. */
export async function readRecord(source: Source, options: OpenOptions = {}): Promise<Recording> {
  return readWhole(await openRecord(source, options))
}

export async function openIn(files: FileSet, name: string, options: OpenOptions = {}): Promise<OpenRecording> {
  try {
    return await open(files, name.replace(/\.hea$/, ''), options)
  } catch (error) {
    await files.close()
    throw error
  }
}

async function open(files: FileSet, name: string, options: OpenOptions): Promise<OpenRecording> {
  if (!isInsideFolder(name)) throw readerProblem('data.recording-unsafe-name', { file: name })
  const header = await readHeader(files, name)
  const planOf = header.segments === null ? planSingle : planSegments
  const plan = await planOf(files, header, directoryOf(name))
  const startAt = startOf(header)
  const info = {
    id: header.record,
    fs: header.fs,
    sampleCount: plan.frames,
    leads: plan.leads.map((lead) => lead.info),
    comments: plan.comments,
    subject: subjectOf(plan.comments),
    ...(startAt === null ? {} : { startAt }),
  }

  async function read(range?: { readonly from?: number; readonly to?: number }): Promise<Chunk> {
    const { from, to } = rangeOf(plan.frames, range)
    holdLimit(info, to - from, options.limitSamples)
    const filled = await readPlan(files, plan, from, to, options.verify ?? true)
    const leads = filled.map(({ adc, missing }, index) => {
      const lead = info.leads[index] as LeadInfo // one for each lead
      return leadOf(lead, adc, missing)
    })
    return { from, to, leads }
  }

  async function* chunks(frames: number): AsyncGenerator<Chunk, void, undefined> {
    if (!Number.isInteger(frames) || frames < 1) rangeOf(plan.frames, { from: 0, to: -1 })
    for (let from = 0; from < plan.frames; from += frames) {
      yield await read({ from, to: Math.min(from + frames, plan.frames) })
    }
  }

  async function annotations(): Promise<readonly Annotation[] | null> {
    if (options.annotator === null) return null
    const file = `${name}.${options.annotator ?? 'atr'}`
    const size = await files.sizeBytes(file)
    if (size === null) {
      if (options.annotator === undefined) return null
      throw readerProblem('data.recording-file-missing', { file })
    }
    return parseAnnotations(await files.read(file, 0, size), file, header.fs).annotations
  }

  return { info, read, chunks, annotations, close: () => files.close() }
}

interface Filled {
  readonly adc: Samples
  readonly missing: number
}

/** Frames `from` to `to` of each lead, `[frames * samplesPerFrame]`. */
async function readPlan(files: FileSet, plan: Plan, from: number, to: number, verify: boolean): Promise<Filled[]> {
  const [only] = plan.parts
  if (plan.parts.length === 1 && only !== undefined && only.sources.every((source) => source?.rescale === null)) {
    const signals = await readPart(files, only, from, to, verify)
    return signals.map((adc, index) => ({ adc, missing: only.sources[index]?.missing ?? missingMark(adc) }))
  }
  const whole = plan.leads.map(({ info, isWide }) => {
    const length = (to - from) * info.samplesPerFrame
    const adc = isWide ? new Int32Array(length) : new Int16Array(length)
    const missing = missingMark(adc)
    return { adc: adc.fill(missing), missing }
  })
  for (const part of plan.parts) {
    const start = Math.max(from, part.from)
    const stop = Math.min(to, part.from + part.frames)
    if (start >= stop || part.piece === null) continue
    const signals = await readPart(files, part, start - part.from, stop - part.from, verify)
    for (const [index, source] of part.sources.entries()) {
      const signal = source === null ? undefined : signals[source.signal]
      const target = whole[index]
      if (source === null || signal === undefined || target === undefined) continue
      const at = (start - from) * (plan.leads[index]?.info.samplesPerFrame ?? 1)
      place(signal, source, target, at)
    }
  }
  return whole
}

async function readPart(files: FileSet, part: Part, from: number, to: number, verify: boolean): Promise<Samples[]> {
  if (part.piece === null) return []
  const signals = await readPiece(files, part.piece, from, to)
  if (verify) part.tally?.add(signals, from, to)
  return signals
}

/** Copies a segment's samples into the record's lead; its mark for "missing" becomes that of the lead. */
function place(signal: Samples, { missing, rescale }: Place, lead: Filled, at: number): void {
  if (rescale === null && missing === lead.missing) {
    lead.adc.set(signal, at)
    return
  }
  const { factor, shift } = rescale ?? { factor: 1, shift: 0 }
  for (let i = 0; i < signal.length; i++) {
    const value = signal[i] as number
    lead.adc[at + i] = value === missing ? lead.missing : Math.round(value * factor + shift)
  }
}

function startOf({ startDate, startTime }: Header): string | null {
  return startDate === null || startTime === null ? null : `${startDate}T${startTime}`
}

/** Whether `name` is a WFDB header, or a record whose header lies there. */
export async function isRecord(files: FileSet, name: string): Promise<boolean> {
  const file = name.endsWith('.hea') ? name : `${name}.hea`
  return isInsideFolder(file) && (await files.sizeBytes(file)) !== null
}
