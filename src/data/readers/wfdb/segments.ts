import type { FileSet } from '../files.ts'
import { type LeadInfo, physicalUnitOf } from '../recording.ts'
import { decodeText } from '../text.ts'
import { type Header, parseHeader, type SegmentLine, type SignalLine } from './header.ts'
import { missingMarks, openPiece, type Piece } from './signals/piece.ts'
import { problem } from './problems.ts'
import { Tally } from './signals/tally.ts'

/** Takes samples of a segment whose scale differs from the record's: adc' = round(adc * factor + shift). */
export interface Rescale {
  readonly factor: number
  readonly shift: number
}

/** Where a lead's samples lie in a piece. */
export interface Place {
  readonly signal: number
  /** The value that means "missing" there. */
  readonly missing: number
  readonly rescale: Rescale | null
}

/** A stretch of a record that one piece fills; null: nothing was recorded there. */
export interface Part {
  readonly from: number
  readonly frames: number
  readonly piece: Piece | null
  readonly tally: Tally | null
  /** For each lead of the record its signal in the piece, or null where the piece has none. */
  readonly sources: readonly (Place | null)[]
}

export interface Plan {
  readonly leads: readonly { readonly info: LeadInfo; readonly isWide: boolean }[]
  readonly frames: number
  readonly parts: readonly Part[]
  readonly comments: readonly string[]
}

export async function readHeader(files: FileSet, name: string): Promise<Header> {
  const file = `${name}.hea`
  const size = await files.sizeBytes(file)
  if (size === null) throw problem('data.wfdb-header-missing', { file })
  return parseHeader(decodeText(await files.read(file, 0, size)), file)
}

/** The folder part of a record's name, '' for none. */
export function directoryOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

/** A record of one piece. */
export async function planSingle(files: FileSet, header: Header, directory: string): Promise<Plan> {
  const piece = await openPiece(files, header, directory)
  const wide = widths(piece)
  const leads = header.signals.map((line, index) => ({
    info: leadInfo(line, line, index, header.fs),
    isWide: wide[index] ?? false,
  }))
  const sources = missingMarks(piece).map((missing, signal) => ({ signal, missing, rescale: null }))
  const part = { from: 0, frames: piece.frames, piece, tally: new Tally(piece), sources }
  return { leads, frames: piece.frames, parts: [part], comments: header.comments }
}

/**
 * A record of many segments. Fixed layout: all have the same signals in the same order. Variable layout: the first
 * segment has no samples and names every signal that occurs; the others hold some of them, matched by description.
 */
