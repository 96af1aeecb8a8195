import { readFileSync } from 'node:fs'

/** Middle value; of an even number the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.ceil((sorted.length - 1) / 2)]
  if (low === undefined || high === undefined) throw new Error('nothing has no median')
  return (low + high) / 2
}

/** The value below which that part of the numbers lies (nearest rank). */
export function quantile(numbers: readonly number[], part: number): number {
  const found = numbers.toSorted((a, b) => a - b)[Math.min(Math.floor(part * numbers.length), numbers.length - 1)]
  if (found === undefined) throw new Error('nothing has no quantile')
  return found
}

export interface Spent {
  readonly wallMs: number
  /** CPU of every thread of this process, user and system. */
  readonly cpuMs: number
}

export async function spent(work: () => unknown): Promise<Spent> {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs, cpuMs: (user + system) / 1000 }
}

// USER_HZ of Linux on every architecture that Node runs on.
const tickMs = 10

/** CPU of a process since it began, in steps of 10 ms (proc(5), fields utime and stime). */
export function cpuOfProcessMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Runs the work again and again on so many hands until the count is done; the worst of it is thrown. */
export async function onHands(hands: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const hand = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: hands }, hand))
}
