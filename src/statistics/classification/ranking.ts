import { countMetric, type Measured, type Metric, meanOfDefined, measured, metric, ratio } from '../metric.ts'

/** A binary item with a score: the higher, the more likely positive. */
export interface Scored {
  readonly positive: boolean
  readonly score: number
}

/**
 * Counts by distinct score, ascending: cell 2k holds the negatives, cell 2k + 1 the positives of the k-th score. Every
 * threshold metric follows from these, so a replicate needs no sorting.
 */
interface Levels {
  readonly scores: Float64Array
  readonly cells: Float64Array
}

function distinctScores(items: readonly Scored[]): Float64Array {
  for (const { score } of items) if (Number.isNaN(score)) throw new RangeError('a score is not a number')
  const sorted = Float64Array.from(items, ({ score }) => score).sort()
  return sorted.filter((score, index) => index === 0 || score !== sorted[index - 1])
}

function levelOf(scores: Float64Array): (score: number) => number {
  const places = new Map<number, number>()
  for (const [index, score] of scores.entries()) places.set(score, index)
  return (score) => places.get(score) ?? 0
}

function levels(items: readonly Scored[]): Levels {
  const scores = distinctScores(items)
  const place = levelOf(scores)
  const cells = new Float64Array(2 * scores.length)
  for (const { positive, score } of items) {
    const cell = 2 * place(score) + (positive ? 1 : 0)
    cells[cell] = (cells[cell] ?? 0) + 1
  }
  return { scores, cells }
}

function levelMetric(id: string, value: (table: Levels) => number | null, reason: string): Metric<Scored> {
  return countMetric(id, 'higher', (items) => {
    const scores = distinctScores(items)
    const place = levelOf(scores)
    return {
      size: 2 * scores.length,
      contribute: ({ positive, score }, add) => add(2 * place(score) + (positive ? 1 : 0), 1),
      value: (cells) => measured(value({ scores, cells }), reason),
    }
  })
}

function totals({ cells }: Levels): { negatives: number; positives: number } {
  let negatives = 0
  let positives = 0
  for (let cell = 0; cell < cells.length; cell += 2) {
    negatives += cells[cell] ?? 0
    positives += cells[cell + 1] ?? 0
  }
  return { negatives, positives }
}

/** Twice Mann-Whitney's U is an integer, so the division is the only rounding. */
function aurocOf(table: Levels): number | null {
  const { cells } = table
  let below = 0
  let twiceU = 0
  let positives = 0
  for (let cell = 0; cell < cells.length; cell += 2) {
    const negative = cells[cell] ?? 0
    const positive = cells[cell + 1] ?? 0
    twiceU += positive * (2 * below + negative)
    below += negative
    positives += positive
  }
  return ratio(twiceU, 2 * positives * below)
}

function auprcOf(table: Levels): number | null {
  const { cells } = table
  const { positives } = totals(table)
  if (positives === 0) return null
  let hits = 0
  let named = 0
  let area = 0
  for (let cell = cells.length - 2; cell >= 0; cell -= 2) {
    const positive = cells[cell + 1] ?? 0
    hits += positive
    named += positive + (cells[cell] ?? 0)
    if (positive > 0) area += (positive / positives) * (hits / named)
  }
  return area
}

/** P(score of a positive > of a negative) + half of P(equal). One class only: null. */
export const auroc: Metric<Scored> = levelMetric('auroc', aurocOf, 'one class')

/** Average precision over distinct thresholds, without interpolation. No positive: null. */
export const auprc: Metric<Scored> = levelMetric('auprc', auprcOf, 'no positive')

/** Same figures on columns. `y` is 1 for positive. */
export function aurocValue(y: readonly number[], score: readonly number[]): number | null {
  return auroc.compute(scored(y, score)).value
}

export function scored(y: readonly number[], score: readonly number[]): Scored[] {
  if (y.length !== score.length) throw new RangeError('as many scores as labels are needed')
  return score.map((value, index) => ({ positive: y[index] === 1, score: value }))
}

export interface OperatingPoint {
  readonly sensitivity: number
  readonly specificity: number
  /** Positive is score >= threshold; null stands for +infinity, where nothing is positive. */
  readonly threshold: number | null
}

