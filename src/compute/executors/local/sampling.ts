import { statSync, truncateSync } from 'node:fs'
import type { EndReason, Resources } from '../executor.ts'
import type { ProcessRow } from './processes/process-table.ts'
import { supervisorTasks } from './supervisor.ts'

/** What sampling has seen of one attempt so far. */
export interface Seen {
  cpuSeconds: number | null
  peakMemoryBytes: number | null
  diskBytes: number | null
}

/** Adds one reading of the attempt's processes, and says which limit it breaks, if any. */
export function addSample(seen: Seen, members: readonly ProcessRow[], limits: Resources): EndReason | null {
  if (members.length === 0) return null
  const rssBytes = members.reduce((sum, row) => sum + row.rssBytes, 0)
  const tasks = members.reduce((sum, row) => sum + row.threads, 0)
  seen.peakMemoryBytes = Math.max(seen.peakMemoryBytes ?? 0, rssBytes)
  if (members.every((row) => row.cpuSeconds !== null)) {
    seen.cpuSeconds = Math.max(
      seen.cpuSeconds ?? 0,
      members.reduce((sum, row) => sum + (row.cpuSeconds ?? 0), 0),
    )
  }
  if (rssBytes > limits.memoryBytes) return 'memory-limit'
  if (tasks > limits.processes + supervisorTasks) return 'process-limit'
  if (seen.diskBytes !== null && seen.diskBytes > limits.diskBytes) return 'disk-limit'
  return null
}

/** The line that ends a capped log. */
export function capMarker(limitBytes: number): Buffer {
  return Buffer.from(`\n[the log ends here, at its limit of ${limitBytes} bytes]\n`)
}

/**
 * Cuts a log back to one byte over its limit; that byte says that there was more. The attempt writes straight to the file,
 * always at its end, so this costs nothing per line and needs no process of its own that would have to be alive.
 */
export function trimLog(path: string, limitBytes: number): void {
  if (statSync(path).size > limitBytes + 1) truncateSync(path, limitBytes + 1)
}
