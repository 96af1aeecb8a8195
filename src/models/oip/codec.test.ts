import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../kernel/index.ts'
import {
  type Datatype,
  datatypes,
  type NumericDatatype,
  type Tensor,
  tensorOf,
  textTensor,
  viewOf,
} from '../runtimes/tensor.ts'
import { bytesOf, tensorFromBytes } from './binary.ts'
import { readBody } from './body.ts'
import { inferResponse } from './contract.ts'
import { jsonOf, tensorFromJson } from './json-data.ts'
import { readInference, writeInference } from './messages.ts'

const coded = (code: string) => (error: unknown) => error instanceof Problem && error.code === code
const numericDatatypes = datatypes.filter((datatype): datatype is NumericDatatype => datatype !== 'BYTES')
const jsonDatatypes = numericDatatypes.filter((datatype) => datatype !== 'BF16' && datatype !== 'BOOL')
const spec = (datatype: Datatype) => ({ name: 'x', datatype, shape: [-1] })
const bytesArbitrary = fc.uint8Array({ minLength: 0, maxLength: 64 })

test('bytes on the wire are the same after they were a tensor, wherever they lie in the body', () =>
  fc.assert(
    fc.property(fc.constantFrom(...numericDatatypes), bytesArbitrary, fc.nat(9), (datatype, some, offset) => {
      const bytes = some.subarray(0, some.length - (some.length % 8))
      const body = new Uint8Array(offset + bytes.length)
      body.set(bytes, offset)
      const count = bytes.length / viewOf(datatype, new ArrayBuffer(8), 0, 1).BYTES_PER_ELEMENT
      const tensor = tensorFromBytes(spec(datatype), [count], body.subarray(offset))
      assert.equal(tensor.data.length, count)
      assert.deepEqual(bytesOf(tensor), bytes)
    }),
  ))

test('byte strings are the same after they were on the wire', () =>
  fc.assert(
    fc.property(fc.array(bytesArbitrary), (strings) => {
      const tensor = tensorOf('x', 'BYTES', [strings.length], strings)
      assert.deepEqual(tensorFromBytes(spec('BYTES'), [strings.length], bytesOf(tensor)), tensor)
    }),
  ))

test('a BYTES tensor is each length as four little-endian bytes and the bytes', () =>
  // Triton, extension_binary_data.md, "BYTES": 4-byte unsigned integer, then the element's bytes.
  assert.deepEqual([...bytesOf(textTensor('x', [2], ['ab', '']))], [2, 0, 0, 0, 97, 98, 0, 0, 0, 0]))

test('bytes that do not fill the shape exactly are refused with both lengths', () => {
  const lengths = (datatype: Datatype, count: number, bytes: Uint8Array): readonly unknown[] => {
    try {
      tensorFromBytes(spec(datatype), [count], bytes)
    } catch (error) {
      assert.ok(error instanceof Problem)
      assert.equal(error.code, 'models.length-wrong')
      return [error.params['expected'], error.params['actual']]
    }
    return []
  }
  assert.deepEqual(lengths('FP32', 2, new Uint8Array(7)), [8, 7])
  assert.deepEqual(lengths('FP32', 2, new Uint8Array(9)), [8, 9])
  assert.deepEqual(lengths('BYTES', 1, Uint8Array.of(9, 0, 0, 0, 65)), [13, 5])
  assert.deepEqual(lengths('BYTES', 2, Uint8Array.of(1, 0, 0, 0, 65)), [9, 5])
  assert.deepEqual(lengths('BYTES', 1, Uint8Array.of(1, 0, 0, 0, 65, 66)), [5, 6])
  assert.deepEqual(lengths('BYTES', 0, new Uint8Array(0)), [])
})

test('finite tensors come back from JSON as they were', () =>
  fc.assert(
    fc.property(fc.constantFrom(...jsonDatatypes), fc.array(fc.integer({ min: 0, max: 127 })), (datatype, numbers) => {
      const flat = tensorFromJson(spec(datatype), [numbers.length], numbers)
      assert.deepEqual(tensorFromJson(spec(datatype), [numbers.length], JSON.parse(jsonOf(flat))), flat)
      const isBig = datatype === 'INT64' || datatype === 'UINT64'
      assert.deepEqual(JSON.parse(jsonOf(flat)), numbers)
      assert.equal(typeof flat.data[0], numbers.length === 0 ? 'undefined' : isBig ? 'bigint' : 'number')
    }),
  ))

test('nested and flat lists mean the same tensor', () => {
  const flat = tensorFromJson(spec('FP32'), [2, 3], [1, 2, 3, 4, 5, 6])
  assert.deepEqual(tensorFromJson(spec('FP32'), [2, 3], [[1, 2, 3], [4, 5, 6]]), flat) // biome-ignore format: as written
  for (const ragged of [
    [
      [1, 2, 3],
      [4, 5],
    ],
    [[1, 2, 3], 4],
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [
      [[1], [2], [3]],
      [[4], [5], [6]],
    ],
    7,
  ]) {
    assert.throws(() => tensorFromJson(spec('FP32'), [2, 3], ragged), coded('models.oip-nesting'))
  }
  assert.throws(() => tensorFromJson(spec('FP32'), [2, 3], [1, 2]), coded('models.length-wrong'))
})

