import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { tell } from './output.ts'

/** How often a terminal that waits asks again; the first answers come faster, for what ends at once. */
const pausesMs = [100, 200, 300, 500]

/** Asks until the thing has ended, and says on standard error how it stands whenever that changes. */
export async function waitFor<T>(
  command: Command,
  ask: () => Promise<T>,
  standing: (value: T) => { readonly isOver: boolean; readonly words: string },
): Promise<T> {
  let told = ''
  for (let round = 0; ; round++) {
    const value = await ask()
    const { isOver, words } = standing(value)
    if (words !== told) tell(command, words)
    told = words
    if (isOver) return value
    await pause(pausesMs[Math.min(round, pausesMs.length - 1)])
  }
}
