import type { Executor, ExecutorKind, Surroundings } from './executor.ts'
import { local } from './local/local-executor.ts'
import { problem } from './problems.ts'

/** Every kind of executor. A new member adds its line here and touches no other file. */
const kinds: readonly ExecutorKind<unknown>[] = [local]

export const executorNames: readonly string[] = kinds.map((kind) => kind.name)

/** Opens the executor of that name; its options come from the configuration and are checked here. */
export async function openExecutor(name: string, options: unknown, surroundings: Surroundings): Promise<Executor> {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (!kind) throw problem('compute.executor-unknown', { name, known: executorNames.join(', ') })
  const parsed = kind.options.safeParse(options)
  if (!parsed.success) {
    const first = parsed.error.issues[0]
    throw problem('compute.executor-options', {
      name,
      path: first?.path.join('.') ?? '',
      wrong: first?.message ?? '',
    })
  }
  return kind.open(parsed.data, surroundings)
}
