import { ratio } from '../metric.ts'

/** One item of a task with one label: text labels, already normalised. */
export interface Labelled {
  readonly gold: string
  /** Null: no answer, or one that cannot be read; wrong. */
  readonly predicted: string | null
}

/**
 * `cells` is [K, K + 1] row by row: row = gold label, column = predicted label; the last column holds items without an
 * answer or with a label outside `labels`, which are wrong but no class of their own.
 */
export interface Confusion {
  readonly labels: readonly string[]
  readonly cells: Float64Array
}

/** Labels in gold or predictions, in order of first appearance. */
export function labelsOf(items: readonly Labelled[]): string[] {
  const seen = new Set<string>()
  for (const { gold } of items) seen.add(gold)
  for (const { predicted } of items) if (predicted !== null) seen.add(predicted)
  return [...seen]
}

/** Where an item falls in the cells of a confusion over `labels`. */
export function confusionCell(labels: readonly string[]): (item: Labelled) => number {
  const places = new Map(labels.map((label, index) => [label, index]))
  const width = labels.length + 1
  return ({ gold, predicted }) => {
    const row = places.get(gold)
    if (row === undefined) throw new RangeError(`gold label "${gold}" is not among the declared labels`)
    const column = predicted === null ? undefined : places.get(predicted)
    return row * width + (column ?? labels.length)
  }
}

export function confusion(items: readonly Labelled[], labels: readonly string[] = labelsOf(items)): Confusion {
  const cells = new Float64Array(labels.length * (labels.length + 1))
  const place = confusionCell(labels)
  for (const item of items) {
    const cell = place(item)
    cells[cell] = (cells[cell] ?? 0) + 1
  }
  return { labels, cells }
}

/** Count of gold label number `row` predicted as label number `column`; column K is "no such answer". */
export function countAt({ labels, cells }: Confusion, row: number, column: number): number {
  return cells[row * (labels.length + 1) + column] ?? 0
}

/** Gold items a label: [K]. */
export function goldMargin(table: Confusion): number[] {
  const width = table.labels.length + 1
  return table.labels.map((_, row) => {
    let sum = 0
    for (let column = 0; column < width; column++) sum += countAt(table, row, column)
    return sum
  })
}

/** Predicted items a label: [K + 1], the last without a usable answer. */
export function predictedMargin(table: Confusion): number[] {
  return [...table.labels, null].map((_, column) => {
    let sum = 0
    for (let row = 0; row < table.labels.length; row++) sum += countAt(table, row, column)
    return sum
  })
}

export function totalOf({ cells }: Confusion): number {
  return cells.reduce((sum, count) => sum + count, 0)
}

export function correctOf(table: Confusion): number {
  return table.labels.reduce((sum, _, index) => sum + countAt(table, index, index), 0)
}

export interface LabelScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** Precision, recall and F1 a label, 0/0 as 0 (sklearn's zero_division=0), with gold support. */
export function labelScores(table: Confusion): Record<string, LabelScore> {
  const gold = goldMargin(table)
  const predicted = predictedMargin(table)
  return Object.fromEntries(
    table.labels.map((label, index) => {
      const hits = countAt(table, index, index)
      const support = gold[index] ?? 0
      const named = predicted[index] ?? 0
      const score: LabelScore = {
        precision: ratio(hits, named) ?? 0,
        recall: ratio(hits, support) ?? 0,
        f1: ratio(2 * hits, support + named) ?? 0,
        support,
      }
      return [label, score]
    }),
  )
}

export function accuracyOf(table: Confusion): number | null {
  return ratio(correctOf(table), totalOf(table))
}

/** Mean recall over the labels that occur in gold. */
export function balancedAccuracyOf(table: Confusion): number | null {
  let sum = 0
  let occurring = 0
  for (const [index, support] of goldMargin(table).entries()) {
    if (support === 0) continue
    sum += countAt(table, index, index) / support
    occurring++
  }
  return ratio(sum, occurring)
}

/** Mean of 2TP / (2TP + FP + FN) over the labels in gold or predictions; a label only predicted counts as 0. */
export function f1MacroOf(table: Confusion): number | null {
  const gold = goldMargin(table)
  const predicted = predictedMargin(table)
  let sum = 0
  let occurring = 0
  for (const [index, support] of gold.entries()) {
    const both = support + (predicted[index] ?? 0)
    if (both === 0) continue
    sum += (2 * countAt(table, index, index)) / both
    occurring++
  }
  return ratio(sum, occurring)
}

/** F1 of counts pooled over labels; an item without an answer is a miss of its gold label and no false alarm. */
export function f1MicroOf(table: Confusion): number | null {
  const answered = predictedMargin(table).slice(0, -1)
  return ratio(2 * correctOf(table), totalOf(table) + answered.reduce((sum, count) => sum + count, 0))
}

/** Mean F1 weighted by gold support. */
export function f1WeightedOf(table: Confusion): number | null {
  let sum = 0
  for (const { f1, support } of Object.values(labelScores(table))) sum += f1 * support
  return ratio(sum, totalOf(table))
}

export type KappaWeights = 'none' | 'linear' | 'quadratic'

/**
 * 1 - sum w O / sum w E with E from the margins (Cohen 1960, 1968). Weights 1[i != j], |i - j| or (i - j)^2 over the order
 * of `labels`. An item without an answer weighs as much as the widest disagreement of the scale. 0/0: null.
 */
export function kappaOf(table: Confusion, weights: KappaWeights = 'none'): number | null {
  const size = table.labels.length
  const gold = goldMargin(table)
  const predicted = predictedMargin(table)
  const total = totalOf(table)
  let observed = 0
  let expected = 0
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= size; column++) {
      const weight = disagreement(row, column, size, weights)
      observed += weight * countAt(table, row, column)
      expected += weight * (gold[row] ?? 0) * (predicted[column] ?? 0)
    }
  }
  // Integers until the last division: sum w O / (sum w E / n).
  return expected === 0 ? null : 1 - (observed * total) / expected
}

function disagreement(row: number, column: number, size: number, weights: KappaWeights): number {
  if (weights === 'none') return row === column ? 0 : 1
  const steps = column === size ? Math.max(1, size - 1) : Math.abs(row - column)
  return weights === 'linear' ? steps : steps * steps
}

/** Correlation of the indicator vectors for any number of labels (Gorodkin 2004, as sklearn); 0/0 is 0. No items: null. */
export function mccOf(table: Confusion): number | null {
  const total = totalOf(table)
  if (total === 0) return null
  const gold = goldMargin(table)
  const predicted = predictedMargin(table)
  let product = 0
  let goldSquares = 0
  let predictedSquares = 0
  for (const [index, count] of predicted.entries()) {
    const support = gold[index] ?? 0
    product += support * count
    goldSquares += support * support
    predictedSquares += count * count
  }
  const spread = (total * total - predictedSquares) * (total * total - goldSquares)
  return spread === 0 ? 0 : (correctOf(table) * total - product) / Math.sqrt(spread)
}
