import type { Command } from 'commander'
import type { Job } from '../../compute/contract.ts'
import { type BaseClient, exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { show } from '../base/output.ts'
import { waitFor } from '../base/wait.ts'
import { described } from './described.ts'

const ended: readonly Job['state'][] = ['succeeded', 'failed', 'cancelled', 'lost']

/** Stays until the job ends and shows it; stops with exit code 1 where it did not succeed. */
export async function waitForJob(command: Command, base: BaseClient, id: string): Promise<void> {
  const job = await waitFor(
    command,
    () => base.get<Job>(`./jobs/${id}`),
    ({ state, progress }) => ({
      isOver: ended.includes(state),
      words: `${id} ${state}${progress === null ? '' : ` ${JSON.stringify(progress)}`}`,
    }),
  )
  show(command, job, () => described(job))
  if (job.state === 'succeeded') return
  const why = job.ending?.message ?? job.ending?.reason ?? ''
  const en = `${job.name} ${job.state}${why === '' ? '' : `: ${why}`}. What it printed: pilotbase jobs log ${id} --stderr`
  const zh = `作业 ${job.name} ${job.state}${why === '' ? '' : `：${why}`}。输出：pilotbase jobs log ${id} --stderr`
  throw new Stop(words(en, zh), exit.refused)
}
