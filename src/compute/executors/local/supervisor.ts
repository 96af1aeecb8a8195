import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { LaunchSpec } from '../executor.ts'
import { problem } from '../problems.ts'
import type { AttemptFolder, AttemptRecord } from './folders/attempt-folder.ts'
import { signalUserScript, superviseScript } from './supervise-script.ts'

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Supervisor, timer and its sleep count against the attempt's own user id. */
export const supervisorTasks = 3

export interface SupervisorSetup {
  /** The shell and what comes before `-c`: ['/bin/sh'], or ['/bin/busybox', 'sh']. */
  readonly shell: readonly string[]
  readonly sleep: string
  readonly logLimitBytes: number
  /** Variables that select accelerators; all are set empty for an attempt that claims none. */
  readonly deviceVariables: readonly string[]
}

/** Starts a supervisor in a session of its own. Starting two for one attempt is harmless: one finds it claimed. */
export async function startSupervisor(
  folder: AttemptFolder,
  { spec, uid }: AttemptRecord,
  setup: SupervisorSetup,
  taskLimit: number,
): Promise<ChildProcess> {
  const append = constants.O_WRONLY | constants.O_APPEND
  const stdout = openSync(folder.logPath('stdout'), append)
  const stderr = openSync(folder.logPath('stderr'), append)
  const [shell = '/bin/sh', ...before] = setup.shell
  const environment = environmentOf(spec, setup.deviceVariables)
  const { memoryBytes, diskBytes, devices } = spec.resources
  const limits = [
    spec.timeLimitMs / 1000,
    spec.graceMs / 1000,
    Math.ceil(Math.max(diskBytes, setup.logLimitBytes) / 512),
    // a backstop for when even the timer was killed: no process can use more than all cores for the whole time
    Math.ceil((spec.timeLimitMs / 1000) * availableParallelism()) + 1,
    // Private memory of one process, beyond what sampling holds it to: it bounds what is touched between two samples.
    // Drivers of accelerators map many times what they use, so there it would only break what works.
    devices ? 'unlimited' : Math.ceil((memoryBytes * 2 + 256 * 2 ** 20) / 1024),
    taskLimit,
  ]
  try {
    const child = spawn(
      shell,
      [
        ...before,
        '-c',
        superviseScript,
        'pilotbase-attempt',
        folder.own,
        uid === null ? '0' : '-1',
        ...limits.map(String),
        setup.sleep,
        ...spec.command,
      ],
      {
        cwd: spec.workFolder,
        env: environment,
        detached: true,
        stdio: ['ignore', stdout, stderr],
        ...(uid === null ? {} : { uid, gid: uid }),
      },
    )
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) =>
        reject(problem('compute.attempt-not-started', { attemptId: folder.attemptId, cause: error.message }, error)),
      )
    })
    child.unref()
    return child
  } finally {
    closeSync(stdout)
    closeSync(stderr)
  }
}

/** Sends a signal to everything that runs as the user id, by a process that runs as it: it can reach nothing else. */
export async function signalUser(uid: number, signal: 'TERM' | 'KILL', shell: readonly string[]): Promise<void> {
  const [program = '/bin/sh', ...before] = shell
  const child = spawn(program, [...before, '-c', signalUserScript, 'pilotbase-signal', signal], {
    uid,
    gid: uid,
    env: {},
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve())
    child.once('error', reject)
  })
}

function environmentOf(spec: LaunchSpec, deviceVariables: readonly string[]): Record<string, string> {
  const { devices } = spec.resources
  return {
    PATH: path,
    LANG: 'C.UTF-8',
    HOME: spec.workFolder,
    TMPDIR: join(spec.workFolder, 'tmp'),
    ...spec.environment,
    ...Object.fromEntries(deviceVariables.map((name) => [name, ''])),
    ...(devices ? { [devices.variable]: devices.indices.join(',') } : {}),
    // the inventory numbers NVIDIA's devices by bus as nvidia-smi does; CUDA's own default is the fastest first
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    PILOTBASE_ATTEMPT: spec.attemptId,
  }
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // not there, or not for running: the caller looks further
    return false
  }
}
