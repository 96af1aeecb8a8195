import type { Database } from '../database/database.ts'

/** Wakes whoever watches when something was committed, in this base or another that shares the database. */
export interface EventBus {
  /** Resolves at the next announcement, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export async function openEventBus(database: Database): Promise<EventBus> {
  const waiting = new Set<() => void>()
  const stop = await database.listen('pilotbase_event', () => {
    for (const wake of waiting) wake()
  })
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      }),
    close: stop,
  }
}
