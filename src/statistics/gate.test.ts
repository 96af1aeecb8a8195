import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeGate, parseGate } from './gate.ts'

const gate = { metric: 'auroc', direction: 'higher', threshold: 0.9 } as const

test('one item that could not be scored fails the gate, however good the figure', () => {
  const verdict = judgeGate(gate, { low: 0.99, high: 1, nGroups: 200, unscored: 1 })
  assert.deepEqual(verdict, { pass: false, reason: 'unscored', bound: 0.99 })
})

test('thirty groups are enough unless the gate says otherwise', () => {
  assert.equal(judgeGate(gate, { low: 0.95, high: 1, nGroups: 29 }).reason, 'too few groups')
  assert.equal(judgeGate(gate, { low: 0.95, high: 1, nGroups: 30 }).pass, true)
  assert.equal(judgeGate({ ...gate, minGroups: 18 }, { low: 0.95, high: 1, nGroups: 18 }).pass, true)
})

test('nothing is rounded in favour of a model', () => {
  assert.equal(judgeGate(gate, { low: 0.8999999999999999, high: 1, nGroups: 50 }).pass, false)
})

test('a gate is read from its text and nonsense is refused', () => {
  assert.deepEqual(parseGate('span_f1>=0.85'), { metric: 'span_f1', direction: 'higher', threshold: 0.85 })
  assert.deepEqual(parseGate(' ndcg@10 >= 1e-1 '), { metric: 'ndcg@10', direction: 'higher', threshold: 0.1 })
  assert.deepEqual(parseGate('rmse<=4'), { metric: 'rmse', direction: 'lower', threshold: 4 })
  for (const text of ['', 'f1', 'f1>0.5', 'f1>=', '>=1', 'f1>=x']) assert.equal(parseGate(text), null)
})
