import type { EdfHeader } from './header.ts'
import { problem } from './problems.ts'
import type { TimedText } from './tal.ts'

/** Where the data records of a file lie in time, in frames of the recording. */
export interface Timeline {
  /** The greatest number that divides every lead's samples in a record. */
  readonly framesPerRecord: number
  readonly frames: number
  readonly firstOnsetSeconds: number
  readonly hasGaps: boolean
  startOf(record: number): number
  /** The records, first to last (excluded), that hold any frame of a range. */
  recordsIn(from: number, to: number): readonly [number, number]
}

type Lists = (
  from: number,
  to: number,
) => AsyncIterable<{ readonly record: number; readonly texts: readonly TimedText[] }>

/** Records of EDF+D tell their own time, so all are looked at; of other files at most the first. */
export async function openTimeline(header: EdfHeader, records: number, lists: Lists): Promise<Timeline> {
  const counts = header.signals
    .filter(({ isAnnotations }) => !isAnnotations)
    .map(({ samplesPerRecord }) => samplesPerRecord)
  const framesPerRecord = counts.reduce(greatestDivisor)
  const hasClock = header.signals.some(({ isAnnotations }) => isAnnotations)
  const onsets: number[] = []
  if (hasClock) {
    const toRead = header.kind === 'discontinuous' ? records : Math.min(1, records)
    for await (const { record, texts } of lists(0, toRead)) {
      const [own] = texts
      if (own === undefined || own.text !== '') {
        const offset = header.headerBytes + record * header.recordBytes
        throw problem('data.edf-annotation', { file: header.file, offset, record })
      }
      onsets.push(own.onsetSeconds)
    }
  }
  const firstOnsetSeconds = onsets[0] ?? 0
  const starts = startsOf(header, onsets, framesPerRecord)
  const hasGaps = starts.some((start, record) => start !== record * framesPerRecord)
  if (!hasGaps) {
    return {
      framesPerRecord,
      frames: records * framesPerRecord,
      firstOnsetSeconds,
      hasGaps,
      startOf: (record) => record * framesPerRecord,
      recordsIn: (from, to) => [Math.floor(from / framesPerRecord), from === to ? 0 : Math.ceil(to / framesPerRecord)],
    }
  }
  return {
    framesPerRecord,
    frames: (starts.at(-1) ?? 0) + framesPerRecord,
    firstOnsetSeconds,
    hasGaps,
    startOf: (record) => starts[record] ?? 0,
    recordsIn(from, to) {
      const first = firstAfter(starts, from - framesPerRecord)
      return [first, Math.max(first, firstAfter(starts, to - 1))]
    },
  }
}

/** First frame of each record of EDF+D, to the nearest; [] for other files. */
function startsOf(header: EdfHeader, onsets: readonly number[], framesPerRecord: number): number[] {
  if (header.kind !== 'discontinuous') return []
  const fs = framesPerRecord / header.recordSeconds
  let end = 0
  return onsets.map((onsetSeconds, record) => {
    const exact = Math.round((onsetSeconds - (onsets[0] ?? 0)) * fs)
    // onsets have few decimals: one that falls a frame short of the end of the record before it follows it at once
    const start = exact === end - 1 ? end : exact
    if (start < end) throw problem('data.edf-record-order', { file: header.file, record, onsetSeconds })
    end = start + framesPerRecord
    return start
  })
}

/** Index of the first start that is greater than `frame`; starts rise. */
function firstAfter(starts: readonly number[], frame: number): number {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) > frame) high = middle
    else low = middle + 1
  }
  return low
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
