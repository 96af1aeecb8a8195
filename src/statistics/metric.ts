/** Version of the definitions that every figure of this room is stored with. */
export const definitions = 1

export type Direction = 'higher' | 'lower'

/** One figure. `value` is null where the definition gives none, and then `reason` says why; null is never 0. */
export interface Measured {
  readonly value: number | null
  readonly reason?: string
  /** For a mean: how many of its members were undefined and so left out. */
  readonly undefined?: number
  /** The members of a mean or a pooled figure, by label, record, endpoint. */
  readonly per?: Readonly<Record<string, number | null>>
}

/**
 * Additive statistics from which a metric follows exactly, so that a bootstrap replicate is a sum over groups instead of a
 * rescoring. Amounts must be integers (or otherwise exact in double), since groups are summed before they are added up.
 */
export interface Sufficient<Item> {
  /** Number of cells. */
  readonly size: number
  readonly contribute: (item: Item, add: (cell: number, amount: number) => void) => void
  readonly value: (cells: Float64Array) => Measured
}

/** A figure over items. `compute` is the definition; `sufficient`, where given, must agree with it to the last digit. */
export interface Metric<Item> {
  readonly id: string
  readonly definition: number
  readonly direction: Direction
  readonly compute: (items: readonly Item[]) => Measured
  /** Prepared once on all items (to know the labels or the distinct scores); then each replicate costs a sum. */
  readonly sufficient?: (items: readonly Item[]) => Sufficient<Item>
}

/** A number, or null with the reason why there is none. NaN and infinities are our bugs and throw. */
export function measured(value: number | null, reason: string): Measured {
  if (value === null) return { value, reason }
  if (!Number.isFinite(value)) throw new RangeError(`a figure must be finite, got ${value}`)
  return { value }
}

/** A metric given by its definition alone. */
export function metric<Item>(
  id: string,
  direction: Direction,
  compute: (items: readonly Item[]) => Measured,
): Metric<Item> {
  return { id, definition: definitions, direction, compute }
}

/** A metric that is a function of summed counts: its definition and its fast path are the same code. */
export function countMetric<Item>(
  id: string,
  direction: Direction,
  sufficient: (items: readonly Item[]) => Sufficient<Item>,
): Metric<Item> {
  return {
    id,
    definition: definitions,
    direction,
    sufficient,
    compute: (items) => {
      const { size, contribute, value } = sufficient(items)
      const cells = new Float64Array(size)
      const add = (cell: number, amount: number): void => {
        cells[cell] = (cells[cell] ?? 0) + amount
      }
      for (const item of items) contribute(item, add)
      return value(cells)
    },
  }
}

/** Mean of the defined values; the rest are counted in `undefined`. Nothing defined: null. */
export function meanOfDefined(values: readonly (number | null)[]): Measured {
  let sum = 0
  let defined = 0
  for (const value of values) {
    if (value === null) continue
    sum += value
    defined++
  }
  const missing = values.length - defined
  if (defined === 0) return { value: null, reason: values.length === 0 ? 'no items' : 'undefined', undefined: missing }
  return { value: sum / defined, undefined: missing }
}

/** Mean of a value an item; items whose value is null are left out and counted. An item is scored once, however often drawn. */
export function itemMean<Item>(id: string, direction: Direction, value: (item: Item) => number | null): Metric<Item> {
  const score = remembered(value)
  return metric(id, direction, (items) => meanOfDefined(items.map(score)))
}

/**
 * A function of items that computes each object once, since a bootstrap asks for the same ones thousands of times. Items must
 * not change while they are scored.
 */
export function remembered<Item, Value>(value: (item: Item) => Value): (item: Item) => Value {
  const known = new WeakMap<object, { readonly value: Value }>()
  return (item) => {
    if (typeof item !== 'object' || item === null) return value(item)
    const found = known.get(item)
    if (found) return found.value
    const made = { value: value(item) }
    known.set(item, made)
    return made.value
  }
}

/** Items that belong together and are scored together: a subject's trials, a class's cases. */
export interface Part<Item> {
  readonly id: string
  readonly items: readonly Item[]
}

/** Mean over subjects (or classes) of a figure of each, shown in `per`: what a brain-computer interface reports. */
export function meanOverParts<Item>(inner: Metric<Item>): Metric<Part<Item>> {
  const score = remembered(({ items }: Part<Item>) => inner.compute(items).value)
  return metric(inner.id, inner.direction, (parts) => ({
    ...meanOfDefined(parts.map(score)),
    per: Object.fromEntries(parts.map((part) => [part.id, score(part)])),
  }))
}

/** numerator / denominator, or null for 0/0. */
export function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator
}
