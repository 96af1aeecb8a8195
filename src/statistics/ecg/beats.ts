import { type BeatClass, type BeatMap, beatClass } from './classes.ts'

/** A WFDB annotation; `sample` counts from 0 at the record's sampling frequency. */
export interface BeatAnnotation {
  readonly sample: number
  readonly symbol: string
}

/** `No` is a missed N, `Ov` an extra V, `Vn` a reference V called N, and so on for N S V F Q. */
export type BeatPair = `${BeatClass}${Lowercase<BeatClass> | 'o'}` | `O${Lowercase<BeatClass>}`

/** Counts of pairs; a pair that does not occur may be absent. Plain data: it is stored and summed. */
export type BeatPairs = Readonly<Partial<Record<BeatPair, number>>>

/** `from_5min` leaves out the learning period, as EC57 asks; `from_start` is what most papers print. Always both. */
export type BeatPeriod = 'from_5min' | 'from_start'
export type BeatsByPeriod = {
  readonly from_start: BeatPairs
  /** Null for a record shorter than five minutes. */
  readonly from_5min: BeatPairs | null
}

export interface BeatRecord {
  readonly fs: number
  /** Length of the record in samples: decides whether there is a period after five minutes. */
  readonly samples: number
}

const learningSeconds = 300
const windowSeconds = 0.15

/** Beat-by-beat comparison of one record as `bxb` of the WFDB package does it (EC57), over both periods. */
export function beatByBeat(
  reference: readonly BeatAnnotation[],
  test: readonly BeatAnnotation[],
  { fs, samples }: BeatRecord,
  map: BeatMap = 'bxb',
): BeatsByPeriod {
  const ordered = inTime(reference)
  const flutter = flutterEpisodes(ordered)
  const within = (sample: number) => flutter.some(({ from, to }) => sample >= from && sample <= to)
  const beats = beatsOf(ordered, map).filter(({ sample }) => !within(sample))
  const found = beatsOf(inTime(test), map)
  const width = Math.floor(windowSeconds * fs + 0.5)
  const compare = (start: number): BeatPairs => matchBeats(beats, found, start, width, within)
  return {
    from_5min: samples < learningSeconds * fs ? null : compare(learningSeconds * fs),
    from_start: compare(0),
  }
}

interface Beat {
  readonly sample: number
  readonly name: BeatClass
}

function inTime(annotations: readonly BeatAnnotation[]): BeatAnnotation[] {
  return annotations.toSorted((one, other) => one.sample - other.sample)
}

function beatsOf(annotations: readonly BeatAnnotation[], map: BeatMap): Beat[] {
  return annotations.flatMap(({ sample, symbol }) => {
    const name = beatClass(symbol, map)
    return name === null ? [] : [{ sample, name }]
  })
}

/** Ventricular flutter from `[` to `]`, ends included; one that is not closed lasts to the end. */
function flutterEpisodes(ordered: readonly BeatAnnotation[]): { from: number; to: number }[] {
  const episodes: { from: number; to: number }[] = []
  let from: number | null = null
  for (const { sample, symbol } of ordered) {
    if (symbol === '[' && from === null) from = sample
    if (symbol === ']' && from !== null) {
      episodes.push({ from, to: sample })
      from = null
    }
  }
  if (from !== null) episodes.push({ from, to: Number.POSITIVE_INFINITY })
  return episodes
}

/** The matching itself. `width` in samples, inclusive; beats ascend in time. */
function matchBeats(
  allReference: readonly Beat[],
  allTest: readonly Beat[],
  start: number,
  width: number,
  inFlutter: (sample: number) => boolean,
): BeatPairs {
  const reference = allReference.filter(({ sample }) => sample >= start)
  const test = allTest.filter(({ sample }) => sample >= start)
  const pairs: Partial<Record<BeatPair, number>> = {}
  const count = (pair: BeatPair): void => {
    pairs[pair] = (pairs[pair] ?? 0) + 1
  }
  const pairUp = (beat: Beat, with_: Beat): void => count(`${beat.name}${lower(with_.name)}`)
  const time = (beats: readonly Beat[], place: number) => beats[place]?.sample ?? Number.POSITIVE_INFINITY

  let i = 0
  let j = 0
  const first = reference[0]
  const before = allTest.findLast(({ sample }) => sample < start)
  const toFirst = (sample: number) => Math.abs(sample - time(reference, 0))
  if (first && before && toFirst(before.sample) <= width && toFirst(before.sample) < toFirst(time(test, 0))) {
    pairUp(first, before)
    i = 1
  } else if (start > 0 && time(test, 0) - start <= width && toFirst(time(test, 1)) < toFirst(time(test, 0))) {
    // The detection belongs to a beat before the period began.
    j = 1
  }

  for (;;) {
    const beat = reference[i]
    const detection = test[j]
    if (!beat && !detection) return pairs
    const a = time(reference, i)
    const b = time(test, j)
    const nextA = time(reference, i + 1)
    const nextB = time(test, j + 1)
    if (detection && b < a) {
      if (beat && a - b <= width && (a - b < Math.abs(a - nextB) || Math.abs(nextA - nextB) < Math.abs(a - nextB))) {
        pairUp(beat, detection)
        i++
      } else if (!inFlutter(b)) count(`O${lower(detection.name)}`)
      j++
      continue
    }
    if (!beat) return pairs
    if (detection && b - a <= width && (b - a < Math.abs(b - nextA) || Math.abs(nextB - nextA) < Math.abs(b - nextA))) {
      pairUp(beat, detection)
      j++
    } else count(`${beat.name}o`)
    i++
  }
}

function lower(name: BeatClass): Lowercase<BeatClass> {
  return name.toLowerCase() as Lowercase<BeatClass>
}
