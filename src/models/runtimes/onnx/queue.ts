/** What the queue needs to know of a request to choose the next batch. */
export interface Queued {
  readonly acceptedAt: number
  /** Rows it adds to a batch. */
  readonly rows: number
  /** Requests with equal keys may be joined; null joins with none. */
  readonly key: string | null
}

export interface BatchLimits {
  readonly maxBatch: number
  readonly maxDelayMs: number
}

/**
 * Takes the next batch out of the queue: the oldest request and, in order of arrival, those that may join it while the
 * rows stay within `maxBatch` (one larger request runs alone). An unfinished batch waits until its oldest request has
 * waited `maxDelayMs`: then `batch` is empty and `waitMs` says how long is left.
 */
export function takeBatch<T extends Queued>(
  queue: T[],
  limits: BatchLimits,
  now: number,
): { readonly batch: readonly T[]; readonly waitMs: number } {
  const [head] = queue
  if (head === undefined) return { batch: [], waitMs: Number.POSITIVE_INFINITY }
  if (head.key === null || head.rows >= limits.maxBatch) return { batch: queue.splice(0, 1), waitMs: 0 }
  const batch: T[] = []
  const rest: T[] = []
  let rows = 0
  for (const request of queue) {
    const joins = request.key === head.key && rows + request.rows <= limits.maxBatch
    if (joins) rows += request.rows
    ;(joins ? batch : rest).push(request)
  }
  const waitMs = head.acceptedAt + limits.maxDelayMs - now
  if (rows < limits.maxBatch && rest.length === 0 && waitMs > 0) return { batch: [], waitMs }
  queue.splice(0, queue.length, ...rest)
  return { batch, waitMs: 0 }
}
