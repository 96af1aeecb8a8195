import { aurocMacro } from '../classification/ranking.ts'
import { averageBeats, beatFractions, beatScore, beatStatistics, grossBeats } from '../ecg/beat-scores.ts'
import { type BeatPairs, beatByBeat } from '../ecg/beats.ts'
import { type BeatClass, beatClassReport } from '../ecg/classes.ts'
import { intervalError } from '../ecg/interval-errors.ts'
import type { Metric } from '../metric.ts'
import type { Runners } from './runner.ts'

type Symbols = [number, string][]

const annotations = (list: Symbols) => list.map(([sample, symbol]) => ({ sample, symbol }))

export const ecgBeats: Runners = {
  beat_by_beat: (input: { fs: number; samples: number; reference: Symbols; test: Symbols }) => {
    const result = beatByBeat(annotations(input.reference), annotations(input.test), input)
    const period = (pairs: BeatPairs | null) => pairs && { pairs, ...beatFractions(pairs) }
    return { from_5min: period(result.from_5min), from_start: period(result.from_start) }
  },
  gross_and_average: ({ pairs }: { pairs: Record<string, BeatPairs> }) => {
    const records = Object.values(pairs)
    const all = (of: (statistic: (typeof beatStatistics)[number]) => Metric<BeatPairs>) =>
      Object.fromEntries(beatStatistics.map((name) => [name, of(name).compute(records).value]))
    return {
      gross: all(grossBeats),
      average: all(averageBeats),
      records: Object.fromEntries(Object.entries(pairs).map(([name, record]) => [name, beatScore(record)])),
    }
  },
  beat_classes: ({ gold, predicted }: { gold: BeatClass[]; predicted: BeatClass[] }) => {
    const report = beatClassReport(gold.map((name, index) => ({ gold: name, predicted: predicted[index] ?? null })))
    return {
      confusion: report.confusion,
      accuracy: report.accuracy,
      macro_f1_NSVFQ: report.f1MacroNSVFQ,
      macro_f1_NSVF: report.f1MacroNSVF,
      per_class: report.perClass,
    }
  },
  macro_auroc: ({ labels, y, score }: { labels: string[]; y: number[][]; score: number[][] }) => {
    const rows = score.map((list, index) => ({ positive: (y[index] ?? []).map((value) => value === 1), score: list }))
    const { value, per } = aurocMacro(labels).compute(rows)
    return { macro: value, per_class: labels.map((label) => per?.[label]) }
  },
  interval_error: ({ reference, measured }: { reference: (number | null)[]; measured: (number | null)[] }) => {
    const { n, missed, extra, meanMs, sdMs, maeMs } = intervalError(reference, measured)
    return { n, missed, extra, mean: meanMs, sd: sdMs, mae: maeMs }
  },
}
