import { basename } from 'node:path'
import { onnx } from './onnx/onnx.ts'
import { problem } from './problems.ts'
import type { Runtime, RuntimeMember, RuntimeOptions } from './runtime.ts'

/** The family: one line a member. */
export const runtimes: readonly RuntimeMember[] = [onnx]

/** The member that runs a file, judged by its name. */
export function runtimeFor(file: string): RuntimeMember {
  const member = runtimes.find((candidate) => candidate.reads(file))
  if (member !== undefined) return member
  throw problem('models.runtime-unknown', { file: basename(file), known: runtimes.map(({ name }) => name).join(', ') })
}

/** Opens a model file with the member that runs it. Close what it returns. */
export function openRuntime(file: string, options?: RuntimeOptions): Promise<Runtime> {
  return runtimeFor(file).open(file, options)
}