function operatingPoints(items: readonly Scored[]): OperatingPoint[] | null {
  const table = levels(items)
  const { negatives, positives } = totals(table)
  if (negatives === 0 || positives === 0) return null
  const points: OperatingPoint[] = [{ sensitivity: 0, specificity: 1, threshold: null }]
  let hits = 0
  let alarms = 0
  for (let place = table.scores.length - 1; place >= 0; place--) {
    alarms += table.cells[2 * place] ?? 0
    hits += table.cells[2 * place + 1] ?? 0
    points.push({
      sensitivity: hits / positives,
      specificity: (negatives - alarms) / negatives,
      threshold: table.scores[place] ?? null,
    })
  }
  return points
}

/** Largest sensitivity with at least this specificity; of equals the highest threshold. One class: null. */
export function atSpecificity(items: readonly Scored[], specificity: number): OperatingPoint | null {
  const points = operatingPoints(items)?.filter((point) => point.specificity >= specificity)
  return points?.reduce((best, point) => (point.sensitivity > best.sensitivity ? point : best)) ?? null
}

/** Largest specificity with at least this sensitivity; of equals the highest threshold. One class: null. */
export function atSensitivity(items: readonly Scored[], sensitivity: number): OperatingPoint | null {
  const points = operatingPoints(items)?.filter((point) => point.sensitivity >= sensitivity)
  return points?.reduce((best, point) => (point.specificity > best.specificity ? point : best)) ?? null
}

export function sensitivityAtSpecificity(specificity: number): Metric<Scored> {
  return metric('sensitivity_at_specificity', 'higher', (items) =>
    measured(atSpecificity(items, specificity)?.sensitivity ?? null, 'one class'),
  )
}

/** Sensitivity and specificity of one threshold (a shipped one): null a class that is absent. */
export function atThreshold(
  items: readonly Scored[],
  threshold: number,
): { readonly sensitivity: number | null; readonly specificity: number | null } {
  const positives = items.filter(({ positive }) => positive)
  const negatives = items.filter(({ positive }) => !positive)
  return {
    sensitivity: ratio(positives.filter(({ score }) => score >= threshold).length, positives.length),
    specificity: ratio(negatives.filter(({ score }) => score < threshold).length, negatives.length),
  }
}

/** An item with a score and a truth for each label or endpoint, both [K] in the order of the labels. */
export interface ScoredRow {
  /** Null: not measured (a blank cell of an activity table), left out of its label alone. */
  readonly positive: readonly (boolean | null)[]
  readonly score: readonly number[]
}

/**
 * Mean of the labels' AUROC that are defined; `undefined` counts the rest and `per` shows each. For several exclusive
 * classes give one-versus-rest rows.
 */
export function aurocMacro(labels: readonly string[]): Metric<ScoredRow> {
  return macroOf('auroc_macro', labels, aurocOf)
}

export function auprcMacro(labels: readonly string[]): Metric<ScoredRow> {
  return macroOf('auprc_macro', labels, auprcOf)
}

function macroOf(id: string, labels: readonly string[], value: (table: Levels) => number | null): Metric<ScoredRow> {
  return countMetric(id, 'higher', (items) => {
    const scores = labels.map((_, label) => distinctScores(column(items, label)))
    const places = scores.map(levelOf)
    const starts: number[] = [0]
    for (const [label, list] of scores.entries()) starts.push((starts[label] ?? 0) + 2 * list.length)
    return {
      size: starts.at(-1) ?? 0,
      contribute: (row, add) => {
        for (const [label, place] of places.entries()) {
          if (row.positive[label] === null) continue
          const level = place(row.score[label] ?? Number.NaN)
          add((starts[label] ?? 0) + 2 * level + (row.positive[label] ? 1 : 0), 1)
        }
      },
      value: (cells): Measured => {
        const values = scores.map((list, label) =>
          value({ scores: list, cells: cells.subarray(starts[label], starts[label + 1]) }),
        )
        const per = Object.fromEntries(labels.map((label, index) => [label, values[index] ?? null]))
        return { ...meanOfDefined(values), per }
      },
    }
  })
}

function column(items: readonly ScoredRow[], label: number): Scored[] {
  return items.flatMap(({ positive, score }) =>
    positive[label] === null ? [] : [{ positive: positive[label] ?? false, score: score[label] ?? Number.NaN }],
  )
}
