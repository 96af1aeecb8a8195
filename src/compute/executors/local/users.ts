import { problem } from '../problems.ts'

export interface UserRange {
  readonly first: number
  readonly count: number
}

/**
 * Numeric user ids for attempts, taken round and round, so that one is used again as late as possible: what an earlier
 * attempt left in a shared place such as the system's temporary folder belongs to its id. No passwd entry is needed.
 */
export class Users {
  readonly #range: UserRange
  readonly #taken: Set<number>
  #next = 0

  constructor(range: UserRange, taken: Iterable<number>) {
    this.#range = range
    this.#taken = new Set(taken)
  }

  take(): number {
    for (let tried = 0; tried < this.#range.count; tried++) {
      const uid = this.#range.first + this.#next
      this.#next = (this.#next + 1) % this.#range.count
      if (this.#taken.has(uid)) continue
      this.#taken.add(uid)
      return uid
    }
    throw problem('compute.attempt-users', { count: this.#range.count })
  }

  giveBack(uid: number): void {
    this.#taken.delete(uid)
  }
}
