import { mkdtempSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BaseProcess, baseIn } from './base-process.ts'
import { checkAudit, checkEvents, checkEvidence, checkParked, ringOf } from './check-records.ts'
import { checkJobs, checkMetrics, checkSnapshots, settledJobs } from './check-rooms.ts'
import { ask, bodyOf, type Door, insist, pause } from './door.ts'
import { type Ledger, newLedger, violated } from './ledger.ts'
import { startLoad } from './load.ts'
import { between, type Random, seeded, shuffled } from './seeded.ts'

export interface FaultOptions {
  readonly baseKills: number
  readonly databaseKills: number
  readonly seed: number
  /** Called with a line of progress. */
  readonly tell: (line: string) => void
}

export interface FaultReport {
  readonly ledger: Ledger
  readonly baseKills: number
  readonly databaseKills: number
  /** From the first start to the last process gone. */
  readonly seconds: number
  readonly killSeconds: number
  /** Empty where all holds; else the base's folder, kept with its log. */
  readonly kept: string
}

/** A base that is up is killed within so long; one start in five is killed while it starts. */
const longestLifeMs = 1_500
const longestStartMs = 2_500
const killsWhileStarting = 0.2
const readyLimitMs = 60_000

/** Puts a base under load, kills it and its database at random moments, and holds it to what it acknowledged. */
export async function runFaults({ baseKills, databaseKills, seed, tell }: FaultOptions): Promise<FaultReport> {
  const startedAt = Date.now()
  const random = seeded(seed)
  const folder = mkdtempSync(join(tmpdir(), 'pilotbase-faults-'))
  // Jobs run as users of their own where the base is root: they pass through, and each leaves its own markers.
  await chmod(folder, 0o711)
  const markers = join(folder, 'markers')
  await mkdir(markers)
  await chmod(markers, 0o1733)
  const base = await baseIn(folder)
  const ledger = newLedger()
  const gate = newGate()
  if (!(await base.start())) throw new Error(`the base does not start: ${base.logFile}`)
  const door = await moveIn(base, ledger, gate)
  gate.open()
  const load = startLoad({ door, random: seeded(seed + 1), markers })
  const done = { base: 0, database: 0 }
  const kinds = shuffled(random, [
    ...Array.from({ length: baseKills }, () => 'base' as const),
    ...Array.from({ length: databaseKills }, () => 'database' as const),
  ])
  const killsStartedAt = Date.now()
  for (const kind of kinds) {
    await pause(between(random, 20, longestLifeMs))
    if (kind === 'base') done.base += await killBase(base, gate, random, baseKills - done.base)
    else if (await killDatabase(base, door)) done.database += 1
    tell(progress(ledger, done, startedAt))
    if (done.base >= baseKills && done.database >= databaseKills) break
  }
  const killSeconds = (Date.now() - killsStartedAt) / 1000
  tell(`all kills done in ${killSeconds.toFixed(0)} s; the load comes to its end`)
  await load.end()
  await checkAll(door, markers, tell)
  await checkStop(base, ledger)
  const isClean = ledger.violations.length === 0
  if (isClean) await base.remove()
  return {
    ledger,
    baseKills: done.base,
    databaseKills: done.database,
    seconds: (Date.now() - startedAt) / 1000,
    killSeconds,
    kept: isClean ? '' : folder,
  }
}

/** Spends the operator's link, and makes a project with every role that the load needs. */
async function moveIn(base: BaseProcess, ledger: Ledger, gate: Gate): Promise<Door> {
  // The link is printed right after the line that tells that the base is ready.
  while (base.link() === null) await pause(20)
  const stranger: Door = { address: base.address, session: '', ledger, up: gate.whenOpen }
  const opened = await ask(stranger, '/api/session', {
    method: 'POST',
    json: { link: base.link() },
    audited: 'session.open',
  })
  if (opened === null || opened.status >= 300) throw new Error(`nobody can sign in: ${base.logFile}`)
  const door = { ...stranger, session: bodyOf<{ session: string }>(opened).session }
  await insist(door, '/api/projects', {
    method: 'POST',
    json: { slug: 'faults', title: 'Faults', organisation: 'This organisation' },
    audited: 'project.create',
  })
  await insist(door, '/api/projects/faults/members', {
    method: 'POST',
    json: { handle: 'operator', role: 'developer' },
    audited: 'member.add',
  })
  return door
}

