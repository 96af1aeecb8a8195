import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boxesAp, boxesMeanAp, boxIou, type ScoredBox } from './boxes.ts'
import { squaredDistances } from './distance.ts'
import { ap50, apMean, instanceApMean, matchInstances, panoptic, pooledInstances, pq } from './instances.ts'
import { dice, hd95, type Mask, overlap, surfaceDistance } from './masks.ts'

const shape = [4, 5, 6]
const voxels = 120
const maskData = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: voxels, maxLength: voxels })
const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 36, maxLength: 36 })

test('the distance field is that of trying every seed', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: voxels - 1 }), { minLength: 1, maxLength: 12 }),
      fc.tuple(fc.constantFrom(1, 2.5, 0.3), fc.constantFrom(1, 3), fc.constantFrom(1, 0.7)),
      (seeds, spacing) => {
        const field = squaredDistances(seeds, shape, spacing)
        const at = (place: number) => [Math.floor(place / 30), Math.floor(place / 6) % 5, place % 6]
        for (let place = 0; place < voxels; place++) {
          const here = at(place)
          const nearest = Math.min(
            ...seeds.map((seed) =>
              at(seed).reduce((sum, p, axis) => sum + ((p - (here[axis] ?? 0)) * (spacing[axis] ?? 0)) ** 2, 0),
            ),
          )
          assert.ok(Math.abs((field[place] ?? -1) - nearest) < 1e-9)
        }
      },
    ),
    { numRuns: 40, seed: 7 },
  )
})

test('overlap and distances are symmetric, bounded, and perfect with oneself', () => {
  fc.assert(
    fc.property(maskData, maskData, (one, other) => {
      const gold: Mask = { shape, data: one }
      const predicted: Mask = { shape, data: other }
      const spacingMm = [3, 1, 0.5]
      assert.deepEqual(overlap(gold, predicted), overlap(predicted, gold))
      const there = surfaceDistance({ gold, predicted, spacingMm })
      const back = surfaceDistance({ gold: predicted, predicted: gold, spacingMm })
      assert.deepEqual([there?.hd95Mm, there?.hdMm], [back?.hd95Mm, back?.hdMm])
      if (there) assert.ok(there.hd95Mm <= there.hdMm && there.assdMm <= there.hdMm)
      assert.equal(surfaceDistance({ gold, predicted: gold, spacingMm })?.hdMm, 0)
    }),
    { numRuns: 40, seed: 7 },
  )
})

test('a mean of distances takes the diagonal for an empty mask and says so', () => {
  const full = { shape: [3, 4], data: new Uint8Array(12).fill(1) }
  const empty = { shape: [3, 4], data: new Uint8Array(12) }
  const pair = (predicted: Mask) => ({ gold: full, predicted, spacingMm: [1, 1] })
  assert.deepEqual(hd95.compute([pair(full), pair(empty)]), { value: 2.5, undefined: 1 })
  assert.equal(hd95.compute([]).value, null)
  assert.equal(dice.compute([pair(empty)]).value, 0)
  assert.throws(() => overlap(full, { shape: [4, 3], data: new Uint8Array(12) }), /cannot be compared/)
})

test('matching objects does not depend on their numbers nor on which side is gold', () => {
  fc.assert(
    fc.property(labels, labels, (gold, predicted) => {
      const there = matchInstances(gold, predicted)
      const back = matchInstances(predicted, gold)
      assert.deepEqual(there.hits, back.hits)
      const renamed = matchInstances(
        gold.map((value) => (value === 0 ? 0 : 60000 - value)),
        predicted,
      )
      assert.deepEqual(renamed.hits, there.hits)
      for (const [level, hits] of there.hits.entries()) assert.ok(hits <= (there.hits[level - 1] ?? hits))
      assert.ok((there.hits[0] ?? 0) <= Math.min(there.gold, there.predicted))
      const self = matchInstances(gold, gold)
      assert.equal(instanceApMean(self), 1)
    }),
    { seed: 7 },
  )
})

