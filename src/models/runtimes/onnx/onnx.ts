import type { RuntimeMember, RuntimeOptions } from '../runtime.ts'
import { ModelPool } from './pool.ts'
import { type ModelThread, startThread } from './thread.ts'

/** Opens a model on threads that `start` makes; all of them stand before it returns, or none is left. */
export async function openPool(start: () => Promise<ModelThread>, options: RuntimeOptions): Promise<ModelPool> {
  const starts = await Promise.allSettled(Array.from({ length: options.workers ?? 1 }, start))
  const threads = starts.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = starts.find((result) => result.status === 'rejected')
  const [first] = threads
  if (failed !== undefined || first === undefined) {
    await Promise.all(threads.map((thread) => thread.close()))
    throw failed?.reason ?? new RangeError('a runtime needs at least one worker')
  }
  return new ModelPool(threads, first.signature, start, options)
}

/** ONNX files by ONNX Runtime on the CPU. */
export const onnx: RuntimeMember = {
  name: 'onnx',
  platform: 'onnxruntime_onnx',
  reads: (file) => file.toLowerCase().endsWith('.onnx'),
  open(file, options = {}) {
    const { intraOpNumThreads = 1, notFinite = 'refuse' } = options
    return openPool(() => startThread({ file, intraOpNumThreads, notFinite }), options)
  },
}
