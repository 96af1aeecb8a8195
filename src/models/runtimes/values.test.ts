import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tensorOf } from './tensor.ts'
import { firstNotAllowed } from './values.ts'

test('the first value that is not finite is found wherever it stands, and none where there is none', () =>
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity))), (values) => {
      const expected = values.findIndex((value) => !Number.isFinite(value))
      assert.equal(firstNotAllowed(tensorOf('x', 'FP64', [values.length], Float64Array.from(values))), expected)
    }),
  ))

test('every bit pattern of binary16 and bfloat16 is judged by its exponent', () => {
  // Largest finite, infinity, a quiet NaN, the smallest subnormal, minus infinity (IEEE 754, table 3.5; bfloat16 as FP32's upper half).
  const cases = [
    ['FP16', [0x7bff, 0x7c00, 0x7e00, 0x0001, 0xfc00]],
    ['BF16', [0x7f7f, 0x7f80, 0x7fc0, 0x0001, 0xff80]],
  ] as const
  for (const [datatype, patterns] of cases) {
    const verdicts = patterns.map((bits) => firstNotAllowed(tensorOf('x', datatype, [1], Uint16Array.of(bits))))
    assert.deepEqual(verdicts, [-1, 0, 0, -1, 0])
  }
})
