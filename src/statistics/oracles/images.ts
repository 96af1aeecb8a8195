import {
  ap50,
  apMean,
  type InstanceCounts,
  instanceApMean,
  instanceScore,
  iouTwentieths,
  matchInstances,
  panoptic,
  pooledInstances,
} from '../images/instances.ts'
import { overlap, surfaceDistance } from '../images/masks.ts'
import type { OracleFile, Runners } from './runner.ts'

interface Painted {
  readonly shape: number[]
  readonly gold_boxes_y0x0y1x1: number[][]
  readonly predicted_boxes_y0x0y1x1: number[][]
}
interface Masks {
  readonly shape: number[]
  readonly spacing: number[]
  readonly gold_boxes: number[][]
  readonly predicted_boxes: number[][]
}

/** Boxes (starts, then ends exclusive) painted in order with 1, 2, 3 and so on, later over earlier. Row-major. */
function paint(shape: readonly number[], boxes: readonly (readonly number[])[]): Int32Array {
  const data = new Int32Array(shape.reduce((product, size) => product * size, 1))
  const axes = shape.length
  for (let place = 0; place < data.length; place++) {
    let rest = place
    const position = shape
      .toReversed()
      .map((size) => {
        const at = rest % size
        rest = Math.floor(rest / size)
        return at
      })
      .reverse()
    for (const [number, box] of boxes.entries()) {
      if (position.every((at, axis) => at >= (box[axis] ?? 0) && at < (box[axis + axes] ?? 0))) data[place] = number + 1
    }
  }
  return data
}

const counts = (input: Painted): InstanceCounts =>
  matchInstances(paint(input.shape, input.gold_boxes_y0x0y1x1), paint(input.shape, input.predicted_boxes_y0x0y1x1))

const named = (file: OracleFile, names: readonly string[]): InstanceCounts[] =>
  names.map((name) => {
    const one = file.cases.find((case_) => case_.metric === 'instance_matching' && case_.name === name)
    if (!one) throw new Error(`there is no case ${name}`)
    return counts(one.input as unknown as Painted)
  })

export const instances: Runners = {
  instance_matching: (input: Painted) => {
    const { hits, gold, predicted, ...strict } = counts(input)
    const thresholds = iouTwentieths.map((twentieths, level) => {
      const tp = hits[level] ?? 0
      const { ap } = instanceScore(tp, gold, predicted)
      return [String(twentieths / 20), { tp, fp: predicted - tp, fn: gold - tp, ap }]
    })
    const all = { hits, gold, predicted, ...strict }
    return { thresholds: Object.fromEntries(thresholds), mean_ap: instanceApMean(all), ...panoptic(all) }
  },
  instance_pooled: ({ cases }: { cases: string[] }, file) => {
    const images = named(file, cases)
    const at = (twentieths: 10 | 14) => {
      const level = iouTwentieths.indexOf(twentieths)
      const tp = images.reduce((sum, { hits }) => sum + (hits[level] ?? 0), 0)
      const of = (figure: 'ap' | 'precision' | 'recall' | 'f1') =>
        pooledInstances(figure, twentieths).compute(images).value
      return {
        tp,
        fp: images.reduce((sum, { predicted }) => sum + predicted, 0) - tp,
        fn: images.reduce((sum, { gold }) => sum + gold, 0) - tp,
        ap: of('ap'),
        precision: of('precision'),
        recall: of('recall'),
        f1: of('f1'),
      }
    }
    return { '0.5': at(10), '0.7': at(14) }
  },
  instance_image_mean: ({ cases }: { cases: string[] }, file) => {
    const images = named(file, cases)
    return { 'ap_0.5': ap50.compute(images).value, mean_ap: apMean.compute(images).value }
  },
}

export const segmentation: Runners = {
  overlap_and_distance: ({ shape, spacing, gold_boxes, predicted_boxes }: Masks) => {
    const gold = { shape, data: paint(shape, gold_boxes) }
    const predicted = { shape, data: paint(shape, predicted_boxes) }
    const distance = surfaceDistance({ gold, predicted, spacingMm: spacing })
    return {
      ...overlap(gold, predicted),
      hd95: distance?.hd95Mm ?? null,
      hd: distance?.hdMm,
      assd: distance?.assdMm,
    }
  },
}
