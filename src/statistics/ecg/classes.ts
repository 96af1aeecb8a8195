import {
  accuracyOf,
  type Confusion,
  confusion,
  countAt,
  f1MacroOf,
  goldMargin,
  predictedMargin,
} from '../classification/confusion.ts'
import { confusionMetric } from '../classification/labels.ts'
import { type Metric, ratio } from '../metric.ts'

/** Beat classes of ANSI/AAMI EC57. */
export const beatClasses = ['N', 'S', 'V', 'F', 'Q'] as const
export type BeatClass = (typeof beatClasses)[number]

/** `aami`: de Chazal 2004, escape beats e j n are normal. `bxb`: the WFDB program's, they are supraventricular. */
export type BeatMap = 'aami' | 'bxb'

const members: Readonly<Record<BeatMap, Readonly<Record<BeatClass, string>>>> = {
  aami: { N: 'NLRBejn', S: 'AaJS', V: 'VEr', F: 'F', Q: '/fQ?' },
  bxb: { N: 'NLRB', S: 'AaJSejn', V: 'VEr', F: 'F', Q: '/fQ?' },
}

const lookup = {
  aami: invert(members.aami),
  bxb: invert(members.bxb),
} as const satisfies Record<BeatMap, ReadonlyMap<string, BeatClass>>

function invert(classes: Readonly<Record<BeatClass, string>>): ReadonlyMap<string, BeatClass> {
  return new Map(beatClasses.flatMap((name) => [...classes[name]].map((symbol) => [symbol, name] as const)))
}

/** Class of a WFDB annotation symbol; null for annotations that are no beat (rhythm, noise, waves, VF). */
export function beatClass(symbol: string, map: BeatMap): BeatClass | null {
  return lookup[map].get(symbol) ?? null
}

/** Training records of the inter-patient split (de Chazal 2004). */
export const ds1: readonly string[] =
  '101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230'.split(' ')

/** Test records of the same split. 202 is the man of 201, who is in DS1: report the figure without it too. */
export const ds2: readonly string[] =
  '100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234'.split(' ')

/** The patient behind a record of the MIT-BIH arrhythmia database: 201 and 202 are one man. */
export function mitdbPatient(record: string): string {
  return record === '202' ? '201' : record
}

/** One beat at a given place. */
export interface ClassifiedBeat {
  readonly gold: BeatClass
  /** Null: not answered, which is wrong. */
  readonly predicted: BeatClass | null
}

export interface BeatClassReport {
  /** [5, 5] over N S V F Q: row = reference, column = prediction. Beats without an answer are in `unanswered`. */
  readonly confusion: readonly (readonly number[])[]
  readonly unanswered: number
  readonly accuracy: number | null
  /** Main figure: see `f1MacroNSVF`. */
  readonly f1MacroNSVF: number | null
  readonly f1MacroNSVFQ: number | null
  readonly perClass: Readonly<Record<BeatClass, { readonly se: number | null; readonly ppv: number | null }>>
}

export function beatClassReport(beats: readonly ClassifiedBeat[]): BeatClassReport {
  const table = confusion(beats, beatClasses)
  const gold = goldMargin(table)
  const predicted = predictedMargin(table)
  const of = (index: number) => {
    const hits = countAt(table, index, index)
    return { se: ratio(hits, gold[index] ?? 0), ppv: ratio(hits, predicted[index] ?? 0) }
  }
  return {
    confusion: beatClasses.map((_, row) => beatClasses.map((__, column) => countAt(table, row, column))),
    unanswered: predicted[beatClasses.length] ?? 0,
    accuracy: accuracyOf(table),
    f1MacroNSVF: f1MacroOf(withoutQ(table)),
    f1MacroNSVFQ: f1MacroOf(table),
    perClass: { N: of(0), S: of(1), V: of(2), F: of(3), Q: of(4) },
  }
}

/** Mean F1 over N S V F: beats that are Q in the reference are left out, a beat called Q is missed. */
export const f1MacroNSVF: Metric<ClassifiedBeat> = confusionMetric(
  'f1_macro_NSVF',
  (table) => f1MacroOf(withoutQ(table)),
  beatClasses,
)

/** Mean F1 over all five classes. */
export const f1MacroNSVFQ: Metric<ClassifiedBeat> = confusionMetric('f1_macro_NSVFQ', f1MacroOf, beatClasses)

/** The four rows and columns that count; a prediction of Q moves to the column of no usable answer. */
function withoutQ(table: Confusion): Confusion {
  const kept = beatClasses.slice(0, 4)
  const cells = kept.flatMap((_, row) => [
    ...kept.map((__, column) => countAt(table, row, column)),
    countAt(table, row, 4) + countAt(table, row, 5),
  ])
  return { labels: kept, cells: Float64Array.from(cells) }
}