/** Kills the base and starts it again, killing some of the starts as well; how many kills that were, `most` at most. */
async function killBase(base: BaseProcess, gate: Gate, random: Random, most: number): Promise<number> {
  gate.close()
  await base.kill()
  let kills = 1
  for (;;) {
    const starting = base.start()
    if (kills < most && random() < killsWhileStarting) {
      await pause(between(random, 50, longestStartMs))
      await base.kill()
      kills += 1
      await starting
      continue
    }
    if (!(await starting)) throw new Error(`the base does not start again: ${base.logFile}`)
    gate.open()
    return kills
  }
}

async function killDatabase(base: BaseProcess, door: Door): Promise<boolean> {
  if (!base.killDatabase()) return false
  const limitAt = Date.now() + readyLimitMs
  for (;;) {
    const isReady = await fetch(`${base.address}/readyz`).then(
      (answer) => answer.ok,
      (error: Error) => !(error instanceof TypeError) && Promise.reject(error),
    )
    if (isReady) return true
    if (base.hasEnded()) {
      violated(door.ledger, 'base ended', `its database was killed, and it ended as well: ${base.logFile}`)
      if (!(await base.start())) throw new Error(`the base does not start again: ${base.logFile}`)
      return true
    }
    if (Date.now() > limitAt) {
      violated(door.ledger, 'not back', `the database was killed and the base is not ready ${readyLimitMs} ms later`)
      throw new Error(`the base lost its database for good: ${base.logFile}`)
    }
    await pause(50)
  }
}

async function checkAll(door: Door, markers: string, tell: (line: string) => void): Promise<void> {
  const jobs = await settledJobs(door)
  tell(`${jobs.length} jobs have ended; everything acknowledged is looked up`)
  await checkJobs(door, jobs, markers)
  await checkMetrics(door)
  await checkSnapshots(door)
  const events = await checkEvents(door, jobs)
  const ring = await ringOf(door)
  const statements = await checkEvidence(door, ring)
  const rows = await checkAudit(door, ring)
  await checkParked(door)
  tell(`${events} events, ${statements} statements and ${rows} audit rows were looked at`)
}

/** A clean stop leaves no process and nothing of an attempt that has ended. */
async function checkStop(base: BaseProcess, ledger: Ledger): Promise<void> {
  const code = await base.stop()
  if (code !== 0) violated(ledger, 'left behind', `the base ended with ${code} when told to stop`)
  const attempts = base.attemptsOnDisk()
  if (attempts.length > 0)
    violated(ledger, 'left behind', `${attempts.length} of attempts that ended: ${attempts.slice(0, 6).join(', ')}`)
  for (const process of base.processes()) violated(ledger, 'left behind', `process ${process}`)
}

function progress(ledger: Ledger, done: { base: number; database: number }, startedAt: number): string {
  const { jobs, batches, snapshots, violations } = ledger
  const metrics = batches.filter((batch) => batch.isAcknowledged).length
  return `${((Date.now() - startedAt) / 1000).toFixed(0)} s: ${done.base} kills of the base, ${done.database} of the database; acknowledged ${jobs.size} jobs, ${metrics} batches of metrics, ${snapshots.length} snapshots; ${violations.length} violations`
}

/** Clients wait here while the base is away. */
interface Gate {
  open(): void
  close(): void
  whenOpen(): Promise<void>
}

function newGate(): Gate {
  let { promise, resolve } = Promise.withResolvers<void>()
  return {
    open: () => resolve(),
    close() {
      resolve()
      ;({ promise, resolve } = Promise.withResolvers<void>())
    },
    whenOpen: () => promise,
  }
}
