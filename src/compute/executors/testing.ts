import type { Executor, Handle, LaunchSpec, Observation, Surroundings } from './executor.ts'

/** The real clock; a fault fails the test run, since nobody waits for it. */
export const realSurroundings: Surroundings = {
  now: () => Date.now(),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  },
  fault(error) {
    throw error
  },
}

/** A modest attempt of a shell script, with any of it changed. */
export function scriptSpec(
  attemptId: string,
  workFolder: string,
  script: string,
  changes: Partial<Omit<LaunchSpec, 'resources'>> & { resources?: Partial<LaunchSpec['resources']> } = {},
): LaunchSpec {
  return {
    attemptId,
    command: ['/bin/sh', '-c', script],
    environment: {},
    workFolder,
    timeLimitMs: 20_000,
    graceMs: 200,
    ...changes,
    resources: {
      cpus: 1,
      memoryBytes: 512 * 2 ** 20,
      diskBytes: 64 * 2 ** 20,
      processes: 20,
      devices: null,
      ...changes.resources,
    },
  }
}

/** Resolves once the attempt stands in one of the states. */
export function reaches(
  executor: Executor,
  handle: Handle,
  states: readonly Observation['state'][],
): Promise<Observation> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      executor.observe(handle).then((observation) => {
        if (!states.includes(observation.state)) return
        stop()
        resolve(observation)
      }, reject)
    }
    const stopWatching = executor.watch((changed) => changed === handle && look())
    const timer = setInterval(look, 10)
    const stop = (): void => {
      stopWatching()
      clearInterval(timer)
    }
    look()
  })
}

export const ended = (executor: Executor, handle: Handle): Promise<Observation> =>
  reaches(executor, handle, ['exited', 'lost'])

/** Resolves with the log once it holds the text. */
export async function logHolding(executor: Executor, handle: Handle, text: string): Promise<string> {
  let log = ''
  await until(async () => {
    const { state } = await executor.observe(handle)
    log = await wholeLog(executor, handle)
    if (!log.includes(text) && (state === 'exited' || state === 'lost')) {
      throw new Error(`${state} without writing ${text}: ${log}`)
    }
    return log.includes(text)
  })
  return log
}

/** For what nobody tells of, such as another process going away: asks every 10 ms. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

export async function wholeLog(
  executor: Executor,
  handle: Handle,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<string> {
  const parts: Uint8Array[] = []
  for (let at = 0; ; ) {
    const part = await executor.readLog(handle, stream, at)
    if (part.length === 0) return Buffer.concat(parts).toString()
    parts.push(part)
    at += part.length
  }
}
