import { checkDeclared, declaredInput, wantedOutputs } from '../runtimes/check.ts'
import type { Signature, Tensor } from '../runtimes/tensor.ts'
import { bytesOf, tensorFromBytes } from './binary.ts'
import { type InferInput, inferRequest } from './contract.ts'
import { jsonOf, tensorFromJson } from './json-data.ts'
import { problem } from './problems.ts'

/** An inference request as the runtime wants it. */
export interface Inference {
  readonly id: string | undefined
  /** The tensors may look into the body that they were read from. */
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly string[]
  /** Names of the outputs that go after the JSON header. */
  readonly binary: ReadonlySet<string>
}

export interface InferenceAnswer {
  readonly modelName: string
  readonly modelVersion: string
  readonly id: string | undefined
  readonly outputs: readonly Tensor[]
  readonly binary: ReadonlySet<string>
}

/** Parameters that would change what the answer means: they are refused, all other unknown ones are ignored. */
const unofferedExtensions = ['classification', 'shared_memory_region', 'sequence_id']
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads a body: JSON of `headerBytes` and binary tensors after it, or JSON alone where `headerBytes` is null. */
export function readInference(body: Uint8Array, headerBytes: number | null, signature: Signature): Inference {
  if (headerBytes !== null && headerBytes > body.byteLength) {
    throw problem('models.oip-header-length', { actual: headerBytes, bytes: body.byteLength })
  }
  const request = parseHeader(headerBytes === null ? body : body.subarray(0, headerBytes))
  refuseExtensions(request.parameters)
  const rest = headerBytes === null ? body.subarray(body.byteLength) : body.subarray(headerBytes)
  let at = 0
  const inputs = request.inputs.map((input) => {
    const spec = declaredInput(signature, input.name)
    checkDeclared(spec, input.datatype, input.shape)
    refuseExtensions(input.parameters)
    const size = binarySize(input)
    if (size === null) return tensorFromJson(spec, input.shape, input.data)
    if (at + size > rest.byteLength)
      throw problem('models.oip-body-length', { expected: at + size, actual: rest.byteLength })
    at += size
    return tensorFromBytes(spec, input.shape, rest.subarray(at - size, at))
  })
  if (at !== rest.byteLength) throw problem('models.oip-body-length', { expected: at, actual: rest.byteLength })
  const outputs = wantedOutputs(
    signature,
    request.outputs?.map((output) => output.name),
  )
  const byDefault = request.parameters?.['binary_data_output'] === true
  const binary = new Set(byDefault ? outputs : [])
  for (const { name, parameters } of request.outputs ?? []) {
    refuseExtensions(parameters)
    if (parameters?.['binary_data'] === true) binary.add(name)
    else if (parameters?.['binary_data'] === false) binary.delete(name)
  }
  return { id: request.id, inputs, outputs, binary }
}

/** Writes an answer; `headerBytes` is null when it is JSON alone. */
export function writeInference(answer: InferenceAnswer): {
  readonly body: Buffer
  readonly headerBytes: number | null
} {
  const blobs: Uint8Array[] = []
  const outputs = answer.outputs.map((tensor) => {
    const head = `"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}]`
    if (!answer.binary.has(tensor.name)) return `{${head},"data":${jsonOf(tensor)}}`
    const bytes = bytesOf(tensor)
    blobs.push(bytes)
    return `{${head},"parameters":{"binary_data_size":${bytes.byteLength}}}`
  })
  const { modelName, modelVersion, id } = answer
  const about = JSON.stringify({
    model_name: modelName,
    model_version: modelVersion,
    ...(id === undefined ? {} : { id }),
  })
  const header = Buffer.from(`${about.slice(0, -1)},"outputs":[${outputs.join(',')}]}`)
  if (answer.binary.size === 0) return { body: header, headerBytes: null }
  return { body: Buffer.concat([header, ...blobs]), headerBytes: header.byteLength }
}

function parseHeader(bytes: Uint8Array) {
  let json: unknown
  try {
    json = JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw problem('models.oip-json', { reason: error instanceof Error ? error.message : String(error) }, error)
  }
  const parsed = inferRequest.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem(
    'models.oip-request',
    { path: issue?.path.join('.') || 'the top', reason: issue?.message ?? '' },
    parsed.error,
  )
}

/** Bytes that the input takes after the header; null when its data stand in the JSON. */
function binarySize(input: InferInput): number | null {
  const size = input.parameters?.['binary_data_size']
  const refuse = (reason: string): Error => problem('models.oip-request', { path: `inputs.${input.name}`, reason })
  if (size === undefined) {
    if (input.data === undefined) throw refuse('neither data nor binary_data_size')
    return null
  }
  if (input.data !== undefined) throw refuse('both data and binary_data_size')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw refuse('binary_data_size is no length')
  return size
}

function refuseExtensions(parameters: Readonly<Record<string, unknown>> | undefined): void {
  if (parameters === undefined) return
  for (const extension of unofferedExtensions) {
    if (extension in parameters) throw problem('models.oip-extension', { extension })
  }
}
