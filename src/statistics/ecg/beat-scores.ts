import { countMetric, itemMean, type Metric, measured, ratio } from '../metric.ts'
import type { BeatPair, BeatPairs } from './beats.ts'

/** Numerator and denominator of a beat statistic: integers until the last division. */
export type Fraction = readonly [number, number]

export interface BeatFractions {
  readonly qrs_se: Fraction
  readonly qrs_ppv: Fraction
  readonly veb_se: Fraction
  readonly veb_ppv: Fraction
  readonly sveb_se: Fraction
  readonly sveb_ppv: Fraction
}
export type BeatStatistic = keyof BeatFractions

export const beatStatistics = [
  'qrs_se',
  'qrs_ppv',
  'veb_se',
  'veb_ppv',
  'sveb_se',
  'sveb_ppv',
] as const satisfies readonly BeatStatistic[]

const rows = ['N', 'S', 'V', 'F', 'Q'] as const
const columns = ['n', 's', 'v', 'f', 'q'] as const

/** The six fractions of EC57. F and Q called V are no errors of VEB; Q called S is none of SVEB. */
export function beatFractions(pairs: BeatPairs): BeatFractions {
  const of = (...names: readonly BeatPair[]): number => names.reduce((sum, name) => sum + (pairs[name] ?? 0), 0)
  const paired = rows.reduce((sum, row) => sum + columns.reduce((part, column) => part + of(`${row}${column}`), 0), 0)
  const missed = of('No', 'So', 'Vo', 'Fo', 'Qo')
  const extra = of('On', 'Os', 'Ov', 'Of', 'Oq')
  const veb = of('Vv')
  const sveb = of('Ss')
  return {
    qrs_se: [paired, paired + missed],
    qrs_ppv: [paired, paired + extra],
    veb_se: [veb, of('Vn', 'Vs', 'Vv', 'Vf', 'Vq', 'Vo')],
    veb_ppv: [veb, veb + of('Nv', 'Sv', 'Ov')],
    sveb_se: [sveb, of('Sn', 'Ss', 'Sv', 'Sf', 'Sq', 'So')],
    sveb_ppv: [sveb, sveb + of('Ns', 'Vs', 'Fs', 'Os')],
  }
}

/** Pairs added up. */
export function sumPairs(records: readonly BeatPairs[]): BeatPairs {
  const sum: Partial<Record<BeatPair, number>> = {}
  for (const pairs of records) {
    for (const [pair, amount] of Object.entries(pairs) as [BeatPair, number][]) sum[pair] = (sum[pair] ?? 0) + amount
  }
  return sum
}

/** Se, +P and their harmonic mean of one table of pairs. */
export function beatScore(pairs: BeatPairs): Record<BeatStatistic | 'qrs_f1' | 'veb_f1' | 'sveb_f1', number | null> {
  const fractions = beatFractions(pairs)
  return {
    qrs_se: ratio(...fractions.qrs_se),
    qrs_ppv: ratio(...fractions.qrs_ppv),
    veb_se: ratio(...fractions.veb_se),
    veb_ppv: ratio(...fractions.veb_ppv),
    sveb_se: ratio(...fractions.sveb_se),
    sveb_ppv: ratio(...fractions.sveb_ppv),
    qrs_f1: harmonic(fractions.qrs_se, fractions.qrs_ppv),
    veb_f1: harmonic(fractions.veb_se, fractions.veb_ppv),
    sveb_f1: harmonic(fractions.sveb_se, fractions.sveb_ppv),
  }
}

export type BeatFigure = keyof ReturnType<typeof beatScore>

/** 2 Se P / (Se + P); null where either is undefined, 0 where both are 0. */
function harmonic(se: Fraction, ppv: Fraction): number | null {
  const sensitivity = ratio(...se)
  const precision = ratio(...ppv)
  if (sensitivity === null || precision === null) return null
  return sensitivity + precision === 0 ? 0 : (2 * sensitivity * precision) / (sensitivity + precision)
}

/** Every pair has one cell, so that a bootstrap replicate over records is a sum of counts. */
const cells: readonly BeatPair[] = [
  ...rows.flatMap((row) => columns.map((column): BeatPair => `${row}${column}`)),
  ...rows.map((row): BeatPair => `${row}o`),
  ...columns.map((column): BeatPair => `O${column}`),
]

/** Headline: the figure of the counts summed over records, `qrs_f1_gross` and so on. An item is a record's pairs. */
export function grossBeats(figure: BeatFigure): Metric<BeatPairs> {
  return countMetric(`${figure}_gross`, 'higher', () => ({
    size: cells.length,
    contribute: (pairs, add) => {
      for (const [cell, pair] of cells.entries()) add(cell, pairs[pair] ?? 0)
    },
    value: (sums) => {
      const pairs = Object.fromEntries(cells.map((pair, cell) => [pair, sums[cell] ?? 0]))
      return measured(beatScore(pairs)[figure], 'no such beats')
    },
  }))
}

/** Mean over the records where the figure is defined. */
export function averageBeats(figure: BeatFigure): Metric<BeatPairs> {
  return itemMean(`${figure}_average`, 'higher', (pairs) => beatScore(pairs)[figure])
}

/** Records with paced beats stand outside every total of EC57; their own figures are shown apart. */
export const pacedRecords: readonly string[] = ['102', '104', '107', '217']

export interface Excluded {
  readonly id: string
  readonly reason: string
}

/** Parts records into those that count and those that are listed as excluded. */
export function withoutPaced<Item extends { readonly record: string }>(
  records: readonly Item[],
): { readonly scored: readonly Item[]; readonly paced: readonly Item[]; readonly excluded: readonly Excluded[] } {
  const paced = records.filter(({ record }) => pacedRecords.includes(record))
  return {
    scored: records.filter(({ record }) => !pacedRecords.includes(record)),
    paced,
    excluded: paced.map(({ record }) => ({ id: record, reason: 'paced (EC57)' })),
  }
}
