import { problem as runtimeProblem } from '../runtimes/problems.ts'
import {
  arrayOf,
  elementCount,
  type NumericData,
  type NumericDatatype,
  type Tensor,
  type TensorSpec,
  tensorOf,
  textOf,
} from '../runtimes/tensor.ts'
import { firstNotAllowed } from '../runtimes/values.ts'
import { problem } from './problems.ts'

/** Smallest and largest value of each integer datatype that JSON's numbers can carry exactly. */
const integerRange: Partial<Record<NumericDatatype, readonly [number, number]>> = {
  UINT8: [0, 0xff],
  UINT16: [0, 0xffff],
  UINT32: [0, 0xffffffff],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-0x80, 0x7f],
  INT16: [-0x8000, 0x7fff],
  INT32: [-0x80000000, 0x7fffffff],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}
const encoder = new TextEncoder()

/** A tensor from JSON: a flat list, or lists nested exactly as the shape says. */
export function tensorFromJson(spec: TensorSpec, shape: readonly number[], json: unknown): Tensor {
  if (!Array.isArray(json)) throw nesting(spec.name, shape)
  const count = elementCount(shape)
  const flat: unknown[] = Array.isArray(json[0]) ? [] : json
  if (flat !== json) flatten(spec.name, shape, json, 0, flat)
  if (flat.length !== count) {
    const params = { tensor: spec.name, shape: shape.join(','), actual: flat.length, expected: count, unit: 'elements' }
    throw runtimeProblem('models.length-wrong', params)
  }
  const refuse = (index: number): never => {
    const value = JSON.stringify(flat[index]) ?? 'missing'
    throw problem('models.oip-element', {
      tensor: spec.name,
      index,
      value: value.slice(0, 40),
      datatype: spec.datatype,
    })
  }
  if (spec.datatype === 'BYTES') {
    const texts = flat.map((value, index) => encoder.encode(typeof value === 'string' ? value : refuse(index)))
    return tensorOf(spec.name, 'BYTES', shape, texts)
  }
  return tensorOf(spec.name, spec.datatype, shape, readNumbers(spec.name, spec.datatype, flat, refuse))
}

/** The elements of an output as the text of a flat JSON list. */
export function jsonOf(tensor: Tensor): string {
  const { name, datatype, data } = tensor
  if (datatype === 'BF16') throw problem('models.oip-not-json', { tensor: name, datatype })
  if (datatype === 'BYTES') {
    const texts = data.map((bytes) => textOf(bytes) ?? null)
    if (texts.includes(null))
      throw problem('models.oip-not-json', { tensor: name, datatype: 'BYTES that are no UTF-8' })
    return JSON.stringify(texts)
  }
  if (datatype === 'BOOL') return `[${Array.from(data, (value) => value !== 0).join(',')}]`
  const index = firstNotAllowed(tensor)
  if (index >= 0) throw problem('models.oip-output-not-finite', { tensor: name, index })
  const numbers = datatype === 'FP16' ? new Float16Array(data.buffer, data.byteOffset, data.length) : data
  return `[${numbers.join(',')}]`
}

function readNumbers(
  name: string,
  datatype: NumericDatatype,
  flat: readonly unknown[],
  refuse: (index: number) => never,
): NumericData {
  if (datatype === 'BF16') throw problem('models.oip-not-json', { tensor: name, datatype })
  if (datatype === 'BOOL') {
    return Uint8Array.from(flat, (value, index) => {
      if (value === true || value === 1) return 1
      return value === false || value === 0 ? 0 : refuse(index)
    })
  }
  if (datatype === 'UINT64' || datatype === 'INT64') {
    const make = datatype === 'INT64' ? BigInt64Array : BigUint64Array
    return make.from(flat.map((value, index) => BigInt(isInRange(value, datatype) ? value : refuse(index))))
  }
  const isFloat = datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64'
  const array = datatype === 'FP16' ? new Float16Array(flat.length) : new arrayOf[datatype](flat.length)
  for (let index = 0; index < flat.length; index++) {
    const value = flat[index]
    if (typeof value !== 'number' || !(isFloat || isInRange(value, datatype))) return refuse(index)
    array[index] = value
  }
  return array instanceof Float16Array ? new Uint16Array(array.buffer) : array
}

function isInRange(value: unknown, datatype: NumericDatatype): value is number {
  const [low, high] = integerRange[datatype] ?? [0, -1]
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high
}

/** Appends the elements of lists nested as `shape` says from `axis` on. */
function flatten(
  name: string,
  shape: readonly number[],
  list: readonly unknown[],
  axis: number,
  into: unknown[],
): void {
  if (list.length !== shape[axis]) throw nesting(name, shape)
  const isInnermost = axis === shape.length - 1
  for (const member of list) {
    if (Array.isArray(member) === isInnermost) throw nesting(name, shape)
    if (isInnermost) into.push(member)
    else flatten(name, shape, member as readonly unknown[], axis + 1, into)
  }
}

function nesting(tensor: string, shape: readonly number[]): Error {
  return problem('models.oip-nesting', { tensor, shape: shape.join(',') })
}
