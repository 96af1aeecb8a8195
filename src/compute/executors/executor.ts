import type { z } from 'zod'

/**
 * What every executor promises, whether it starts processes here, batch jobs on Slurm, or pods on Kubernetes.
 *
 * The caller owns the work folder: it stages `inputs/` before the launch and reads `outputs/` after the end. The executor
 * owns everything between: one attempt id is started at most once, however often `launch` is called and wherever the base
 * was killed meanwhile. Attempt ids are DNS labels so that they can serve as a pod's name or a Slurm job's name as they are.
 */
export interface Executor {
  readonly name: string
  /** Starts the attempt unless that id was started before; answers the same handle either way. */
  launch(spec: LaunchSpec): Promise<Handle>
  /** How the attempt stands now. A handle whose records have vanished is `lost`. */
  observe(handle: Handle): Promise<Observation>
  /** Asks the attempt to end (SIGTERM, after its grace SIGKILL). The wish is durable; the end shows in `observe`. */
  cancel(handle: Handle): Promise<void>
  /** The next bytes of one stream from a byte offset; empty when there are none now. A capped stream ends in a marker line. */
  readLog(handle: Handle, stream: LogStream, fromByte: number): Promise<Uint8Array>
  /** After the end: the work folder with `outputs/` in place, and which files in it are safe to read. */
  collect(handle: Handle): Promise<Collected>
  /** After the end: drops the executor's records and logs, and gives back what it reserved. The work folder stays. */
  forget(handle: Handle): Promise<void>
  /** Attempts that this executor still has records of, for a base that has just started. */
  adoptable(): Promise<readonly Adoptable[]>
  /** Calls the listener whenever an attempt may have ended; the answer stops that. */
  watch(listener: (handle: Handle) => void): () => void
  /** Stops watching. Attempts run on and are adopted by the next executor opened on the same place. */
  close(): Promise<void>
}

/** Opaque and storable; only the executor that made it reads it. */
export type Handle = string & { readonly handle: unique symbol }

export type LogStream = 'stdout' | 'stderr'

export interface LaunchSpec {
  readonly attemptId: string
  /** Program and arguments, run without a shell. */
  readonly command: readonly string[]
  /** All that the command sees beside PATH, LANG, HOME, TMPDIR, the device selection and PILOTBASE_ATTEMPT. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Absolute; holds `inputs/`, and `outputs/` for what the command makes. The command starts in it. What is staged must be
   * readable by others: the attempt may run as a user of its own, and the folder is closed to all but that one.
   */
  readonly workFolder: string
  readonly resources: Resources
  /** Wall-clock time from start to SIGTERM. */
  readonly timeLimitMs: number
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
}

export interface Resources {
  /** A reservation for placement. A local attempt isn't pinned to so many cores. */
  readonly cpus: number
  /** Resident memory of all its processes together. */
  readonly memoryBytes: number
  /** What it may write in its work folder, `inputs/` not counted. */
  readonly diskBytes: number
  /** Processes and threads together, as the kernel counts them. */
  readonly processes: number
  /** null: none, and the accelerators of the machine are hidden from it. */
  readonly devices: DeviceClaim | null
}

/** Devices of one vendor. Where the cluster places the attempt itself, only how many indices there are matters. */
export interface DeviceClaim {
  /** The variable that selects devices for this vendor's runtime, from the inventory. */
  readonly variable: string
  readonly indices: readonly number[]
}

export const attemptStates = ['starting', 'running', 'exited', 'lost'] as const
export type AttemptState = (typeof attemptStates)[number]

export const endReasons = ['time-limit', 'memory-limit', 'process-limit', 'disk-limit', 'cancelled'] as const
export type EndReason = (typeof endReasons)[number]

export interface Observation {
  readonly state: AttemptState
  /** As a shell reports it: 128 + n where signal n ended the command. null while it runs, and where nobody saw the end. */
  readonly exitCode: number | null
  readonly signal: string | null
  /** Why the executor ended it; null when it ended by itself. */
  readonly reason: EndReason | null
  readonly usage: Usage
}

/** Each figure is null where it was never measured: an attempt may be shorter than the sampling period. */
export interface Usage {
  readonly cpuSeconds: number | null
  readonly peakMemoryBytes: number | null
  readonly diskBytes: number | null
  readonly wallMs: number | null
}

export interface Collected {
  readonly workFolder: string
  /** Regular files under `outputs/`, by path relative to it. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
  /** Links, sockets, pipes and devices: never followed, since the base may read what the attempt may not. */
  readonly refused: readonly string[]
}

export interface Adoptable {
  readonly attemptId: string
  readonly handle: Handle
}

/** What an executor needs from whoever runs it: time, so that a test can own it, and somebody to tell of a fault. */
export interface Surroundings {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Calls `run` every so often without keeping the process alive; the answer stops it. */
  every(periodMs: number, run: () => void): () => void
  /** Something failed that no caller waits for, such as one round of sampling. */
  fault(error: unknown): void
}

/** One row of the registry. */
export interface ExecutorKind<Options> {
  readonly name: string
  readonly options: z.ZodType<Options>
  open(options: Options, surroundings: Surroundings): Promise<Executor>
}
