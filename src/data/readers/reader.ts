import type { FileSet } from './files.ts'
import { problem } from './problems.ts'
import type { Annotation, Chunk, Recording, RecordingInfo } from './recording.ts'

export interface OpenOptions {
  /** Compare the file's own checksums and first values where it has them. Default true. */
  readonly verify?: boolean
  /** Most samples of all leads together that one read may bring into memory. */
  readonly limitSamples?: number
  /** WFDB: suffix of the annotation file; by default `atr` where that file exists. null: none. */
  readonly annotator?: string | null
}

/** A recording whose header was read and found sound; samples come when asked for. Close it after use. */
export interface OpenRecording {
  readonly info: RecordingInfo
  /** Frames `from` to `to`, by default all. Reads only the bytes that hold them. */
  read(range?: { readonly from?: number; readonly to?: number }): Promise<Chunk>
  /** The whole recording in order, `frames` at a time (the last may be shorter), in bounded memory. */
  chunks(frames: number): AsyncGenerator<Chunk, void, undefined>
  /** null where the recording has no annotations. */
  annotations(): Promise<readonly Annotation[] | null>
  close(): Promise<void>
}

/** A member of the family: one file format. Foreseen faults of a file are `Problem`s; anything else is our bug. */
export interface Reader {
  readonly id: string
  /** What a person calls it, with its suffix. */
  readonly title: string
  /** Whether `name` is a recording of this format, from its name and first bytes. */
  claims(files: FileSet, name: string): Promise<boolean>
  open(files: FileSet, name: string, options?: OpenOptions): Promise<OpenRecording>
}

/** 2^28 samples: 512 MiB of 16-bit ones. */
export const LIMIT_SAMPLES = 2 ** 28

/** The whole of an open recording; closes it. */
export async function readWhole(recording: OpenRecording): Promise<Recording> {
  try {
    const { leads } = await recording.read()
    const annotations = await recording.annotations()
    return annotations === null ? { ...recording.info, leads } : { ...recording.info, leads, annotations }
  } finally {
    await recording.close()
  }
}

/** A range with its defaults filled in, or the refusal. */
export function rangeOf(frames: number, range: { from?: number; to?: number } = {}): { from: number; to: number } {
  const from = range.from ?? 0
  const to = range.to ?? frames
  const isSound = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= frames
  if (!isSound) throw problem('data.recording-range', { from, to, frames })
  return { from, to }
}

/** Refuses a read that would not fit in memory. */
export function holdLimit(info: RecordingInfo, frames: number, limit = LIMIT_SAMPLES): void {
  const perFrame = info.leads.reduce((sum, lead) => sum + lead.samplesPerFrame, 0)
  const samples = frames * perFrame
  if (samples > limit) throw problem('data.recording-too-large', { file: info.id, samples, limit })
}
