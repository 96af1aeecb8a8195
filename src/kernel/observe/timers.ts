import { setTimeout as delay } from 'node:timers/promises'

/** Calls `run` every so often without keeping the process alive; the answer stops it. */
export function every(periodMs: number, run: () => void): () => void {
  const timer = setInterval(run, periodMs).unref()
  return () => clearInterval(timer)
}

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
