import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shapeAgrees } from './check.ts'

test('a shape agrees when each size is the declared one or the declared one is free', () => {
  assert.equal(shapeAgrees([2, 12], [-1, 12]), true)
  assert.equal(shapeAgrees([0, 12], [-1, 12]), true)
  assert.equal(shapeAgrees([], []), true)
  for (const wrong of [[2, 11], [2], [2, 12, 1], [-1, 12], [1.5, 12], [Number.NaN, 12]]) {
    assert.equal(shapeAgrees(wrong, [-1, 12]), false)
  }
})
