import type { JobSpec } from '../../compute/contract.ts'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'

export interface RunOptions {
  readonly name: string
  readonly input: readonly string[]
  readonly env: readonly string[]
  readonly cpus?: number
  readonly memory?: number
  readonly disk?: number
  readonly processes?: number
  readonly timeLimit?: number
  readonly retries?: number
  readonly priority?: number
}

/** What the base is asked to run; what the call leaves out, the base fills in. */
export function specOf(command: readonly string[], options: RunOptions): Partial<Record<keyof JobSpec, unknown>> {
  const { cpus, memory: memoryBytes, disk: diskBytes, processes, timeLimit, retries, priority } = options
  return {
    name: options.name,
    command,
    inputs: options.input.map(inputOf),
    environment: Object.fromEntries(options.env.map((one) => pairOf(one, '--env'))),
    resources: given({ cpus, memoryBytes, diskBytes, processes }),
    ...given({ timeLimitMs: timeLimit, priority }),
    ...(retries === undefined ? {} : { maxAttempts: retries + 1 }),
  }
}

function inputOf(text: string): { path: string; sha256: string } | { path: string; snapshot: string } {
  const [path, what] = pairOf(text, '--input')
  return /^[0-9a-f]{64}$/.test(what) ? { path, sha256: what } : { path, snapshot: what }
}

function pairOf(text: string, option: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new Stop(words(`${option} needs NAME=VALUE, not ${text}`, `${option} 应为 名称=值，而不是 ${text}`), exit.call)
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
