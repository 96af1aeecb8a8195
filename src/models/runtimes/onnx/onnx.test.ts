import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../../kernel/index.ts'
import { runtimeConformance } from '../conformance.ts'
import { openRuntime, runtimeFor } from '../registry.ts'
import { arrayOf, type Datatype, datatypes, type Tensor, tensorOf, textTensor } from '../tensor.ts'
import { onnx } from './onnx.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
const coded = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

/** y = 2x + 1 (fixtures/make.py), so 1, 2, 3, 4 gives 3, 5, 7, 9. */
runtimeConformance('onnx', {
  open: (options) => onnx.open(fixture('affine.onnx'), options),
  inputs: () => [tensorOf('x', 'FP32', [2, 2], Float32Array.of(1, 2, 3, 4))],
  expected: [tensorOf('y', 'FP32', [2, 2], Float32Array.of(3, 5, 7, 9))],
})

test('a model without a known ending has no runtime', () => {
  assert.equal(runtimeFor('a/B.ONNX'), onnx)
  assert.throws(() => runtimeFor('model.h5'), coded('models.runtime-unknown'))
})

test('a file that is no model is refused with the reason and without its folder', async () => {
  await assert.rejects(onnx.open(fixture('not-a-model.onnx')), (error) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'models.model-unreadable')
    assert.match(String(error.params['reason']), /not-a-model\.onnx/)
    assert.doesNotMatch(error.message, /fixtures/)
    return true
  })
})

test('a model whose type has no tensor in Node is refused when it is opened', () =>
  assert.rejects(onnx.open(fixture('bfloat.onnx')), coded('models.signature-unsupported')))

test('every datatype goes through the model unchanged', async () => {
  const data: Record<Exclude<Datatype, 'BF16' | 'BYTES'>, readonly [number | bigint, number | bigint]> = {
    BOOL: [1, 0],
    UINT8: [0, 255],
    UINT16: [0, 65535],
    UINT32: [0, 4294967295],
    UINT64: [0n, 18446744073709551615n],
    INT8: [-128, 127],
    INT16: [-32768, 32767],
    INT32: [-2147483648, 2147483647],
    INT64: [-9223372036854775808n, 9223372036854775807n],
    // The bits of 1 and of the largest finite binary16, 65504.
    FP16: [0x3c00, 0x7bff],
    FP32: [-0.5, 3.4028234663852886e38],
    FP64: [Number.MIN_VALUE, Number.MAX_VALUE],
  }
  const tensor = (side: 'in' | 'out', datatype: Datatype): readonly Tensor[] => {
    const name = `${side}_${datatype}`
    if (datatype === 'BF16') return []
    if (datatype === 'BYTES') return [textTensor(name, [1, 2], ['', '心电图 é'])]
    const from = arrayOf[datatype].from as (values: readonly (number | bigint)[]) => Float32Array
    return [tensorOf(name, datatype, [1, 2], from.call(arrayOf[datatype], data[datatype]))]
  }
  const runtime = await openRuntime(fixture('datatypes.onnx'))
  try {
    const answer = await runtime.infer(datatypes.flatMap((datatype) => tensor('in', datatype)))
    assert.deepEqual(
      answer,
      datatypes.flatMap((datatype) => tensor('out', datatype)),
    )
  } finally {
    await runtime.close()
  }
})

test('a byte that is neither 0 nor 1, half-precision NaN and bytes that are no text (or hold a NUL) are refused', async () => {
  const runtime = await onnx.open(fixture('datatypes.onnx'))
  const sound = datatypes.flatMap((datatype): readonly Tensor[] => {
    if (datatype === 'BF16') return []
    if (datatype === 'BYTES') return [textTensor('in_BYTES', [1, 2], ['a', 'b'])]
    return [tensorOf(`in_${datatype}`, datatype, [1, 2], new arrayOf[datatype](new ArrayBuffer(16), 0, 2))]
  })
  const bad: readonly Tensor[] = [
    tensorOf('in_BOOL', 'BOOL', [1, 2], Uint8Array.of(1, 2)),
    tensorOf('in_FP16', 'FP16', [1, 2], Uint16Array.of(0, 0x7e00)),
    tensorOf('in_FP64', 'FP64', [1, 2], Float64Array.of(0, Number.NaN)),
    tensorOf('in_BYTES', 'BYTES', [1, 2], [Uint8Array.of(65), Uint8Array.of(0xff, 0xfe)]),
    tensorOf('in_BYTES', 'BYTES', [1, 2], [Uint8Array.of(65), Uint8Array.of(65, 0, 65)]),
  ]
  try {
    for (const wrong of bad) {
      const inputs = sound.map((tensor) => (tensor.name === wrong.name ? wrong : tensor))
      await assert.rejects(runtime.infer(inputs), (error) => {
        assert.ok(error instanceof Problem)
        assert.equal(error.code, 'models.value-not-allowed')
        assert.deepEqual([error.params['tensor'], error.params['index']], [wrong.name, 1])
        return true
      })
    }
  } finally {
    await runtime.close()
  }
})
