import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startBase, temporaryFolder } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { median } from './measuring/timing.ts'

/** How long a base takes to be ready, and what it holds in memory when nobody asks it anything. */
export async function measure(): Promise<Figure[]> {
  const data = join(temporaryFolder(), 'data')
  const first = await startBase(data)
  await first.stop()
  const seconds: number[] = []
  let heldMb = 0
  let processes = 0
  const rounds = isQuick ? 1 : 2
  for (let round = 0; round < rounds; round++) {
    const base = await startBase(data)
    seconds.push(base.readyMs / 1000)
    if (round === rounds - 1) {
      await pause(10_000)
      const all = family(base.pid)
      processes = all.length
      heldMb = all.reduce((sum, pid) => sum + heldBytes(pid), 0) / 1e6
    }
    await base.stop()
  }
  const again =
    seconds.length === 1 ? '' : `median of ${seconds.length}, longest ${Math.max(...seconds).toFixed(2)} s; `
  return [
    {
      name: 'start.first',
      value: first.readyMs / 1000,
      unit: 's',
      target: { atMost: 60 },
      how: 'pilotbase serve on an empty folder, process start to "ready", packages installed, demo filled',
      peer: { name: 'Kubernetes 1.31 control plane', value: 2.9, isMeasuredHere: false },
    },
    {
      name: 'start.again',
      value: median(seconds),
      unit: 's',
      target: { atMost: 5 },
      how: `pilotbase serve on a folder that was stopped cleanly, process start to "ready"; ${again}database stopped with it`,
      peer: { name: 'Ray 2.60 head', value: 10, isMeasuredHere: false },
    },
    {
      name: 'idle.memory',
      value: heldMb,
      unit: 'MB',
      target: { atMost: 250 },
      how: `proportional set size of the base and its children 10 s after a start, ${processes} processes, MB of 10⁶ bytes`,
      peer: { name: 'MLflow 3.17 server', value: 717, isMeasuredHere: false },
    },
  ]
}

/** The process and all below it. */
function family(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = textOf(`/proc/${name}/stat`)
    if (text !== null) parents.set(Number(name), Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const found = [root]
  for (const one of found) for (const [pid, parent] of parents) if (parent === one) found.push(pid)
  return found
}

/** Shared pages are counted in parts, so that the sum over processes counts them once. */
function heldBytes(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`) ?? '')?.[1]
  return Number(kib ?? 0) * 1024
}

/** Null where the process ended meanwhile. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
