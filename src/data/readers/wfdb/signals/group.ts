import type { FileSet } from '../../files.ts'
import type { SignalLine } from '../header.ts'
import { problem } from '../problems.ts'
import type { SampleFormat } from './formats.ts'

/** The signals that lie interleaved in one file. */
export interface Group {
  readonly path: string
  readonly formatId: number
  readonly format: SampleFormat
  readonly byteOffset: number
  readonly signals: readonly SignalLine[]
  /** Of the group's first signal among those of the header; the others follow it. */
  readonly firstIndex: number
  /** Samples of all its signals in one frame. */
  readonly frameSamples: number
  readonly maxSkew: number
}

/** Exactly these bytes of a signal file, or the refusal. */
export async function readBytes(files: FileSet, file: string, from: number, to: number): Promise<Uint8Array> {
  const bytes = await files.read(file, from, to)
  if (bytes.length < to - from)
    throw problem('data.wfdb-truncated', { file, offset: from + bytes.length, neededBytes: to })
  return bytes
}