export async function planSegments(files: FileSet, header: Header, directory: string): Promise<Plan> {
  const opened: { readonly line: SegmentLine; readonly piece: Piece | null }[] = []
  for (const line of header.segments ?? []) {
    opened.push({ line, piece: line.name === '~' ? null : await openSegment(files, header, line, directory) })
  }
  const isVariable = opened[0]?.line.frames === 0
  const model = opened.find(({ piece }) => piece !== null)
  if (model === undefined || model.piece === null) {
    const line = header.segments?.[0]
    throw misfit(header, line, 'signals') // only null segments: nothing says what the signals are
  }
  const layout = model.piece.header.signals
  if (layout.length !== header.signalCount) throw misfit(header, model.line, 'number of signals')
  const segments = isVariable ? opened.slice(1) : opened
  const total = segments.reduce((sum, { line }) => sum + line.frames, 0)
  if (header.frames !== null && header.frames !== total)
    throw misfit(header, segments.at(-1)?.line, 'number of samples')

  const matched = segments.map(({ line, piece }) => {
    if (piece === null) return layout.map(() => null)
    const match = matchSignals(layout, piece.header.signals, isVariable)
    if (match === null) throw misfit(header, line, 'signals')
    return match
  })
  const leads = layout.map((line, index) => {
    const found = segments.flatMap(({ line: segment, piece }, at) => {
      const signal = matched[at]?.[index]
      const own = piece?.header.signals[signal ?? -1]
      if (piece === null || own === undefined) return []
      if (own.samplesPerFrame !== line.samplesPerFrame) throw misfit(header, segment, 'samples per frame')
      return [{ segment, line: own, isWide: widths(piece)[signal ?? -1] ?? false }]
    })
    const [first = { line }] = found
    const agree = found.every((other) => isSameScale(other.line, first.line))
    const scale = agree || !line.isCalibrated || line.unit !== first.line.unit ? first.line : line
    const foreign = found.find((other) => other.line.unit !== scale.unit)
    if (foreign !== undefined) throw misfit(header, foreign.segment, 'units')
    return {
      scale,
      info: leadInfo(line, scale, index, header.fs),
      isWide: !agree || found.some(({ isWide }) => isWide),
    }
  })
  let from = 0
  const parts = segments.map(({ line, piece }, at) => {
    const sources = leads.map(({ scale }, index) => {
      const signal = matched[at]?.[index]
      const own = piece?.header.signals[signal ?? -1]
      if (piece === null || own === undefined || typeof signal !== 'number') return null
      const missing = missingMarks(piece)[signal] ?? 0
      const rescale = rescaleOf(own, scale)
      // the mark is the format's lowest value, so no sample is greater in size
      const greatest = rescale === null ? 0 : Math.abs(rescale.factor * missing) + Math.abs(rescale.shift)
      if (greatest >= 2 ** 31) throw misfit(header, line, 'gain')
      return { signal, missing, rescale }
    })
    const part = { from, frames: line.frames, piece, tally: piece === null ? null : new Tally(piece), sources }
    from += line.frames
    return part
  })
  const comments = header.comments.length > 0 ? header.comments : model.piece.header.comments
  return { leads, frames: total, parts, comments }
}

async function openSegment(files: FileSet, header: Header, line: SegmentLine, directory: string): Promise<Piece> {
  const name = directory === '' ? line.name : `${directory}/${line.name}`
  const own = await readHeader(files, name)
  if (own.segments !== null) throw misfit(header, line, 'depth: it has segments of its own')
  if (own.fs !== header.fs) throw misfit(header, line, 'sampling frequency')
  const piece = await openPiece(files, own, directoryOf(name))
  if (line.frames > 0 && piece.frames !== line.frames) throw misfit(header, line, 'number of samples')
  return piece
}

function misfit(header: Header, line: SegmentLine | undefined, field: string) {
  const { file } = header
  return problem('data.wfdb-segment', { file, line: line?.line ?? 1, segment: line?.name ?? '', field })
}

/** For each signal of the layout its place in the segment; null for "not there"; null in all for "doesn't fit". */
function matchSignals(layout: readonly SignalLine[], own: readonly SignalLine[], byName: boolean) {
  if (!byName) return layout.length === own.length ? layout.map((_, index) => index) : null
  const free = new Map(own.map((_, index) => [index, true]))
  const places = layout.map((line) => {
    const place = own.findIndex((other, index) => free.has(index) && other.description === line.description)
    if (place < 0) return null
    free.delete(place)
    return place
  })
  return free.size === 0 ? places : null
}

function isSameScale(a: SignalLine, b: SignalLine): boolean {
  return a.gain === b.gain && a.baseline === b.baseline && a.unit === b.unit
}

function rescaleOf(from: SignalLine, to: SignalLine): Rescale | null {
  if (isSameScale(from, to)) return null
  const factor = to.gain / from.gain
  return { factor, shift: to.baseline - from.baseline * factor }
}

function widths(piece: Piece): boolean[] {
  return piece.groups.flatMap(({ format, signals }) => signals.map(() => format.isWide))
}

function leadInfo(line: SignalLine, scale: SignalLine, index: number, fs: number): LeadInfo {
  return {
    name: line.description === '' ? `signal ${index}` : line.description,
    unit: scale.unit,
    physicalUnit: physicalUnitOf(scale.unit),
    gain: scale.gain,
    baseline: scale.baseline,
    calibrated: scale.isCalibrated,
    samplesPerFrame: line.samplesPerFrame,
    fs: fs * line.samplesPerFrame,
  }
}
