import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accuracy } from './classification/labels.ts'
import { bootstrap } from './inference/bootstrap.ts'
import { singly } from './inference/groups.ts'
import { itemMean, meanOfDefined, meanOverParts, measured } from './metric.ts'

test('an undefined member leaves a mean and is counted, and a mean of none is null', () => {
  assert.deepEqual(meanOfDefined([1, null, 3]), { value: 2, undefined: 1 })
  assert.deepEqual(meanOfDefined([null]), { value: null, reason: 'undefined', undefined: 1 })
  assert.deepEqual(meanOfDefined([]), { value: null, reason: 'no items', undefined: 0 })
})

test('a figure that is no number is a bug and never a figure', () => {
  assert.throws(() => measured(Number.NaN, 'x'), /finite/)
  assert.deepEqual(measured(null, 'one class'), { value: null, reason: 'one class' })
})

test('an item is scored once, however often it is drawn', () => {
  let scored = 0
  const metric = itemMean<{ value: number }>('mean', 'higher', ({ value }) => {
    scored++
    return value
  })
  const items = Array.from({ length: 30 }, (_, value) => ({ value }))
  assert.ok(bootstrap(metric, singly(items)).ci)
  assert.equal(scored, 30)
})

test('a subject weighs as much as any other, and one drawn twice counts twice', () => {
  const trial = (right: boolean) => ({ gold: 'a', predicted: right ? 'a' : 'b' })
  const many = { id: 's1', items: [true, true, true, true].map(trial) }
  const few = { id: 's2', items: [trial(false)] }
  const metric = meanOverParts(accuracy(['a', 'b']))
  assert.deepEqual(metric.compute([many, few]), { value: 0.5, undefined: 0, per: { s1: 1, s2: 0 } })
  assert.equal(metric.compute([many, few, few]).value, 1 / 3)
})
