import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { windowOf } from './signal.ts'

const input = (samples: readonly number[]) => ({
  fs: 100,
  leads: [{ name: 'II', samplesMv: Float32Array.from(samples) }],
})
const sample = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }).map((uv) => uv / 1000),
  fc.constant(Number.NaN),
)

test('a short window is the samples themselves in µV, with null where there is no value', () => {
  const shown = windowOf(input([0.1, Number.NaN, -0.2, 5]), null, { from: 0, to: 3, points: 10, calibrated: true })
  assert.deepEqual(shown.leads, [{ name: 'II', lowUv: [100, null, -200], highUv: null }])
  assert.equal(shown.samplesPerPoint, 1)
})

test('a long window keeps every extreme and sends no more than was asked for', () => {
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 50 }),
      (samples, points) => {
        const given = { from: 0, to: samples.length, points, calibrated: true }
        const { leads, samplesPerPoint } = windowOf(input(samples), null, given)
        const [lead] = leads
        assert.ok(lead && lead.lowUv.length <= points)
        const known = samples.filter(Number.isFinite).map((mv) => Math.round(Math.fround(mv) * 1000))
        const least = known.reduce((a, b) => Math.min(a, b), Infinity)
        const most = known.reduce((a, b) => Math.max(a, b), -Infinity)
        const numbers = (values: readonly (number | null)[]) => values.filter((value) => value !== null)
        const highs = numbers(samplesPerPoint === 1 ? lead.lowUv : (lead.highUv ?? []))
        assert.equal(
          numbers(lead.lowUv).reduce((a, b) => Math.min(a, b), Infinity),
          least,
        )
        assert.equal(
          highs.reduce((a, b) => Math.max(a, b), -Infinity),
          most,
        )
      },
    ),
    { seed: 1 },
  )
})

test('only beats and unreadable stretches of the window are sent', () => {
  const beat = (at: number) => ({ sample: at, timeS: at / 100, class: 'N' as const, confidence: 1 })
  const answer = {
    beats: [beat(9), beat(10), beat(19), beat(20)],
    unreadable: [
      { startS: 0, endS: 0.1, score: 0.2 },
      { startS: 0.15, endS: 0.3, score: 0.1 },
    ],
  }
  const shown = windowOf(input(Array(40).fill(0)), answer, { from: 10, to: 20, points: 100, calibrated: true })
  assert.deepEqual(
    shown.beats.map((one) => one.sample),
    [10, 19],
  )
  assert.deepEqual(shown.unreadable, [{ startS: 0.15, endS: 0.3, score: 0.1 }])
})
