import type { FileSet } from '../../files.ts'
import type { Samples } from '../../recording.ts'
import { type Cursor, readDifferences } from './differences.ts'
import { type Group, readBytes } from './group.ts'
import {
  bytesForSamples,
  decode212Pair,
  DIFFERENCES,
  isLittleEndian,
  NO_SIGNAL,
  sampleFormats,
  samplesInBytes,
} from './formats.ts'
import type { Header, SignalLine } from '../header.ts'
import { problem } from '../problems.ts'

/** A record of one piece, or one segment of many: its files are there and long enough. */
export interface Piece {
  readonly header: Header
  readonly frames: number
  readonly groups: readonly Group[]
  /** Where format 8 was last summed up to, by group: changed as it is read. */
  readonly cursors: Map<Group, Cursor>
}

/** Groups a header's signals by file and makes sure that each file is there and long enough. */
export async function openPiece(files: FileSet, header: Header, directory: string): Promise<Piece> {
  const groups = groupSignals(header, directory)
  let frames = header.frames
  for (const group of groups) {
    if (group.formatId === NO_SIGNAL) continue
    const size = await files.sizeBytes(group.path)
    const line = group.signals[0]?.line ?? 0
    if (size === null) throw problem('data.wfdb-file-missing', { header: header.file, line, file: group.path })
    if (header.frames === null) {
      const held = samplesInBytes(group.formatId, group.format, Math.max(0, size - group.byteOffset))
      const whole = Math.floor(held / group.frameSamples)
      frames = frames === null ? whole : Math.min(frames, whole)
    } else {
      const samples = header.frames * group.frameSamples
      const neededBytes = group.byteOffset + bytesForSamples(group.formatId, group.format, samples)
      if (size < neededBytes) throw problem('data.wfdb-truncated', { file: group.path, offset: size, neededBytes })
    }
  }
  return { header, frames: frames ?? 0, groups, cursors: new Map() }
}

function groupSignals(header: Header, directory: string): Group[] {
  const groups: { file: string; firstIndex: number; signals: SignalLine[] }[] = []
  for (const [index, signal] of header.signals.entries()) {
    const last = groups.at(-1)
    if (last?.file === signal.file) last.signals.push(signal)
    else groups.push({ file: signal.file, firstIndex: index, signals: [signal] })
  }
  const seen = new Set<string>()
  return groups.map(({ file, firstIndex, signals }) => {
    const [first] = signals as [SignalLine, ...SignalLine[]] // a group is begun with a signal
    const odd = signals.find(({ format, byteOffset }) => format !== first.format || byteOffset !== first.byteOffset)
    const stray = odd ?? (seen.has(file) && file !== '~' ? first : undefined)
    if (stray !== undefined) {
      throw problem('data.wfdb-group', { file: header.file, line: stray.line, name: file })
    }
    seen.add(file)
    const formatId = file === '~' ? NO_SIGNAL : first.format
    const format = sampleFormats.get(formatId)
    if (format === undefined) {
      const known = [...sampleFormats.keys()].filter((id) => id !== NO_SIGNAL).join(', ')
      throw problem('data.wfdb-format', { file: header.file, line: first.line, format: formatId, known })
    }
    const frameSamples = signals.reduce((sum, { samplesPerFrame }) => sum + samplesPerFrame, 0)
    const maxSkew = Math.max(...signals.map(({ skew }) => skew))
    const path = directory === '' ? file : `${directory}/${file}`
    return { path, formatId, format, byteOffset: first.byteOffset, signals, firstIndex, frameSamples, maxSkew }
  })
}

/** Frames `from` to `to` of every signal, in the order of the header, skews taken out. */
export async function readPiece(files: FileSet, piece: Piece, from: number, to: number): Promise<Samples[]> {
  const signals: Samples[] = []
  for (const group of piece.groups) {
    const end = Math.min(to + group.maxSkew, piece.frames)
    if (group.formatId === 212 && group.signals.length === 2 && group.frameSamples === 2 && group.maxSkew === 0) {
      signals.push(...(await readPair(files, group, from, to)))
      continue
    }
    const block = await readGroup(files, piece, group, from, to, end)
    signals.push(...split(group, block, to - from, end - from))
  }
  return signals
}

/** Interleaved samples of a group; `start` is the place of the first frame asked for. */
interface Block {
  readonly samples: Samples
  readonly start: number
}

async function readGroup(
  files: FileSet,
  piece: Piece,
  group: Group,
  from: number,
  to: number,
  end: number,
): Promise<Block> {
  const { format, formatId, byteOffset, frameSamples } = group
  if (formatId === DIFFERENCES) {
    const { samples, cursor } = await readDifferences(files, group, piece.cursors.get(group), { from, to, end })
    piece.cursors.set(group, cursor)
    return { samples, start: 0 }
  }
  const start = (from * frameSamples) % format.blockSamples
  const count = (end - from) * frameSamples + start
  if (formatId === NO_SIGNAL) return { samples: new Int16Array(count).fill(format.missing), start: 0 }
  const firstByte = byteOffset + ((from * frameSamples - start) / format.blockSamples) * format.blockBytes
  const bytes = await readBytes(files, group.path, firstByte, firstByte + bytesForSamples(formatId, format, count))
  if (formatId === 16 && isLittleEndian && bytes.byteOffset % 2 === 0) {
    return { samples: new Int16Array(bytes.buffer, bytes.byteOffset, count), start }
  }
  const samples = format.isWide ? new Int32Array(count) : new Int16Array(count)
  format.decode(bytes, samples)
  return { samples, start }
}

async function readPair(files: FileSet, group: Group, from: number, to: number): Promise<Int16Array[]> {
  const firstByte = group.byteOffset + from * 3
  const bytes = await readBytes(files, group.path, firstByte, group.byteOffset + to * 3)
  const [first, second] = [new Int16Array(to - from), new Int16Array(to - from)]
  decode212Pair(bytes, first, second)
  return [first, second]
}

/** The value that means "missing" in each signal. */
export function missingMarks(piece: Piece): number[] {
  return piece.groups.flatMap(({ format, signals }) => signals.map(() => format.missing))
}

/** Takes interleaved samples apart: `[frames * samplesPerFrame]` for each signal; past `held` frames all is missing. */
function split(group: Group, { samples: flat, start }: Block, frames: number, held: number): Samples[] {
  let offset = start
  return group.signals.map(({ samplesPerFrame, skew }) => {
    const length = frames * samplesPerFrame
    const out = flat instanceof Int16Array ? new Int16Array(length) : new Int32Array(length)
    const step = group.frameSamples
    const filled = Math.max(0, Math.min(frames, held - skew))
    const first = offset + skew * step
    if (samplesPerFrame === step) out.set(flat.subarray(first, first + filled * step))
    else if (samplesPerFrame === 1) for (let i = 0, at = first; i < filled; i++, at += step) out[i] = flat[at] ?? 0
    else {
      for (let frame = 0; frame < filled; frame++) {
        const at = first + frame * step
        for (let k = 0; k < samplesPerFrame; k++) out[frame * samplesPerFrame + k] = flat[at + k] ?? 0
      }
    }
    out.fill(group.format.missing, filled * samplesPerFrame)
    offset += samplesPerFrame
    return out
  })
}
