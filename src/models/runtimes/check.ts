import { problem } from './problems.ts'
import { elementCount, type Signature, type Tensor, type TensorSpec } from './tensor.ts'

/** Whether a shape agrees with a declared one, -1 standing for any size. */
export function shapeAgrees(shape: readonly number[], declared: readonly number[]): boolean {
  return (
    shape.length === declared.length &&
    shape.every(
      (size, axis) => Number.isSafeInteger(size) && size >= 0 && (declared[axis] === -1 || declared[axis] === size),
    )
  )
}

/** The declared input of that name; refuses one that the model does not have. */
export function declaredInput(signature: Signature, name: string): TensorSpec {
  for (const spec of signature.inputs) if (spec.name === name) return spec
  throw problem('models.input-unknown', { tensor: name, expected: namesOf(signature.inputs) })
}

/** Refuses a datatype or shape that the model does not take, before any data is read. */
export function checkDeclared(spec: TensorSpec, datatype: string, shape: readonly number[]): void {
  if (datatype !== spec.datatype) {
    throw problem('models.datatype-wrong', { tensor: spec.name, expected: spec.datatype, actual: datatype })
  }
  if (!shapeAgrees(shape, spec.shape)) {
    throw problem('models.shape-wrong', { tensor: spec.name, expected: spec.shape.join(','), actual: shape.join(',') })
  }
}

/** Refuses inputs that differ from the signature in name, datatype, shape or length. Values are looked at by the worker. */
export function checkInputs(signature: Signature, inputs: readonly Tensor[]): void {
  const seen = new Set<string>()
  for (const tensor of inputs) {
    checkDeclared(declaredInput(signature, tensor.name), tensor.datatype, tensor.shape)
    if (seen.has(tensor.name)) throw problem('models.input-twice', { tensor: tensor.name })
    seen.add(tensor.name)
    const expected = elementCount(tensor.shape)
    if (tensor.data.length !== expected) {
      const shape = tensor.shape.join(',')
      throw problem('models.length-wrong', {
        tensor: tensor.name,
        shape,
        expected,
        actual: tensor.data.length,
        unit: 'elements',
      })
    }
  }
  for (const { name } of signature.inputs) {
    if (!seen.has(name)) throw problem('models.input-missing', { tensor: name, expected: namesOf(signature.inputs) })
  }
}

/** The outputs to compute, in the order asked; all of them when none is named. */
export function wantedOutputs(signature: Signature, wanted: readonly string[] | undefined): readonly string[] {
  const known = signature.outputs.map((spec) => spec.name)
  if (wanted === undefined || wanted.length === 0) return known
  for (const name of wanted) {
    if (!known.includes(name)) throw problem('models.output-unknown', { tensor: name, expected: known.join(', ') })
  }
  return wanted
}

/**
 * Index of the first element that its datatype does not allow: NaN or infinity in a float, anything but 0 and 1 in a
 * BOOL; -1 when all are allowed. x - x is 0 for a finite x and NaN for any other, so one sum over the tensor tells (1 ns an
 * element); only then is the index looked for.
 */
export function firstNotAllowed(tensor: Tensor): number {
  const { datatype, data } = tensor
  if (datatype === 'FP32' || datatype === 'FP64') {
    let sum = 0
    for (let i = 0; i < data.length; i++) {
      // Within bounds; `for of` over a typed array takes four times as long.
      const value = data[i] as number
      sum += value - value
    }
    return sum === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value))
  }
  if (datatype === 'BOOL') return data.findIndex((value) => value > 1)
  // IEEE 754: all exponent bits set is infinity or NaN; binary16 has 5 of them, bfloat16 has 8.
  if (datatype === 'FP16') return data.findIndex((bits) => (bits & 0x7c00) === 0x7c00)
  if (datatype === 'BF16') return data.findIndex((bits) => (bits & 0x7f80) === 0x7f80)
  return -1
}

function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => spec.name).join(', ')
}
