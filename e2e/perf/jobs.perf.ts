import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Client, sharedBase } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { cpuOfProcessMs, median, onHands, quantile } from './measuring/timing.ts'

const clients = 32
const path = '/api/projects/demo/jobs'
/** What Slurm 22.05 did on a machine of this kind: `sbatch` at its best, and `true` from one end to the other. */
const slurm = { accepted: 115, finished: 14 }

/** Jobs accepted while every slot is taken, and jobs that come, run and end. */
export async function measure(): Promise<Figure[]> {
  const { base, client, databaseUrl } = await sharedBase()
  const database = new pg.Client(databaseUrl)
  await database.connect()
  try {
    await mustBeDurable(database)
    await submitAll(client, 'warm-up', ['true'], 16)
    await untilEnded(database, 'warm-up')

    const count = isQuick ? 150 : 450
    const blockers = await Promise.all(Array.from({ length: 4 }, () => submit(client, 'blocker', ['sleep', '600'])))
    await untilRunning(database, 'blocker', blockers.length)
    const rates: number[] = []
    const latencies: number[] = []
    const cpuBefore = cpuOfProcessMs(base.pid)
    const rounds = 3
    for (let round = 0; round < rounds; round++) {
      const sent = await submitAll(client, `accepted-${round}`, ['true'], count / rounds)
      rates.push(count / rounds / sent.seconds)
      latencies.push(...sent.latenciesMs)
    }
    const cpuMs = (cpuOfProcessMs(base.pid) - cpuBefore) / count
    const kept = await countNamed(database, 'accepted-%')
    if (kept !== count) throw new Error(`${count} jobs were accepted, ${kept} are in the database`)
    for (const id of blockers) await client.send('POST', `${path}/${id}/cancel`, {})
    const drained = await untilEnded(database, 'accepted-%')

    const more = isQuick ? 60 : 150
    const runCpuBefore = cpuOfProcessMs(base.pid)
    await submitAll(client, 'finished', ['true'], more)
    const finished = await untilEnded(database, 'finished')
    const runCpuMs = (cpuOfProcessMs(base.pid) - runCpuBefore) / more
    return [
      {
        name: 'jobs.accepted',
        value: median(rates),
        unit: 'jobs/s',
        target: { atLeast: 8 * 63 },
        how: `POST ${path} over HTTP from ${clients} clients, ${count} jobs in ${rounds} rounds (median), each committed with fsync before its answer, all slots taken; answer ${quantile(latencies, 0.5).toFixed(0)} ms in the middle, ${quantile(latencies, 0.99).toFixed(0)} ms at 99 %; ${cpuMs.toFixed(2)} ms CPU a job in the base; target 8 × the lower end of 63–115/s`,
        peer: { name: 'Slurm 22.05 sbatch, best', value: slurm.accepted, isMeasuredHere: false },
      },
      {
        name: 'jobs.finished',
        value: more / finished,
        unit: 'jobs/s',
        target: { atLeast: 8 * slurm.finished },
        how: `${more} jobs \`true\` from ${clients} clients, first accepted to last succeeded, limits enforced, 4 slots; ${runCpuMs.toFixed(1)} ms CPU a job in the base`,
        peer: { name: 'Slurm 22.05', value: slurm.finished, isMeasuredHere: false },
      },
      {
        name: 'jobs.drained',
        value: count / drained,
        unit: 'jobs/s',
        target: null,
        how: `${count} jobs \`true\` that waited, first started to last succeeded, nothing else asked`,
        peer: { name: 'Slurm 22.05', value: slurm.finished, isMeasuredHere: false },
      },
    ]
  } finally {
    await database.end()
  }
}

async function submit(client: Client, name: string, command: readonly string[]): Promise<string> {
  const { id } = await client.send<{ id: string }>('POST', path, { name, command })
  return id
}

async function submitAll(client: Client, name: string, command: readonly string[], count: number) {
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  await onHands(clients, count, async () => {
    const sentAt = performance.now()
    await submit(client, name, command)
    latenciesMs.push(performance.now() - sentAt)
  })
  return { seconds: (performance.now() - startedAt) / 1000, latenciesMs }
}

/** A rate of jobs that a power cut would lose is no figure. */
async function mustBeDurable(database: pg.Client): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await database.query<Record<string, string>>(`show ${setting}`)
    if (rows[0]?.[setting] !== 'on') throw new Error(`the base's database has ${setting} ${rows[0]?.[setting]}`)
  }
}

async function countNamed(database: pg.Client, pattern: string): Promise<number> {
  const { rows } = await database.query('select id from compute.job where name like $1', [pattern])
  return rows.length
}

async function untilRunning(database: pg.Client, name: string, count: number): Promise<void> {
  const sql = `select id from compute.job where name = $1 and state = 'running'`
  while ((await database.query(sql, [name])).rows.length < count) await pause(50)
}

const endingSql = `
  select count(*) filter (where ended_at is null)::int as open,
         count(*) filter (where state <> 'succeeded' and ended_at is not null)::int as failed,
         extract(epoch from max(ended_at) - min(case when $2 then started_at else created_at end))::float8 as seconds
    from compute.job where name like $1`

/** Waits until all such jobs have ended; seconds between the database's own marks of the first and the last. */
async function untilEnded(database: pg.Client, pattern: string): Promise<number> {
  const fromStart = pattern.endsWith('%')
  for (;;) {
    const { rows } = await database.query<{ open: number; failed: number; seconds: number }>(endingSql, [
      pattern,
      fromStart,
    ])
    const [row] = rows
    if (row === undefined || row.failed > 0) throw new Error(`${row?.failed} jobs ${pattern} did not succeed`)
    if (row.open === 0) return row.seconds
    await pause(100)
  }
}
