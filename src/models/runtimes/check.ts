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

function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => spec.name).join(', ')
}
