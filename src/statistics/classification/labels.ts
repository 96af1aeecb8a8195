import { countMetric, type Direction, type Metric, measured } from '../metric.ts'
import {
  accuracyOf,
  balancedAccuracyOf,
  type Confusion,
  confusionCell,
  f1MacroOf,
  f1MicroOf,
  f1WeightedOf,
  kappaOf,
  type Labelled,
  labelsOf,
  mccOf,
} from './confusion.ts'

/** A metric that is a function of the confusion table. Without declared labels those of the data are taken. */
export function confusionMetric<Item extends Labelled>(
  id: string,
  value: (table: Confusion) => number | null,
  labels?: readonly string[],
  direction: Direction = 'higher',
): Metric<Item> {
  return countMetric<Item>(id, direction, (items) => {
    const known = labels ?? labelsOf(items)
    const place = confusionCell(known)
    return {
      size: known.length * (known.length + 1),
      contribute: (item, add) => add(place(item), 1),
      value: (cells) =>
        measured(value({ labels: known, cells }), cells.some((count) => count > 0) ? '0/0' : 'no items'),
    }
  })
}

type OfLabels = (labels?: readonly string[]) => Metric<Labelled>

export const accuracy: OfLabels = (labels) => confusionMetric('accuracy', accuracyOf, labels)
export const balancedAccuracy: OfLabels = (labels) => confusionMetric('balanced_accuracy', balancedAccuracyOf, labels)
export const f1Macro: OfLabels = (labels) => confusionMetric('f1_macro', f1MacroOf, labels)
export const f1Micro: OfLabels = (labels) => confusionMetric('f1_micro', f1MicroOf, labels)
export const f1Weighted: OfLabels = (labels) => confusionMetric('f1_weighted', f1WeightedOf, labels)
export const kappa: OfLabels = (labels) => confusionMetric('kappa', (table) => kappaOf(table), labels)
export const mcc: OfLabels = (labels) => confusionMetric('mcc', mccOf, labels)

/** The order of `labels` is the scale, so they must be declared. */
export const kappaLinear = (labels: readonly string[]): Metric<Labelled> =>
  confusionMetric('kappa_linear', (table) => kappaOf(table, 'linear'), labels)
export const kappaQuadratic = (labels: readonly string[]): Metric<Labelled> =>
  confusionMetric('kappa_quadratic', (table) => kappaOf(table, 'quadratic'), labels)
