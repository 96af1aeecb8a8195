import { jobSpec } from '../../src/compute/index.ts'
import { insertJob } from '../../src/compute/job/store.ts'
import { type Database, openDatabase, recordDeed, recordEvent, type Tx } from '../../src/kernel/index.ts'
import { tokenSha256 } from '../../src/kernel/identity/tokens.ts'
import { sharedBase } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { cpuOfProcessMs, median, quantile } from './measuring/timing.ts'

const blocks = isQuick ? 8 : 20
const writes = 40

interface Side {
  readonly database: Database
  readonly isGuarded: boolean
  readonly pid: number
  readonly wallMs: number[]
  cpuMs: number
}

/** What the audit row and the row policies add to a write that is the same otherwise. */
export async function measure(): Promise<Figure[]> {
  const { client, databaseUrl } = await sharedBase()
  const credentials = { kind: 'credentials', tokenSha256: tokenSha256(client.key), projectSlug: 'demo' } as const
  // More slots than the machine has: such a job waits for ever, and nobody starts it meanwhile.
  const spec = jobSpec.parse({ name: 'written', command: ['true'], priority: 100, resources: { cpus: 256 } })
  const plain = openDatabase({ url: databaseUrl, maxConnections: 1 })
  const guarded = openDatabase({ url: databaseUrl, maxConnections: 1 })
  try {
    // The owner of the tables: no policy holds for it.
    await plain.pool.query('set role none')
    const write = (database: Database, isGuarded: boolean) =>
      database.enter(credentials, async (tx, { project }) => {
        if (project === null) throw new Error('the operator is no member of the demo project')
        const id = await insertJob(tx, project.id, spec)
        await recordEvent(tx, { projectId: project.id, kind: 'job.queued', subjectId: id, detail: { name: spec.name } })
        if (isGuarded) await audit(tx, project.id, id)
      })
    const sides: [Side, Side] = [
      { database: plain, isGuarded: false, pid: await backendOf(plain), wallMs: [], cpuMs: 0 },
      { database: guarded, isGuarded: true, pid: await backendOf(guarded), wallMs: [], cpuMs: 0 },
    ]
    for (let block = -1; block < blocks; block++) {
      for (const side of block % 2 === 0 ? sides : sides.toReversed()) {
        const cpu = cpuOfProcessMs(side.pid)
        for (let i = 0; i < writes; i++) {
          const startedAt = performance.now()
          await write(side.database, side.isGuarded)
          if (block >= 0) side.wallMs.push(performance.now() - startedAt)
        }
        if (block >= 0) side.cpuMs += cpuOfProcessMs(side.pid) - cpu
      }
    }
    await plain.pool.query(`update compute.job set state = 'cancelled', ended_at = now() where name = 'written'`)
    // Other load only adds: the fastest tenth's edge is what the write itself takes.
    const [bare, full] = [quantile(sides[0].wallMs, 0.1), quantile(sides[1].wallMs, 0.1)]
    const inTheMiddle = 100 * (median(sides[1].wallMs) / median(sides[0].wallMs) - 1)
    const perWrite = (cpuMs: number): string => (cpuMs / (blocks * writes)).toFixed(2)
    return [
      {
        name: 'write.audit-and-policies',
        value: 100 * (full / bare - 1),
        unit: '%',
        target: { atMost: 25 },
        how: `a transaction that enters by credentials, inserts a job and its event and commits with fsync: as pilotbase_app under row-level security with an audit row ${full.toFixed(2)} ms, as the tables' owner without ${bare.toFixed(2)} ms; the fastest tenth's edge of ${sides[0].wallMs.length} each, in turns, one connection each; by medians ${inTheMiddle.toFixed(0)} %; CPU of the database process ${perWrite(sides[1].cpuMs)} and ${perWrite(sides[0].cpuMs)} ms`,
      },
    ]
  } finally {
    await plain.close()
    await guarded.close()
  }
}

function audit(tx: Tx, projectId: string, id: string): Promise<void> {
  return recordDeed(tx, {
    action: 'job.submit',
    outcome: 'done',
    projectId,
    targetKind: 'job',
    targetId: id,
    problem: null,
    requestId: 'req-perf',
    detail: { name: 'written' },
  })
}

async function backendOf(database: Database): Promise<number> {
  const { rows } = await database.pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}
