import { setImmediate as afterThisTurn } from 'node:timers/promises'
import type { EndReason, Handle, Observation, Surroundings, Usage } from '../executor.ts'
import type { AttemptFolder, AttemptRecord } from './folders/attempt-folder.ts'
import { Census, type Sought } from './processes/census.ts'
import { writtenBytes } from './folders/disk.ts'
import { type Signal, signalMembers } from './processes/ending.ts'
import type { ProcessRow, ProcessTable } from './processes/process-table.ts'
import { addSample, type Seen, trimLog } from './sampling.ts'
import { signalUser, startSupervisor, supervisorTasks, type SupervisorSetup } from './supervisor.ts'
import { type Claim, type Evidence, judge } from './folders/verdict.ts'

/** An attempt whose end isn't on record yet. */
interface Live {
  readonly folder: AttemptFolder
  readonly record: AttemptRecord
  readonly seen: Seen
  /** Set while its supervisor is being started or is our child; an adopted one is looked for in the process table. */
  child: Promise<void> | null
  killAt: number | null
  /** When it was last known to run; null for an adopted one that was not looked at yet. */
  seenAt: number | null
  nextDiskAt: number
  settling: Promise<void> | null
}

/** Looks after the attempts that have not ended: starts, samples, ends and settles them. One for all of an executor's. */
export class Keeper {
  readonly #setup: SupervisorSetup
  readonly #table: ProcessTable
  readonly #surroundings: Surroundings
  readonly #census: Census
  readonly #live = new Map<string, Live>()
  readonly #listeners = new Set<(handle: Handle) => void>()
  readonly #pending = new Set<Promise<void>>()
  /** What the base's own user runs, where attempts run as it: counted once a second, since counting reads every process. */
  #ownTasks = { tasks: 0, countedAt: Number.NEGATIVE_INFINITY }
  #reading: Promise<Map<string, ProcessRow[]>> | null = null
  #looking = false
  #closed = false

  constructor(setup: SupervisorSetup, table: ProcessTable, surroundings: Surroundings) {
    this.#setup = setup
    this.#table = table
    this.#surroundings = surroundings
    this.#census = new Census(table)
  }

