/** What each Open Inference Protocol v2 datatype is in memory. BOOL is a byte of 0 or 1; FP16 and BF16 are their bits. */
export interface DataOf {
  BOOL: Uint8Array
  UINT8: Uint8Array
  UINT16: Uint16Array
  UINT32: Uint32Array
  UINT64: BigUint64Array
  INT8: Int8Array
  INT16: Int16Array
  INT32: Int32Array
  INT64: BigInt64Array
  FP16: Uint16Array
  BF16: Uint16Array
  FP32: Float32Array
  FP64: Float64Array
  /** One byte string an element; text is UTF-8. */
  BYTES: readonly Uint8Array[]
}

export type Datatype = keyof DataOf
export type NumericDatatype = Exclude<Datatype, 'BYTES'>
export type NumericData = DataOf[NumericDatatype]

/** One named, dense, row-major tensor; `datatype` tells what `data` is. */
export type Tensor = {
  readonly [D in Datatype]: {
    readonly name: string
    readonly datatype: D
    readonly shape: readonly number[]
    readonly data: DataOf[D]
  }
}[Datatype]

/** A declared input or output; -1 is a dimension that may have any size. */
export interface TensorSpec {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

export interface Signature {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

/** The typed array of each datatype of fixed width. */
export const arrayOf = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

/** A typed array of `count` elements over the buffer from `offset` on, without a copy. */
export function viewOf(datatype: NumericDatatype, buffer: ArrayBufferLike, offset: number, count: number): NumericData {
  // All of these constructors take the same arguments; of their union TypeScript keeps only what one of them declares.
  const View = arrayOf[datatype] as new (buffer: ArrayBufferLike, offset: number, count: number) => NumericData
  return new View(buffer, offset, count)
}

/** Bytes of one element; BYTES has none of its own. */
export const elementBytes: Readonly<Record<NumericDatatype, number>> = Object.fromEntries(
  Object.entries(arrayOf).map(([datatype, array]) => [datatype, array.BYTES_PER_ELEMENT]),
) as Record<NumericDatatype, number>

/** Every datatype's name, in the protocol's order. */
export const datatypes = [...Object.keys(arrayOf), 'BYTES'] as Datatype[]

/** Elements of a shape; a scalar, shape [], has one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}

/** Joins a datatype known only at run time to data already made for it. */
export function tensorOf(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  data: NumericData | readonly Uint8Array[],
): Tensor {
  return { name, datatype, shape, data } as Tensor
}

/** Room that the tensor's data takes; a byte string counts with the four bytes of its length, as on the wire. */
export function sizeBytesOf(tensor: Tensor): number {
  if (tensor.datatype !== 'BYTES') return tensor.data.byteLength
  return tensor.data.reduce((sum, element) => sum + 4 + element.byteLength, 0)
}

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A BYTES tensor of UTF-8 text. */
export function textTensor(name: string, shape: readonly number[], texts: readonly string[]): Tensor {
  return { name, datatype: 'BYTES', shape, data: texts.map((text) => encoder.encode(text)) }
}

/** UTF-8 bytes as text, or null where they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    // A fatal decoder throws on exactly one thing, malformed UTF-8, and that is the answer here.
    return null
  }
}
