import type { ProcessRow } from './process-table.ts'

export type Signal = 'TERM' | 'KILL'

/** Readings of the process table until none is new; each stops what it finds, so a fork bomb is spent after a few. */
const mostRounds = 20

/** Signals an attempt without a user id of its own, process by process. */
export function signalMembers(members: () => readonly ProcessRow[], signal: Signal): void {
  if (signal === 'TERM') {
    for (const row of members()) send(row.pid, 'SIGTERM')
    return
  }
  // stopped first: what is stopped doesn't fork while the rest is looked for
  const stopped = new Map<string, number>()
  for (let round = 0; round < mostRounds; round++) {
    const fresh = members().filter((row) => !stopped.has(`${row.pid} ${row.born}`))
    if (fresh.length === 0) break
    for (const row of fresh) {
      send(row.pid, 'SIGSTOP')
      stopped.set(`${row.pid} ${row.born}`, row.pid)
    }
  }
  for (const pid of stopped.values()) send(pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // gone since the reading
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
