import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stand } from '../conformance.ts'
import type { Executor } from '../executor.ts'
import { ended, realSurroundings, scriptSpec } from '../testing.ts'
import { local } from './local-executor.ts'

/** Own ids, apart from the default range, and another range for each process that tests. */
export const testUsers = { first: 40_000 + (process.pid % 90) * 100, count: 100 }

export function openForTest(folder: string, changes: Record<string, unknown> = {}): Promise<Executor> {
  const chosen = local.options.parse({ folder, users: testUsers, sampleEveryMs: 20, ...changes })
  return local.open(chosen, realSurroundings)
}

/** A temporary folder that jobs' users may pass through. */
export async function passableFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotbase-local-'))
  await chmod(folder, 0o711)
  return folder
}

export async function newWorkFolder(root: string, name: string): Promise<string> {
  const folder = join(root, name)
  for (const each of ['inputs', 'outputs']) await mkdir(join(folder, each), { recursive: true })
  return folder
}

/** Ends whatever a failed test left running, too. */
export async function localStand(changes: Record<string, unknown> = {}): Promise<Stand> {
  const root = await passableFolder()
  const executor = await openForTest(join(root, 'local'), changes)
  let folders = 0
  return {
    executor,
    reopen: () => openForTest(join(root, 'local'), changes),
    workFolder: () => newWorkFolder(root, `work-${folders++}`),
    async dispose() {
      await executor.close()
      const last = await openForTest(join(root, 'local'), changes)
      for (const { handle } of await last.adoptable()) {
        await last.cancel(handle)
        await ended(last, handle)
      }
      await last.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Every third attempt outlives the base for sure; each leaves one line a start. */
export function killSpec(folder: string, index: number): ReturnType<typeof scriptSpec> {
  const script = `echo once >> outputs/count; ${index % 3 === 0 ? 'sleep 0.2' : ':'}; exit ${index}`
  return scriptSpec(`kill-${index}`, join(folder, `work-${index}`), script)
}
