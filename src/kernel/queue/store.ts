import type { Tx } from '../database/database.ts'

export interface EnqueueOptions {
  /** Work with the same key replaces what still waits under it: a wish that is already there is not doubled. */
  readonly key?: string
  readonly delayMs?: number
  /** Tries before the work is parked with its error. */
  readonly maxAttempts?: number
  /** Lower runs first. */
  readonly priority?: number
}

/** Enqueues work in the transaction that causes it: both are committed, or neither. */
export async function enqueue(tx: Tx, task: string, payload: object, options: EnqueueOptions = {}): Promise<number> {
  const { key = null, delayMs = 0, maxAttempts = 10, priority = 0 } = options
  const row = await tx.one<{ id: number }>('select kernel.enqueue($1, $2, $3, $4, $5, $6) as id', [
    task,
    JSON.stringify(payload),
    key,
    delayMs,
    maxAttempts,
    priority,
  ])
  return row.id
}
