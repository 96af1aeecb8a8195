import { chmodSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { platform } from 'node:process'
import { z } from 'zod'
import { selectionVariables } from '../../devices/vendors.ts'
import type {
  Adoptable,
  Collected,
  Executor,
  ExecutorKind,
  Handle,
  LaunchSpec,
  LogStream,
  Observation,
  Surroundings,
} from '../executor.ts'
import { checkSpec } from '../launch-spec.ts'
import { problem } from '../problems.ts'
import { AttemptFolder, listAttempts } from './folders/attempt-folder.ts'
import { collectOutputs } from './folders/disk.ts'
import { readLogBytes } from './folders/log.ts'
import { Keeper } from './keeper.ts'
import { procTable, psTable } from './processes/process-table.ts'
import { isExecutable } from './supervisor.ts'
import { Users } from './processes/users.ts'
import { openToOthers, prepareWorkFolder, takeBackWorkFolder } from './folders/work-folder.ts'

const options = z.strictObject({
  folder: z.string().min(1).describe('Where records and logs of attempts lie; one base process uses one folder'),
  users: z
    .strictObject({ first: z.int().min(1000), count: z.int().min(1) })
    .default({ first: 50_000, count: 4096 })
    .describe('User ids that attempts run as where the base is root; nothing else on the machine may use them'),
  sampleEveryMs: z.int().min(1).default(500).describe('How often memory, processes and disk of attempts are looked at'),
  logLimitBytes: z
    .int()
    .min(1)
    .default(16 * 2 ** 20)
    .describe("Where each of an attempt's two logs is cut"),
  shell: z.array(z.string()).min(1).default(['/bin/sh']).describe('A POSIX shell, as program and first arguments'),
})

export type LocalOptions = z.infer<typeof options>

/**
 * Attempts as processes of this machine.
 *
 * Each has a supervisor of its own (supervise-script.ts) that outlives the base: it holds the time limit and the kernel's
 * per-process limits, and writes the exit to disk. The base, while it lives, samples what only a sum shows: resident memory,
 * processes and threads, disk. As root each attempt runs under its own numeric user id, which makes the process limit exact,
 * makes everything it started reachable by one kill, and closes its folder to the others. Without root it runs as the base's
 * own user: that keeps honest programs in their limits and is no wall against a hostile one.
 *
 * Control groups are left alone on purpose. They would make the memory limit exact between two samples, and nothing else
 * that the above doesn't do; but whether they are writable, as version 1 or 2 or both, and who owns the tree (systemd, a
 * container runtime) differs on every machine we run on, so each limit would need its second way all the same, and the
 * second way would be the untested one. RLIMIT_DATA bounds what one process can touch between samples. We would notice
 * that this was wrong by the machine's out-of-memory killer choosing something other than the attempt.
 *
 * Not fenced: the network, reading what is open to every user of the machine, writing to shared temporary folders, CPU beyond the
 * reservation. One gap is known: if a hostile attempt hunts down both its supervisor and the timer while no base runs, its
 * wall-clock limit waits for the next base; its CPU seconds stay limited.
 */
export const local: ExecutorKind<LocalOptions> = {
  name: 'local',
  options,
  open: async (chosen, surroundings) => openLocal(chosen, surroundings),
}

async function openLocal(chosen: LocalOptions, surroundings: Surroundings): Promise<Executor> {
  if (platform === 'win32') throw problem('compute.executor-system', { system: platform })
  const attempts = join(resolve(chosen.folder), 'attempts')
  mkdirSync(attempts, { recursive: true })
  const asRoot = process.getuid?.() === 0
  if (asRoot) {
    chmodSync(attempts, 0o711)
    openToOthers(attempts)
  }
  const table = platform === 'linux' ? procTable() : psTable()
  const folders = listAttempts(attempts).map((attemptId) => new AttemptFolder(attempts, attemptId))
  const records = folders.map((folder) => folder.record())
  const users = new Users(
    chosen.users,
    records.flatMap(({ uid }) => (uid === null ? [] : [uid])),
    () => table.tasksByUser().keys(),
  )
  const keeper = new Keeper(
    {
      shell: chosen.shell,
      sleep: ['/bin/sleep', '/usr/bin/sleep'].find(isExecutable) ?? 'sleep',
      logLimitBytes: chosen.logLimitBytes,
      deviceVariables: Object.values(selectionVariables),
    },
    table,
    surroundings,
  )
  await keeper.adopt(folders)
  const stop = surroundings.every(chosen.sampleEveryMs, () => keeper.look())
  const folderOf = (handle: Handle): AttemptFolder => {
    const folder = new AttemptFolder(attempts, handle)
    if (!folder.exists()) throw problem('compute.attempt-unknown', { attemptId: handle })
    return folder
  }
  const endedFolderOf = async (handle: Handle): Promise<AttemptFolder> => {
    const folder = folderOf(handle)
    const { state } = await keeper.observe(folder)
    if (state !== 'exited' && state !== 'lost') throw problem('compute.attempt-not-ended', { attemptId: handle })
    return folder
  }
  return {
    name: 'local',
    async launch(spec: LaunchSpec): Promise<Handle> {
      checkSpec(spec)
      const folder = new AttemptFolder(attempts, spec.attemptId)
      if (!folder.exists()) {
        const uid = asRoot ? users.take() : null
        try {
          prepareWorkFolder(spec.workFolder, uid)
          if (folder.make({ spec, uid }) === 'there-already' && uid !== null) users.giveBack(uid)
        } catch (error) {
          if (uid !== null) users.giveBack(uid)
          throw error
        }
      }
      await keeper.start(folder)
      return spec.attemptId as Handle
    },
    async observe(handle: Handle): Promise<Observation> {
      return keeper.observe(new AttemptFolder(attempts, handle))
    },
    async cancel(handle: Handle): Promise<void> {
      await keeper.cancel(folderOf(handle))
    },
    async readLog(handle: Handle, stream: LogStream, fromByte: number): Promise<Uint8Array> {
      return readLogBytes(folderOf(handle).logPath(stream), fromByte, chosen.logLimitBytes)
    },
    async collect(handle: Handle): Promise<Collected> {
      const folder = await endedFolderOf(handle)
      return collectOutputs(folder.record().spec.workFolder)
    },
    async forget(handle: Handle): Promise<void> {
      if (!new AttemptFolder(attempts, handle).exists()) return
      const folder = await endedFolderOf(handle)
      const { spec, uid } = folder.record()
      if (uid !== null) takeBackWorkFolder(spec.workFolder)
      folder.remove()
      if (uid !== null) users.giveBack(uid)
    },
    async adoptable(): Promise<readonly Adoptable[]> {
      return listAttempts(attempts).map((attemptId) => ({ attemptId, handle: attemptId as Handle }))
    },
    watch: (listener) => keeper.watch(listener),
    async close(): Promise<void> {
      stop()
      await keeper.close()
    },
  }
}
