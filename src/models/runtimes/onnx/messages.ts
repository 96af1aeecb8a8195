import type { ProblemParams } from '../../../kernel/index.ts'
import type { problem } from '../problems.ts'
import type { Signature, Tensor } from '../tensor.ts'

export type ProblemCode = Parameters<typeof problem>[0]

/** What a thread is started with. */
export interface ThreadSetup {
  readonly file: string
  readonly intraOpNumThreads: number
  readonly notFinite: 'refuse' | 'pass'
}

/** A problem on its way between threads, where an Error would lose its class. */
export interface Refusal {
  readonly code: ProblemCode
  readonly params: ProblemParams
}

/** What one request of a batch got. */
export type Answer = { readonly outputs: readonly Tensor[] } | Refusal

export type ToThread =
  | { readonly kind: 'run'; readonly items: readonly (readonly Tensor[])[]; readonly outputs: readonly string[] }
  | { readonly kind: 'close' }

export type FromThread =
  | { readonly kind: 'ready'; readonly signature: Signature }
  | { readonly kind: 'unreadable'; readonly refusal: Refusal }
  | { readonly kind: 'done'; readonly answers: readonly Answer[]; readonly inferMs: number }

/** The buffers to hand over instead of copying: each once, whatever number of tensors looks into it. */
export function buffersOf(tensors: readonly Tensor[], into: Set<ArrayBuffer>): void {
  const take = (view: ArrayBufferView): void => {
    if (view.buffer instanceof ArrayBuffer) into.add(view.buffer)
  }
  for (const tensor of tensors) {
    if (tensor.datatype === 'BYTES') tensor.data.forEach(take)
    else take(tensor.data)
  }
}
