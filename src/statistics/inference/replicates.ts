import type { Measured, Metric } from '../metric.ts'
import type { Groups } from './groups.ts'
import type { Random } from './random.ts'

/** Scores any multiset of groups, given by their numbers in the order they were drawn. */
export type Scorer = (drawn: ArrayLike<number>) => Measured

/** Fast where the metric has sufficient counts (a sum over the drawn groups), else by computing it whole. */
export function scorer<Item>(metric: Metric<Item>, groups: Groups<Item>): Scorer {
  return metric.sufficient ? countScorer(metric.sufficient(groups.flat()), groups) : wholeScorer(metric, groups)
}

/** The definition: all items of the drawn groups, in the order drawn, and the metric computed on them. */
export function wholeScorer<Item>(metric: Metric<Item>, groups: Groups<Item>): Scorer {
  return (drawn) => {
    const items: Item[] = []
    for (let place = 0; place < drawn.length; place++) {
      for (const item of groups[drawn[place] ?? 0] ?? []) items.push(item)
    }
    return metric.compute(items)
  }
}

function countScorer<Item>(
  sufficient: ReturnType<NonNullable<Metric<Item>['sufficient']>>,
  groups: Groups<Item>,
): Scorer {
  // Each group's non-zero cells, laid end to end: group g owns starts[g] .. starts[g + 1].
  const starts: number[] = [0]
  const cellOf: number[] = []
  const amountOf: number[] = []
  for (const group of groups) {
    const sums = new Map<number, number>()
    const add = (cell: number, amount: number): void => {
      sums.set(cell, (sums.get(cell) ?? 0) + amount)
    }
    for (const item of group) sufficient.contribute(item, add)
    for (const [cell, amount] of sums) {
      cellOf.push(cell)
      amountOf.push(amount)
    }
    starts.push(cellOf.length)
  }
  const cells = Int32Array.from(cellOf)
  const amounts = Float64Array.from(amountOf)
  const total = new Float64Array(sufficient.size)
  return (drawn) => {
    total.fill(0)
    for (let place = 0; place < drawn.length; place++) {
      const group = drawn[place] ?? 0
      const end = starts[group + 1] ?? 0
      for (let at = starts[group] ?? 0; at < end; at++) {
        const cell = cells[at] ?? 0
        total[cell] = (total[cell] ?? 0) + (amounts[at] ?? 0)
      }
    }
    return sufficient.value(total)
  }
}

/** Fills `drawn` with as many group numbers as there are groups, with replacement. */
export function drawGroups(source: Random, drawn: Int32Array): Int32Array {
  for (let place = 0; place < drawn.length; place++) drawn[place] = source.below(drawn.length)
  return drawn
}

/** 0 .. n - 1: the sample itself. */
export function everyGroup(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, index) => index)
}
