import { type Metric, measured, metric, ratio } from '../metric.ts'

export interface Followed {
  readonly time: number
  /** False: censored. */
  readonly event: boolean
}

export interface Risk extends Followed {
  /** The higher, the sooner. */
  readonly risk: number
}

export interface Concordance {
  readonly c: number | null
  readonly concordant: number
  readonly discordant: number
  readonly tiedRisk: number
  /** Comparable pairs of an event and a censoring at one time. */
  readonly tiedTime: number
}

const riskTie = 1e-8

/**
 * Harrell's C (1982): event i is comparable with j if t_i < t_j, or t_i = t_j and j is censored; concordant if risk_i > risk_j,
 * a difference up to 1e-8 counts half; two events at one time are not comparable. No pair: null. O(n log n).
 */
export function concordance(items: readonly Risk[]): Concordance {
  for (const { time, risk } of items) {
    if (!Number.isFinite(time) || !Number.isFinite(risk)) throw new RangeError('times and risks must be finite')
  }
  const order = items.toSorted((one, other) => other.time - one.time)
  const risks = Float64Array.from(items, ({ risk }) => risk).sort()
  const later = rankCounter(risks)
  let concordant = 0
  let discordant = 0
  let tiedRisk = 0
  let tiedTime = 0
  let start = 0
  while (start < order.length) {
    const time = order[start]?.time
    let end = start
    while (end < order.length && order[end]?.time === time) end++
    const now = order.slice(start, end)
    const censored = now.filter(({ event }) => !event)
    for (const { risk } of censored) later.add(risk)
    for (const { risk, event } of now) {
      if (!event) continue
      const lower = later.below((other) => risk - other > riskTie)
      const notHigher = later.below((other) => other - risk <= riskTie)
      concordant += lower
      tiedRisk += notHigher - lower
      discordant += later.total() - notHigher
      tiedTime += censored.length
    }
    for (const { risk, event } of now) if (event) later.add(risk)
    start = end
  }
  const pairs = concordant + discordant + tiedRisk
  return { c: ratio(concordant + 0.5 * tiedRisk, pairs), concordant, discordant, tiedRisk, tiedTime }
}

export const cIndex: Metric<Risk> = metric('c_index', 'higher', (items) =>
  measured(concordance(items).c, 'no comparable pair'),
)

/** Counts of added values below a bound: a Fenwick tree over the sorted list of all that may come. */
function rankCounter(sorted: Float64Array) {
  const tree = new Int32Array(sorted.length + 1)
  let count = 0
  const placeOf = (isBelow: (value: number) => boolean): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBelow(sorted[middle] ?? 0)) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    add: (value: number): void => {
      count++
      for (let node = placeOf((other) => other < value) + 1; node <= sorted.length; node += node & -node) {
        tree[node] = (tree[node] ?? 0) + 1
      }
    },
    /** Added values for which the test holds; it must hold for a lower part of the numbers. */
    below: (isBelow: (value: number) => boolean): number => {
      let sum = 0
      for (let node = placeOf(isBelow); node > 0; node -= node & -node) sum += tree[node] ?? 0
      return sum
    },
    total: (): number => count,
  }
}

/** A step function: value from each time on, the first at time 0. */
export interface Steps {
  readonly time: readonly number[]
  readonly survival: readonly number[]
}

/** Product-limit estimate (Kaplan & Meier 1958) at 0 and every distinct time. */
export function kaplanMeier(items: readonly Followed[]): Steps {
  return productLimit(items, ({ events, atRisk }) => [events, atRisk])
}

/** The same for censoring: at one time events leave first, so they are no longer at risk of being censored. */
export function censoringSurvival(items: readonly Followed[]): Steps {
  return productLimit(items, ({ events, all, atRisk }) => [all - events, atRisk - events])
}

function productLimit(
  items: readonly Followed[],
  hazard: (now: { events: number; all: number; atRisk: number }) => readonly [number, number],
): Steps {
  const events = new Map<number, number>()
  const alls = new Map<number, number>()
  for (const { time, event } of items) {
    events.set(time, (events.get(time) ?? 0) + (event ? 1 : 0))
    alls.set(time, (alls.get(time) ?? 0) + 1)
  }
  const time = [0]
  const survival = [1]
  let atRisk = items.length
  let left = 1
  for (const at of [...alls.keys()].sort((one, other) => one - other)) {
    const all = alls.get(at) ?? 0
    const [count, among] = hazard({ events: events.get(at) ?? 0, all, atRisk })
    if (count > 0) left *= 1 - count / among
    if (at === 0) survival[0] = left
    else {
      time.push(at)
      survival.push(left)
    }
    atRisk -= all
  }
  return { time, survival }
}

/** Value of a step function at a time; before the first step 1. */
export function stepAt({ time, survival }: Steps, at: number): number {
  let low = 0
  let high = time.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((time[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low === 0 ? 1 : (survival[low - 1] ?? 1)
}
