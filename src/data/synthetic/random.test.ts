import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomStream } from './random.ts'

test('a stream is the same for the same seed and name, and another for any other', () => {
  const draw = (seed: number, name: string) => {
    const random = randomStream(seed, name)
    return Array.from({ length: 5 }, () => random.uniform())
  }
  assert.deepEqual(draw(1, 'beats'), draw(1, 'beats'))
  assert.notDeepEqual(draw(1, 'beats'), draw(2, 'beats'))
  assert.notDeepEqual(draw(1, 'beats'), draw(1, 'noise'))
})

test('uniform numbers are even in [0, 1), normal ones have mean 0, SD 1 and tails', () => {
  const random = randomStream(3, 'moments')
  const n = 40_000
  const uniform = Array.from({ length: n }, () => random.uniform())
  const normal = Array.from({ length: n }, () => random.normal())
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n
  assert.ok(uniform.every((value) => value >= 0 && value < 1))
  // bounds are 4 standard errors: 0.29 / 200, 1 / 200, sqrt(2) / 200
  assert.ok(Math.abs(mean(uniform) - 0.5) < 0.006)
  assert.ok(Math.abs(mean(normal)) < 0.02)
  assert.ok(Math.abs(mean(normal.map((value) => value * value)) - 1) < 0.03)
  const beyondTwo = normal.filter((value) => Math.abs(value) > 2).length / n
  assert.ok(Math.abs(beyondTwo - 0.0455) < 0.005)
})
