import { quantileOfSorted } from '../inference/quantile.ts'
import { itemMean, type Measured, type Metric, metric, ratio, remembered } from '../metric.ts'
import { squaredDistances } from './distance.ts'

/** A mask of two or three axes, row-major; any non-zero value is inside. */
export interface Mask {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

export interface MaskPair {
  readonly gold: Mask
  readonly predicted: Mask
  /** Millimetres an axis, in the order of `shape`. */
  readonly spacingMm: readonly number[]
}

export interface Overlap {
  /** 2 |both| / (|A| + |B|); both empty 1. */
  readonly dice: number
  readonly iou: number
}

export function overlap(gold: Mask, predicted: Mask): Overlap {
  sameShape(gold, predicted)
  let both = 0
  let inGold = 0
  let inPredicted = 0
  for (let place = 0; place < gold.data.length; place++) {
    const one = gold.data[place] !== 0
    const other = predicted.data[place] !== 0
    if (one) inGold++
    if (other) inPredicted++
    if (one && other) both++
  }
  return { dice: ratio(2 * both, inGold + inPredicted) ?? 1, iou: ratio(both, inGold + inPredicted - both) ?? 1 }
}

export interface SurfaceDistance {
  /** Larger of both directions' 95th percentile (type 7) of border distances (Metrics Reloaded 2024). */
  readonly hd95Mm: number
  readonly hdMm: number
  /** Mean over the border distances of both directions together. */
  readonly assdMm: number
}

/** Distances between the borders of two masks. Both empty: 0. One empty: null. */
export function surfaceDistance({ gold, predicted, spacingMm }: MaskPair): SurfaceDistance | null {
  sameShape(gold, predicted)
  if (spacingMm.length !== gold.shape.length) throw new RangeError('a spacing for every axis is needed')
  const one = border(gold)
  const other = border(predicted)
  if (one.length === 0 && other.length === 0) return { hd95Mm: 0, hdMm: 0, assdMm: 0 }
  if (one.length === 0 || other.length === 0) return null
  const there = distances(one, other, gold.shape, spacingMm)
  const back = distances(other, one, gold.shape, spacingMm)
  const worse = (q: number) => Math.max(quantileOfSorted(there, q) ?? 0, quantileOfSorted(back, q) ?? 0)
  return { hd95Mm: worse(0.95), hdMm: worse(1), assdMm: (sum(there) + sum(back)) / (there.length + back.length) }
}

/** Mean Dice over cases. */
export const dice: Metric<MaskPair> = itemMean('dice', 'higher', ({ gold, predicted }) => overlap(gold, predicted).dice)
export const iou: Metric<MaskPair> = itemMean('iou', 'higher', ({ gold, predicted }) => overlap(gold, predicted).iou)

const surface = remembered(surfaceDistance)

/** Mean over cases; one with a single empty mask enters as the diagonal of its image and is counted in `undefined`. */
export const hd95: Metric<MaskPair> = metric('hd95', 'lower', (pairs): Measured => {
  let total = 0
  let missing = 0
  for (const pair of pairs) {
    const distance = surface(pair)
    if (distance === null) missing++
    total += distance === null ? diagonalMm(pair) : distance.hd95Mm
  }
  if (pairs.length === 0) return { value: null, reason: 'no items', undefined: 0 }
  return { value: total / pairs.length, undefined: missing }
})

function diagonalMm({ gold, spacingMm }: MaskPair): number {
  return Math.hypot(...gold.shape.map((size, axis) => size * (spacingMm[axis] ?? 0)))
}

function sameShape(one: Mask, other: Mask): void {
  const size = one.shape.reduce((product, length) => product * length, 1)
  const equal =
    one.shape.length === other.shape.length && one.shape.every((length, axis) => length === other.shape[axis])
  if (!equal || one.data.length !== size || other.data.length !== size) {
    throw new RangeError(`masks of shape ${one.shape} and ${other.shape} cannot be compared`)
  }
}

/** Places of the mask with a neighbour across a face that is outside it; beyond the image is outside. */
function border({ shape, data }: Mask): number[] {
  const strides = stridesOf(shape)
  const places: number[] = []
  for (let place = 0; place < data.length; place++) {
    if (data[place] === 0) continue
    const atBorder = shape.some((size, axis) => {
      const stride = strides[axis] ?? 1
      const position = Math.floor(place / stride) % size
      return position === 0 || position === size - 1 || data[place - stride] === 0 || data[place + stride] === 0
    })
    if (atBorder) places.push(place)
  }
  return places
}

function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = []
  let stride = 1
  for (const size of shape.toReversed()) {
    strides.unshift(stride)
    stride *= size
  }
  return strides
}

/** Distance in mm from each place of `from` to the nearest of `to`, ascending. */
function distances(
  from: readonly number[],
  to: readonly number[],
  shape: readonly number[],
  spacingMm: readonly number[],
): Float64Array {
  const squared = squaredDistances(to, shape, spacingMm)
  return Float64Array.from(from, (place) => Math.sqrt(squared[place] ?? 0)).sort()
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
