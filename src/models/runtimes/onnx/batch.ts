import { elementCount, type NumericData, type Signature, type Tensor, tensorOf } from '../tensor.ts'

/** Whether requests may be joined at all: every input and output leads with a dimension of any size. */
export function isBatchable(signature: Signature): boolean {
  return [...signature.inputs, ...signature.outputs].every((spec) => spec.shape[0] === -1)
}

/** Rows of a request, the first dimension that all its inputs share; null where they differ or there is none. */
export function rowsOf(inputs: readonly Tensor[]): number | null {
  const rows = inputs[0]?.shape[0]
  if (rows === undefined || rows === 0 || inputs.some((tensor) => tensor.shape[0] !== rows)) return null
  return rows
}

/** Two requests can be joined when they ask for the same outputs and differ in nothing but the first dimension. */
export function batchKey(inputs: readonly Tensor[], outputs: readonly string[]): string {
  return JSON.stringify([outputs, inputs.map((tensor) => tensor.shape.slice(1))])
}

/** Joins requests along the first dimension: inputs in the same order in each, of shapes [rows, ...same]. */
export function join(items: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first = []] = items
  return first.map((head, position) => {
    const parts = items.map((item) => item[position]).filter((part) => part !== undefined)
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0)
    const shape = [rows, ...head.shape.slice(1)]
    if (head.datatype === 'BYTES') {
      const bytes = parts.flatMap((part) => (part.datatype === 'BYTES' ? part.data : []))
      return tensorOf(head.name, 'BYTES', shape, bytes)
    }
    return tensorOf(head.name, head.datatype, shape, joinNumeric(parts, elementCount(shape)))
  })
}

/**
 * Gives each request its rows of the outputs, or null when an output's first dimension is not the sum of `rows`: then
 * the model's first dimension is not a batch and the requests must run alone.
 */
export function split(outputs: readonly Tensor[], rows: readonly number[]): readonly (readonly Tensor[])[] | null {
  const total = rows.reduce((sum, count) => sum + count, 0)
  if (outputs.some((tensor) => tensor.shape[0] !== total)) return null
  let end = 0
  return rows.map((count) => {
    const from = end
    end += count
    const until = end
    return outputs.map((tensor) => {
      const shape = [count, ...tensor.shape.slice(1)]
      const rowLength = elementCount(tensor.shape.slice(1))
      return tensorOf(tensor.name, tensor.datatype, shape, tensor.data.slice(from * rowLength, until * rowLength))
    })
  })
}

function joinNumeric(parts: readonly Tensor[], count: number): NumericData {
  const [first] = parts
  if (first === undefined || first.datatype === 'BYTES') throw new TypeError('joinNumeric takes fixed-width tensors')
  const joined = new (first.data.constructor as new (length: number) => NumericData)(count)
  let at = 0
  for (const part of parts) {
    // All parts are of one datatype, which the signature fixes; TypeScript sees a union of typed arrays here.
    ;(joined.set as (values: ArrayLike<unknown>, offset: number) => void).call(joined, part.data, at)
    at += part.data.length
  }
  return joined
}
