import { basename } from 'node:path'
import { InferenceSession, type OnnxValue, Tensor as OrtTensor } from 'onnxruntime-node'
import { type Datatype, datatypes, type Signature, type Tensor, type TensorSpec, tensorOf, textOf } from '../tensor.ts'
import { firstNotAllowed } from '../values.ts'
import { join, split } from './batch.ts'
import type { Answer, Refusal, ThreadSetup } from './messages.ts'

/** ONNX Runtime's names of the datatypes that it has tensors for in Node; BF16 is not among them. */
const ortTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Partial<Record<Datatype, OrtTensor.Type>>

const datatypeOf = new Map<string, Datatype>(
  datatypes.flatMap((datatype) => (datatype === 'BF16' ? [] : [[ortTypes[datatype], datatype] as const])),
)
const encoder = new TextEncoder()

/** A loaded model on this thread, or why it could not be loaded. */
export type Loaded = { readonly session: InferenceSession; readonly signature: Signature } | Refusal

export async function load(setup: ThreadSetup): Promise<Loaded> {
  const file = basename(setup.file)
  let session: InferenceSession
  try {
    session = await InferenceSession.create(setup.file, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      intraOpNumThreads: setup.intraOpNumThreads,
      interOpNumThreads: 1,
      // Errors come back as exceptions; without this each is also printed on standard error.
      logSeverityLevel: 4,
      // Waiting threads sleep: a spinning one burns a core that another worker could use.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (error) {
    const reason = reasonOf(error).replaceAll(setup.file, file)
    const type = /Unsupported data type: \d+/.exec(reason)?.[0]
    if (type === undefined) return { code: 'models.model-unreadable', params: { file, reason } }
    return unsupported(file, 'An input or output', type)
  }
  const ends = [...session.inputMetadata, ...session.outputMetadata]
  const strange = ends.find((end) => !end.isTensor || !datatypeOf.has(end.type))
  if (strange !== undefined) return unsupported(file, strange.name, strange.isTensor ? strange.type : 'sequence or map')
  return {
    session,
    signature: { inputs: session.inputMetadata.flatMap(specOf), outputs: session.outputMetadata.flatMap(specOf) },
  }
}

/**
 * Runs a batch and answers each of its requests. A request with a value that is not allowed is refused before anything
 * runs; when the joined batch fails, or its outputs cannot be told apart, each request runs alone, so that only the one
 * at fault fails.
 */
export async function runBatch(
  session: InferenceSession,
  items: readonly (readonly Tensor[])[],
  outputs: readonly string[],
  notFinite: 'refuse' | 'pass',
): Promise<readonly Answer[]> {
  const answers: (Answer | null)[] = items.map((item) => refusalOf(item, notFinite))
  const sound = items.flatMap((item, index) => (answers[index] === null ? [{ item, index }] : []))
  if (sound.length > 1) {
    const joined = await runOne(session, join(sound.map(({ item }) => item)), outputs)
    const rows = sound.map(({ item }) => item[0]?.shape[0] ?? 0)
    const parts = 'outputs' in joined ? split(joined.outputs, rows) : null
    sound.forEach(({ index }, position) => {
      const part = parts?.[position]
      if (part !== undefined) answers[index] = { outputs: part }
    })
  }
  const finished: Answer[] = []
  for (const [index, item] of items.entries()) finished.push(answers[index] ?? (await runOne(session, item, outputs)))
  return finished
}

async function runOne(session: InferenceSession, item: readonly Tensor[], outputs: readonly string[]): Promise<Answer> {
  try {
    const feeds: Record<string, OnnxValue> = {}
    for (const tensor of item) feeds[tensor.name] = toOrt(tensor)
    const results = await session.run(feeds, outputs, { logSeverityLevel: 4 })
    return { outputs: outputs.flatMap((name) => fromOrt(name, results[name])) }
  } catch (error) {
    return { code: 'models.inference-failed', params: { reason: reasonOf(error) } }
  }
}

function refusalOf(item: readonly Tensor[], notFinite: 'refuse' | 'pass'): Refusal | null {
  for (const tensor of item) {
    const { name, datatype, data } = tensor
    if (datatype === 'BYTES') {
      // onnxruntime-node hands strings over as C strings: what follows a NUL would be lost without a word.
      const index = data.findIndex((bytes) => bytes.includes(0) || textOf(bytes) === null)
      if (index >= 0)
        return notAllowed(name, index, data[index]?.includes(0) ? 'text with a NUL' : 'no UTF-8', datatype)
    } else if (datatype === 'BOOL' || notFinite === 'refuse') {
      const index = firstNotAllowed(tensor)
      const isBits = datatype === 'FP16' || datatype === 'BF16'
      if (index >= 0) return notAllowed(name, index, isBits ? 'not finite' : String(data[index]), datatype)
    }
  }
  return null
}

function notAllowed(tensor: string, index: number, value: string, datatype: Datatype): Refusal {
  return { code: 'models.value-not-allowed', params: { tensor, index, value, datatype } }
}

function unsupported(file: string, tensor: string, type: string): Refusal {
  return {
    code: 'models.signature-unsupported',
    params: { file, tensor, type, known: Object.keys(ortTypes).join(', ') },
  }
}

function specOf(end: InferenceSession.ValueMetadata): readonly TensorSpec[] {
  const datatype = end.isTensor ? datatypeOf.get(end.type) : undefined
  if (!end.isTensor || datatype === undefined) return []
  return [{ name: end.name, datatype, shape: end.shape.map((size) => (typeof size === 'number' ? size : -1)) }]
}

function toOrt(tensor: Tensor): OnnxValue {
  if (tensor.datatype === 'BF16') throw new TypeError('onnxruntime-node has no bfloat16 tensor')
  const data = tensor.datatype === 'BYTES' ? tensor.data.map((bytes) => textOf(bytes) ?? '') : tensor.data
  // The constructor is overloaded by type name; here the pair (type, data) is only known to match at run time.
  const Make = OrtTensor as unknown as new (type: string, data: unknown, shape: readonly number[]) => OrtTensor
  return new Make(ortTypes[tensor.datatype], data, tensor.shape)
}

function fromOrt(name: string, value: OnnxValue | undefined): readonly Tensor[] {
  if (!(value instanceof OrtTensor)) return []
  const datatype = datatypeOf.get(value.type)
  if (datatype === undefined) return []
  const data = value.type === 'string' ? (value.data as string[]).map((text) => encoder.encode(text)) : value.data
  return [tensorOf(name, datatype, value.dims, data as Tensor['data'])]
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 400)
}