test('at IoU of exactly one half the pairs chosen are as many as any choice allows', () => {
  const grids = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(grids, grids, (gold, predicted) => {
      const ids = (list: number[]) => [...new Set(list)].filter((value) => value > 0)
      const touches = (one: number, other: number) => {
        let both = 0
        let either = 0
        for (const [place, value] of gold.entries()) {
          const a = value === one
          const b = predicted[place] === other
          if (a && b) both++
          if (a || b) either++
        }
        return 2 * both >= either
      }
      const best = (golds: number[], free: number[]): number => {
        const [first, ...rest] = golds
        if (first === undefined) return 0
        const taking = free
          .filter((other) => touches(first, other))
          .map(
            (other) =>
              1 +
              best(
                rest,
                free.filter((left) => left !== other),
              ),
          )
        return Math.max(best(rest, free), ...taking)
      }
      assert.equal(matchInstances(gold, predicted).hits[0], best(ids(gold), ids(predicted)))
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('images without objects: perfect in the mean, no panoptic quality, nothing pooled', () => {
  const nothing = matchInstances([0, 0], [0, 0])
  assert.deepEqual([ap50.compute([nothing]).value, apMean.compute([nothing]).value], [1, 1])
  assert.deepEqual(panoptic(nothing), { pq: null, rq: null, sq: null })
  assert.deepEqual(pq.compute([nothing]), { value: null, reason: 'undefined', undefined: 1 })
  assert.equal(pooledInstances('f1').compute([nothing]).value, null)
  assert.equal(pooledInstances('ap').compute([]).value, null)
  assert.equal(ap50.compute([]).value, null)
  assert.throws(() => matchInstances([0], [0, 1]), /different size/)
})

const box = (x1: number, y1: number, x2: number, y2: number, score = 1, label = 'cell'): ScoredBox => ({
  x1,
  y1,
  x2,
  y2,
  score,
  label,
})

test('boxes: touching is not overlapping, a second box on one object is a false alarm', () => {
  assert.equal(boxIou(box(0, 0, 1, 1), box(1, 0, 2, 1)), 0)
  const gold = [box(0, 0, 2, 2)]
  assert.equal(boxesAp([{ gold, predicted: [box(0, 0, 2, 2, 0.9), box(0, 0, 2, 2, 0.8)] }], 0.5), 1)
  assert.equal(boxesAp([{ gold, predicted: [] }], 0.5), 0)
  assert.equal(boxesAp([{ gold: [], predicted: [box(0, 0, 1, 1)] }], 0.5), null)
})

test('boxes: neither the order of images nor of boxes of one score changes the figure', () => {
  const corner = fc.integer({ min: 0, max: 3 })
  const some = fc.array(
    fc.tuple(corner, corner, fc.constantFrom(0.2, 0.7)).map(([x, y, score]) => box(x, y, x + 2, y + 2, score)),
    { maxLength: 4 },
  )
  const images = fc.array(fc.record({ gold: fc.constant([box(0, 0, 2, 2), box(3, 3, 5, 5)]), predicted: some }), {
    maxLength: 4,
  })
  fc.assert(
    fc.property(images, (list) => {
      const turned = list.toReversed().map(({ gold, predicted }) => ({ gold, predicted: predicted.toReversed() }))
      const there = boxesAp(list, 0.5)
      const back = boxesAp(turned, 0.5)
      assert.ok(there === back || Math.abs((there ?? 0) - (back ?? 1)) < 1e-12)
    }),
    { seed: 7 },
  )
  const two = [{ gold: [box(0, 0, 1, 1, 1, 'a'), box(5, 5, 6, 6, 1, 'b')], predicted: [box(0, 0, 1, 1, 1, 'a')] }]
  assert.deepEqual(boxesMeanAp().compute(two), { value: 0.5, undefined: 0, per: { a: 1, b: 0 } })
})