test('an element that its datatype cannot hold exactly is refused by its place', () => {
  const wrong: readonly (readonly [Datatype, unknown])[] = [
    ['FP32', null],
    ['FP32', '1'],
    ['UINT8', 256],
    ['UINT8', -1],
    ['INT8', 1.5],
    ['INT64', 2 ** 53],
    ['UINT64', -1],
    ['BOOL', 2],
    ['BYTES', 1],
  ]
  for (const [datatype, value] of wrong) {
    assert.throws(
      () => tensorFromJson(spec(datatype), [2], [datatype === 'BYTES' ? '' : 0, value]),
      (error) => coded('models.oip-element')(error) && (error as Problem).params['index'] === 1,
      `${datatype} ${String(value)}`,
    )
  }
  assert.throws(() => tensorFromJson(spec('BF16'), [1], [1]), coded('models.oip-not-json'))
})

test('half precision goes through JSON as its numbers, booleans as true and false, big integers with all digits', () => {
  assert.deepEqual(tensorFromJson(spec('FP16'), [3], [1, -2, 65504]).data, Uint16Array.of(0x3c00, 0xc000, 0x7bff))
  assert.equal(jsonOf(tensorOf('x', 'FP16', [2], Uint16Array.of(0x3c00, 0xc000))), '[1,-2]')
  assert.equal(jsonOf(tensorFromJson(spec('BOOL'), [4], [true, false, 1, 0])), '[true,false,true,false]')
  assert.equal(jsonOf(tensorOf('x', 'INT64', [1], BigInt64Array.of(-9223372036854775808n))), '[-9223372036854775808]')
})

test('an output that JSON has no word for is an error, not a null', () => {
  const nan = tensorOf('x', 'FP32', [2], Float32Array.of(0, Number.NaN))
  assert.throws(() => jsonOf(nan), coded('models.oip-output-not-finite'))
  assert.throws(() => jsonOf(tensorOf('x', 'BYTES', [1], [Uint8Array.of(0xff)])), coded('models.oip-not-json'))
  assert.throws(() => jsonOf(tensorOf('x', 'BF16', [1], Uint16Array.of(0))), coded('models.oip-not-json'))
})

test('an answer is the contract’s JSON and, after it, the binary outputs in order', () => {
  const outputs: readonly Tensor[] = [
    tensorOf('a', 'FP32', [2], Float32Array.of(1, 2)),
    tensorOf('b', 'INT32', [1], Int32Array.of(7)),
    textTensor('c', [1], ['x']),
  ]
  const about = { modelName: 'm "1"', modelVersion: '1', id: 'é', outputs }
  const json = writeInference({ ...about, binary: new Set() })
  assert.equal(json.headerBytes, null)
  assert.deepEqual(inferResponse.parse(JSON.parse(json.body.toString())), {
    model_name: 'm "1"',
    model_version: '1',
    id: 'é',
    outputs: [
      { name: 'a', datatype: 'FP32', shape: [2], data: [1, 2] },
      { name: 'b', datatype: 'INT32', shape: [1], data: [7] },
      { name: 'c', datatype: 'BYTES', shape: [1], data: ['x'] },
    ],
  })
  const mixed = writeInference({ ...about, binary: new Set(['a', 'c']) })
  const header = inferResponse.parse(JSON.parse(mixed.body.subarray(0, mixed.headerBytes ?? 0).toString()))
  assert.deepEqual(
    header.outputs.map((output) => output.parameters?.['binary_data_size'] ?? output.data),
    [8, [7], 5],
  )
  assert.deepEqual([...mixed.body.subarray(mixed.headerBytes ?? 0)], [0, 0, 128, 63, 0, 0, 0, 64, 1, 0, 0, 0, 120])
})

test('an aligned tensor is looked at where the body lies, and a body in many pieces is the body', async () => {
  const header = JSON.stringify({
    inputs: [{ name: 'x', shape: [2], datatype: 'FP64', parameters: { binary_data_size: 16 } }],
  })
  const whole = Buffer.concat([Buffer.from(header), Buffer.from(Float64Array.of(1.5, -2).buffer)])
  const pieces = Array.from({ length: Math.ceil(whole.length / 7) }, (_, i) => whole.subarray(i * 7, i * 7 + 7))
  for (const declaredBytes of [whole.length, null]) {
    const stream = Readable.from(pieces, { objectMode: false })
    const body = await readBody(stream, { limitBytes: 1000, declaredBytes, headerBytes: header.length })
    const signature = { inputs: [spec('FP64')], outputs: [spec('FP64')] }
    const [input] = readInference(body, header.length, signature).inputs
    assert.ok(input?.datatype === 'FP64')
    assert.deepEqual(input.data, Float64Array.of(1.5, -2))
    assert.equal(input.data.buffer, body.buffer)
  }
})

test('a body over the limit, cut short or broken off is refused', async () => {
  const read = (stream: Readable, declaredBytes: number | null) =>
    readBody(stream, { limitBytes: 10, declaredBytes, headerBytes: 0 })
  const of = (bytes: number) => Readable.from([Buffer.alloc(bytes)], { objectMode: false })
  await assert.rejects(read(of(11), null), coded('models.oip-body-limit'))
  await assert.rejects(read(of(11), 11), coded('models.oip-body-limit'))
  await assert.rejects(read(of(4), 5), coded('models.oip-body-cut'))
  const broken = new Readable({ read() {} })
  const answer = assert.rejects(read(broken, 5), coded('models.oip-body-cut'))
  broken.destroy()
  await answer
})
