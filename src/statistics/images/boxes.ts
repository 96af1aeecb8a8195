import { type Measured, type Metric, meanOfDefined, metric, remembered } from '../metric.ts'

/** Corners in continuous pixels: the width is x2 - x1. */
export interface Box {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly label?: string
}

export interface ScoredBox extends Box {
  readonly score: number
}

export interface BoxImage {
  readonly gold: readonly Box[]
  readonly predicted: readonly ScoredBox[]
}

export function boxIou(one: Box, other: Box): number {
  const width = Math.min(one.x2, other.x2) - Math.max(one.x1, other.x1)
  const height = Math.min(one.y2, other.y2) - Math.max(one.y1, other.y1)
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (area(one) + area(other) - both)
}

function area({ x1, y1, x2, y2 }: Box): number {
  return (x2 - x1) * (y2 - y1)
}

/** A prediction of one image after matching. */
interface Decision {
  readonly label: string
  readonly score: number
  readonly right: boolean
}

const labelOf = ({ label = '' }: Box): string => label

/**
 * Average precision of one class: predictions by descending score, each takes the best gold box of its image and class that is
 * free (of equals the first), right if IoU >= threshold; area under the monotone envelope at all recall points (VOC 2010).
 * Equal scores make one point of the curve. No gold box: null.
 */
export function boxesAp(images: readonly BoxImage[], threshold: number): number | null {
  const total = images.reduce((sum, { gold }) => sum + gold.length, 0)
  const decided = images.flatMap((image) => decisions(image, threshold))
  return areaUnderCurve(decided, total)
}

function areaUnderCurve(decisionsOfAll: readonly Decision[], total: number): number | null {
  if (total === 0) return null
  const decided = decisionsOfAll.toSorted((one, other) => other.score - one.score)
  const points: { precision: number; recall: number }[] = []
  let hits = 0
  for (const [place, { score, right }] of decided.entries()) {
    if (right) hits++
    if (decided[place + 1]?.score === score) continue
    points.push({ precision: hits / (place + 1), recall: hits / total })
  }
  let envelope = 0
  let sum = 0
  for (let place = points.length - 1; place >= 0; place--) {
    const { precision, recall } = points[place] ?? { precision: 0, recall: 0 }
    envelope = Math.max(envelope, precision)
    sum += (recall - (points[place - 1]?.recall ?? 0)) * envelope
  }
  return sum
}

function decisions({ gold, predicted }: BoxImage, threshold: number): Decision[] {
  const taken = new Set<number>()
  return predicted.toSorted(byScoreThenPlace).map((box) => {
    let best = -1
    let most = 0
    for (const [index, truth] of gold.entries()) {
      if (taken.has(index) || labelOf(truth) !== labelOf(box)) continue
      const share = boxIou(truth, box)
      if (share > most) {
        best = index
        most = share
      }
    }
    const right = best >= 0 && most >= threshold
    if (right) taken.add(best)
    return { label: labelOf(box), score: box.score, right }
  })
}

/** Equal scores by corners, so that a tie does not depend on the order given. */
function byScoreThenPlace(one: ScoredBox, other: ScoredBox): number {
  return other.score - one.score || one.x1 - other.x1 || one.y1 - other.y1 || one.x2 - other.x2 || one.y2 - other.y2
}

/** Mean over the classes that have a gold box; `per` shows each. Without labels there is one class. */
export function boxesMeanAp(threshold = 0.5): Metric<BoxImage> {
  const decided = remembered((image: BoxImage) => decisions(image, threshold))
  return metric(`ap${Math.round(threshold * 100)}`, 'higher', (images): Measured => {
    const totals = new Map<string, number>()
    for (const { gold } of images) {
      for (const box of gold) totals.set(labelOf(box), (totals.get(labelOf(box)) ?? 0) + 1)
    }
    const all = images.flatMap(decided)
    const names = [...totals.keys()].sort()
    const values = names.map((name) =>
      areaUnderCurve(
        all.filter(({ label }) => label === name),
        totals.get(name) ?? 0,
      ),
    )
    return {
      ...meanOfDefined(values),
      per: Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])),
    }
  })
}
