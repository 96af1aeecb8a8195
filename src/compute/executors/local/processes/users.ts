import { problem } from '../../problems.ts'

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
  readonly #findBusy: () => Iterable<number>
  #busy = new Set<number>()
  #next = 0

  /**
   * `findBusy` names the ids that own any process, zombies too: where nobody reaps them (a container without an init) they
   * count against the id's process limit. It is asked at the start of each round.
   */
  constructor(range: UserRange, taken: Iterable<number>, findBusy: () => Iterable<number>) {
    this.#range = range
    this.#taken = new Set(taken)
    this.#findBusy = findBusy
  }

  take(): number {
    for (let tried = 0; tried < this.#range.count; tried++) {
      if (this.#next === 0) this.#busy = new Set(this.#findBusy())
      const uid = this.#range.first + this.#next
      this.#next = (this.#next + 1) % this.#range.count
      if (this.#taken.has(uid) || this.#busy.has(uid)) continue
      this.#taken.add(uid)
      return uid
    }
    throw problem('compute.attempt-users', { count: this.#range.count })
  }

  giveBack(uid: number): void {
    this.#taken.delete(uid)
  }
}