  watch(listener: (handle: Handle) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes over what an earlier base left, and goes on ending what that one had begun to end. */
  async adopt(folders: readonly AttemptFolder[]): Promise<void> {
    for (const folder of folders) {
      if (folder.end()) continue
      const live = this.#liveOf(folder)
      const { claim, baseReason } = this.#evidence(live)
      if (baseReason && !claim) folder.claimForNobody()
      if (baseReason === 'cancelled') await this.#askToEnd(live)
      else if (baseReason) await this.#signal(live, 'KILL')
    }
  }

  /** Starts a supervisor unless one has the attempt already. */
  async start(folder: AttemptFolder): Promise<void> {
    if (folder.claim() || folder.end()) return
    const live = this.#liveOf(folder)
    live.child ??= this.#spawn(live)
    await live.child
  }

  async observe(folder: AttemptFolder): Promise<Observation> {
    const end = folder.end()
    if (end) return end
    if (!folder.exists()) return lostWithoutTrace
    const live = this.#liveOf(folder)
    const evidence = this.#evidence(live)
    const verdict = judge(evidence)
    if (verdict.state === 'exited' || verdict.state === 'lost') {
      await this.#settle(live, false)
      return folder.end() ?? { ...verdict, usage: this.#usage(live, evidence) }
    }
    return { ...verdict, usage: this.#usage(live, evidence) }
  }

  async cancel(folder: AttemptFolder): Promise<void> {
    if (folder.end()) return
    const live = this.#liveOf(folder)
    const { exit } = this.#evidence(live)
    if (exit) return
    folder.giveReason('cancelled')
    if (folder.claimForNobody()) await this.#settle(live, true)
    else await this.#askToEnd(live)
  }

  /** One round of sampling for all attempts; a round that falls due during another is left out. */
  look(): void {
    if (this.#looking || this.#live.size === 0 || this.#closed) return
    this.#looking = true
    this.#track(this.#look().finally(() => (this.#looking = false)))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#pending)
  }

  async #look(): Promise<void> {
    const lives = [...this.#live.values()].filter((live) => !live.settling)
    const members = this.#members(lives)
    for (const live of lives) {
      if (live.settling) continue
      await this.#settleIfEnded(live)
      if (live.settling) continue
      for (const stream of ['stdout', 'stderr'] as const) {
        trimLog(live.folder.logPath(stream), this.#setup.logLimitBytes)
      }
      live.seenAt = this.#surroundings.now()
      this.#measureDisk(live)
      const breach = addSample(live.seen, members.get(live.folder.attemptId) ?? [], live.record.spec.resources)
      if (breach) await this.#end(live, breach)
      else if (live.killAt !== null && this.#surroundings.now() >= live.killAt) await this.#signal(live, 'KILL')
    }
  }

  #liveOf(folder: AttemptFolder): Live {
    const known = this.#live.get(folder.attemptId)
    if (known) return known
    const live: Live = {
      folder,
      record: folder.record(),
      seen: { cpuSeconds: null, peakMemoryBytes: null, diskBytes: null },
      child: null,
      killAt: null,
      seenAt: null,
      nextDiskAt: 0,
      settling: null,
    }
    this.#live.set(folder.attemptId, live)
    return live
  }

  async #spawn(live: Live): Promise<void> {
    try {
      const child = await startSupervisor(live.folder, live.record, this.#setup, this.#taskLimit(live))
      child.once('exit', (code) => this.#track(this.#supervisorGone(live, code === 0)))
    } catch (error) {
      live.child = null
      throw error
    }
  }

  async #supervisorGone(live: Live, orderly: boolean): Promise<void> {
    live.child = null
    if (this.#closed) return
    // it never got as far as its claim: then none may, or the attempt would start after it was called lost
    live.folder.claimForNobody()
    // as a user of its own, one that leaves in order has killed all others of that user before
    await this.#settleIfEnded(live, orderly && live.record.uid !== null)
  }

  async #settleIfEnded(live: Live, allGone = false): Promise<void> {
    const { state } = judge(this.#evidence(live))
    if (state === 'exited' || state === 'lost') await this.#settle(live, allGone)
  }

  /** Makes sure that nothing of the attempt runs, then puts its end on record, then tells. */
  #settle(live: Live, allGone: boolean): Promise<void> {
    live.settling ??= (async () => {
      const evidence = this.#evidence(live)
      if (!allGone) await this.#endLeftovers(live)
      for (const stream of ['stdout', 'stderr'] as const) {
        trimLog(live.folder.logPath(stream), this.#setup.logLimitBytes)
      }
      live.folder.writeEnd({ ...judge(evidence), usage: this.#usage(live, evidence) })
      this.#live.delete(live.folder.attemptId)
      for (const listener of this.#listeners) listener(live.folder.attemptId as Handle)
    })()
    return live.settling
  }

  /** Without a user id of its own the whole process table is read; one reading serves all that end in one turn. */
  async #endLeftovers(live: Live): Promise<void> {
    if (live.record.uid === null) {
      this.#reading ??= afterThisTurn().then(() => {
        this.#reading = null
        return this.#members([...this.#live.values()])
      })
      if ((await this.#reading).get(live.folder.attemptId)?.length === 0) return
    }
    await this.#signal(live, 'KILL')
  }

  async #end(live: Live, reason: EndReason): Promise<void> {
    live.folder.giveReason(reason)
    await this.#signal(live, 'KILL')
  }

  async #askToEnd(live: Live): Promise<void> {
    live.killAt ??= this.#surroundings.now() + live.record.spec.graceMs
    await this.#signal(live, 'TERM')
  }

  async #signal(live: Live, signal: Signal): Promise<void> {
    const { uid } = live.record
    if (uid !== null) return signalUser(uid, signal, this.#setup.shell)
    signalMembers(() => this.#members([live]).get(live.folder.attemptId) ?? [], signal)
  }

  #members(lives: readonly Live[]): Map<string, ProcessRow[]> {
    return this.#census.take(
      lives.map((live): Sought => {
        const claim = live.folder.claim()
        const isAlive = claim?.kind === 'supervisor' && this.#isAlive(live, claim)
        return {
          attemptId: live.folder.attemptId,
          uid: live.record.uid,
          supervisorPid: isAlive ? claim.pid : null,
        }
      }),
    )
  }

  #evidence(live: Live): Evidence {
    return live.folder.evidence((claim) => this.#isAlive(live, claim))
  }

  #isAlive(live: Live, claim: Claim): boolean {
    if (claim.kind === 'never') return false
    const { attemptId } = live.folder
    // torn: it is just being written, or was when the machine stopped
    if (claim.kind === 'torn')
      return (
        (this.#census.take([{ attemptId, uid: live.record.uid, supervisorPid: null }]).get(attemptId) ?? []).length > 0
      )
    if (claim.bootId !== '-' && claim.bootId !== this.#table.bootId()) return false
    const born = this.#table.born(claim.pid)
    if (claim.born !== '-') return born === claim.born
    return born !== null && this.#table.attemptOf(claim.pid) === attemptId
  }

  #usage(live: Live, { exit, supervisorAlive }: Evidence): Usage {
    const { cpuSeconds, peakMemoryBytes, diskBytes } = live.seen
    const counted = [exit?.cpuSeconds ?? null, cpuSeconds].filter((each) => each !== null)
    const startedAt = live.folder.startedAt()
    const endedAt = exit ? live.folder.exitedAt() : supervisorAlive ? this.#surroundings.now() : live.seenAt
    return {
      cpuSeconds: counted.length === 0 ? null : Math.max(...counted),
      peakMemoryBytes,
      diskBytes,
      wallMs: startedAt === null || endedAt === null ? null : Math.max(0, Math.round(endedAt - startedAt)),
    }
  }

  /** Walks of large folders are spaced so that they take a fifth of the time at most, or ten seconds pass. */
  #measureDisk(live: Live): void {
    const { workFolder, resources } = live.record.spec
    const startedAt = this.#surroundings.now()
    if (startedAt < live.nextDiskAt) return
    live.nextDiskAt = Number.POSITIVE_INFINITY
    this.#track(
      writtenBytes(workFolder, resources.diskBytes).then((bytes) => {
        live.seen.diskBytes = bytes
        const now = this.#surroundings.now()
        live.nextDiskAt = now + Math.min(10_000, 4 * (now - startedAt))
      }),
    )
  }

  /**
   * RLIMIT_NPROC counts a whole user. With a user id of its own that is the attempt; otherwise it is all that user runs, so
   * the limit only stops an explosion, and sampling counts exactly.
   */
  #taskLimit(live: Live): number {
    if (live.record.uid !== null) return live.record.spec.resources.processes + supervisorTasks
    const now = this.#surroundings.now()
    if (now - this.#ownTasks.countedAt > 1000) {
      const own = process.getuid?.()
      const tasks = own === undefined ? 0 : (this.#table.tasksByUser().get(own) ?? 0)
      this.#ownTasks = { tasks, countedAt: now }
    }
    const allowed = [...this.#live.values()].reduce((sum, each) => sum + each.record.spec.resources.processes, 0)
    return this.#ownTasks.tasks + allowed + supervisorTasks * this.#live.size + roomForOthers
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#surroundings.fault(error))
      .finally(() => this.#pending.delete(tracked))
    this.#pending.add(tracked)
  }
}

/** What else the base's user may start while an attempt runs, in processes and threads. */
const roomForOthers = 64

const lostWithoutTrace: Observation = {
  state: 'lost',
  exitCode: null,
  signal: null,
  reason: null,
  usage: { cpuSeconds: null, peakMemoryBytes: null, diskBytes: null, wallMs: null },
}
