import { Problem, type ProblemParams, type ProblemRow } from '../../../kernel/index.ts'
import type { EcgInput } from '../../ecg/pipeline.ts'
import { type Signature, type Tensor, textOf } from '../../runtimes/tensor.ts'

/** A recording in one of the forms in which it reaches the base. */
export type RecordingSent =
  | { readonly form: 'json'; readonly body: Uint8Array }
  | { readonly form: 'files'; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly form: 'samples'; readonly input: EcgInput }

type Header =
  | { readonly form: 'json' }
  | { readonly form: 'files'; readonly names: readonly string[] }
  | {
      readonly form: 'samples'
      readonly fs: number
      readonly leads: readonly string[]
      readonly beatsAt?: readonly number[]
    }

/**
 * The worker speaks as every runtime does, in tensors: a recording goes in as byte strings, a header in JSON and what it
 * announces, and the answer comes out as two, its kind and JSON. So queue, deadlines and lost threads are the runtimes'.
 */
export const ecgWorkerSignature: Signature = {
  inputs: [{ name: 'recording', datatype: 'BYTES', shape: [-1] }],
  outputs: [{ name: 'answer', datatype: 'BYTES', shape: [2] }],
}

const encoder = new TextEncoder()

function json(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

export function recordingTensor(recording: RecordingSent): Tensor {
  const data = piecesOf(recording)
  return { name: 'recording', datatype: 'BYTES', shape: [data.length], data }
}

function piecesOf(recording: RecordingSent): Uint8Array[] {
  if (recording.form === 'json') return [json({ form: 'json' } satisfies Header), recording.body]
  if (recording.form === 'files') {
    const names = [...recording.files.keys()]
    return [json({ form: 'files', names } satisfies Header), ...recording.files.values()]
  }
  const { fs, leads, beatsAt } = recording.input
  const header: Header = {
    form: 'samples',
    fs,
    leads: leads.map(({ name }) => name),
    ...(beatsAt === undefined ? {} : { beatsAt }),
  }
  const samples = leads.map(({ samplesMv: mv }) => new Uint8Array(mv.buffer, mv.byteOffset, mv.byteLength))
  return [json(header), ...samples]
}

/** The other way, in the worker. */
export function recordingOf(tensor: Tensor): RecordingSent {
  if (tensor.datatype !== 'BYTES') throw new Error('a recording comes as byte strings')
  const [head = new Uint8Array(), ...rest] = tensor.data
  const header = JSON.parse(textOf(head) ?? '') as Header
  if (header.form === 'json') return { form: 'json', body: rest[0] ?? new Uint8Array() }
  if (header.form === 'files')
    return { form: 'files', files: new Map(header.names.map((name, k) => [name, pieceAt(rest, k)])) }
  const leads = header.leads.map((name, k) => ({ name, samplesMv: floatsOf(pieceAt(rest, k)) }))
  const { fs, beatsAt } = header
  return { form: 'samples', input: { fs, leads, ...(beatsAt === undefined ? {} : { beatsAt }) } }
}

function pieceAt(pieces: readonly Uint8Array[], at: number): Uint8Array {
  const piece = pieces[at]
  if (piece === undefined) throw new Error(`a recording lacks its piece ${at}`)
  return piece
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Float32Array(whole.buffer, whole.byteOffset, whole.byteLength / 4)
}

export function answerTensor(kind: 'answer' | 'refusal' | 'fault', value: unknown): Tensor {
  return { name: 'answer', datatype: 'BYTES', shape: [2], data: [encoder.encode(kind), json(value)] }
}

/** The answer in JSON; throws the problem where the recording was refused. */
export function answerOf(outputs: readonly Tensor[]): Uint8Array {
  const [tensor] = outputs
  if (tensor?.datatype !== 'BYTES') throw new Error('the worker answers in byte strings')
  const [kind = new Uint8Array(), value = new Uint8Array()] = tensor.data
  const outcome = textOf(kind)
  if (outcome === 'answer') return value
  const told = JSON.parse(textOf(value) ?? '')
  if (outcome === 'refusal') throw problemOf(told as Refusal)
  throw new Error(`an ECG worker failed: ${told}`)
}

/** A problem on its way between threads, where an Error would lose its class. */
export interface Refusal {
  readonly code: string
  readonly row: ProblemRow
  readonly params: ProblemParams
}

export function refusalOf({ code, row, params }: Problem): Refusal {
  return { code, row, params }
}

export function problemOf({ code, row, params }: Refusal): Problem {
  return new Problem(code, row, params)
}
