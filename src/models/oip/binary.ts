import { problem as runtimeProblem } from '../runtimes/problems.ts'
import { elementBytes, elementCount, type Tensor, type TensorSpec, tensorOf, viewOf } from '../runtimes/tensor.ts'

/*
 * The binary tensor data extension: elements in row-major order, little-endian, BOOL a byte each, FP16 and BF16 their
 * bits, BYTES each preceded by its length as four bytes. All platforms that Node 24 runs on here are little-endian.
 */

/**
 * A tensor from its bytes on the wire. Looks into `bytes` without a copy where its place in the buffer allows (a
 * Float32Array starts at multiples of 4), else copies once.
 */
export function tensorFromBytes(spec: TensorSpec, shape: readonly number[], bytes: Uint8Array): Tensor {
  const count = elementCount(shape)
  if (spec.datatype === 'BYTES')
    return tensorOf(spec.name, 'BYTES', shape, readByteStrings(spec.name, shape, count, bytes))
  const expected = count * elementBytes[spec.datatype]
  if (bytes.byteLength !== expected) throw wrongLength(spec.name, shape, bytes.byteLength, expected)
  const place = bytes.byteOffset % elementBytes[spec.datatype] === 0 ? bytes : new Uint8Array(bytes)
  return tensorOf(spec.name, spec.datatype, shape, viewOf(spec.datatype, place.buffer, place.byteOffset, count))
}

/** The bytes of a tensor on the wire; those of fixed-width data are not copied. */
export function bytesOf(tensor: Tensor): Uint8Array {
  const { data } = tensor
  if (tensor.datatype !== 'BYTES')
    return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength)
  const strings = data as readonly Uint8Array[]
  const bytes = new Uint8Array(strings.reduce((sum, string) => sum + 4 + string.byteLength, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const string of strings) {
    view.setUint32(at, string.byteLength, true)
    bytes.set(string, at + 4)
    at += 4 + string.byteLength
  }
  return bytes
}

function readByteStrings(
  name: string,
  shape: readonly number[],
  count: number,
  bytes: Uint8Array,
): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const strings: Uint8Array[] = []
  let at = 0
  while (at + 4 <= bytes.byteLength && strings.length < count) {
    const end = at + 4 + view.getUint32(at, true)
    if (end > bytes.byteLength) throw wrongLength(name, shape, bytes.byteLength, end)
    strings.push(bytes.subarray(at + 4, end))
    at = end
  }
  if (strings.length < count) throw wrongLength(name, shape, bytes.byteLength, at + 4 * (count - strings.length))
  if (at !== bytes.byteLength) throw wrongLength(name, shape, bytes.byteLength, at)
  return strings
}

function wrongLength(tensor: string, shape: readonly number[], actual: number, expected: number): Error {
  return runtimeProblem('models.length-wrong', { tensor, shape: shape.join(','), actual, expected, unit: 'bytes' })
}
