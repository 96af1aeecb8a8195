import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Tensor, tensorOf, textTensor } from '../tensor.ts'
import { batchKey, isBatchable, join, rowsOf, split } from './batch.ts'

const rowsArbitrary = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 })

/** A request of so many rows: `x` [rows, 3] counts on from `start`, `note` [rows] spells the same numbers. */
function request(rows: number, start: number): readonly Tensor[] {
  const numbers = Array.from({ length: rows * 3 }, (_, i) => start + i)
  return [
    tensorOf('x', 'FP32', [rows, 3], Float32Array.from(numbers)),
    textTensor('note', [rows], numbers.slice(0, rows).map(String)),
  ]
}

test('what is joined and split again is what it was, in order', () =>
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const items = rows.map((count, index) => request(count, index * 100))
      assert.deepEqual(split(join(items), rows), items)
    }),
  ))

test('an output that does not lead with the rows that went in is not split', () => {
  assert.equal(split([tensorOf('mean', 'FP32', [1, 3], new Float32Array(3))], [1, 1]), null)
  assert.equal(split([tensorOf('scalar', 'FP32', [], new Float32Array(1))], [1, 1]), null)
})

test('rows are the first dimension that all inputs share, and an empty request has none', () => {
  assert.equal(rowsOf(request(3, 0)), 3)
  assert.equal(rowsOf(request(0, 0)), null)
  assert.equal(rowsOf([...request(3, 0), tensorOf('y', 'FP32', [2], new Float32Array(2))]), null)
  assert.equal(rowsOf([tensorOf('y', 'FP32', [], new Float32Array(1))]), null)
  assert.equal(rowsOf([]), null)
})

test('requests with other trailing sizes or other outputs do not join', () => {
  const wide = [tensorOf('x', 'FP32', [1, 4], new Float32Array(4))]
  const narrow = [tensorOf('x', 'FP32', [1, 3], new Float32Array(3))]
  assert.notEqual(batchKey(wide, ['y']), batchKey(narrow, ['y']))
  assert.notEqual(batchKey(wide, ['y']), batchKey(wide, ['z']))
  assert.equal(batchKey(wide, ['y']), batchKey([tensorOf('x', 'FP32', [7, 4], new Float32Array(28))], ['y']))
})

test('a model can be batched only when each input and output leads with a dimension of any size', () => {
  const spec = (shape: readonly number[]) => ({ name: 'x', datatype: 'FP32' as const, shape })
  assert.equal(isBatchable({ inputs: [spec([-1, 3])], outputs: [spec([-1])] }), true)
  assert.equal(isBatchable({ inputs: [spec([1, 3])], outputs: [spec([-1])] }), false)
  assert.equal(isBatchable({ inputs: [spec([-1, 3])], outputs: [spec([])] }), false)
})
