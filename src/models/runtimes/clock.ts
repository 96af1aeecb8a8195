import { setTimeout as startTimer } from 'node:timers'

/** Time as a runtime sees it; tests hand in one that they move themselves. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  now(): number
  /** Calls once after `delayMs`; the returned function cancels. */
  after(delayMs: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, call) {
    const timer = startTimer(call, delayMs)
    return () => clearTimeout(timer)
  },
}
