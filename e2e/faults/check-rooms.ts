import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, bodyOf, type Door, insist, pause } from './door.ts'
import { type AcknowledgedJob, violated } from './ledger.ts'
import { project } from './load.ts'

export interface JobShown {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly attempt: number
  readonly outputs: readonly { readonly path: string }[] | null
  readonly ending: { readonly exitCode: number | null; readonly message: string | null } | null
}

/** After the last kill every job must end within this. */
const endLimitMs = 60_000
const hasEnded = (state: string) => ['succeeded', 'failed', 'cancelled', 'lost'].includes(state)

/** Waits until no job is open, and lists them all. */
export async function settledJobs(door: Door): Promise<JobShown[]> {
  const limitAt = Date.now() + endLimitMs
  for (;;) {
    const jobs = await allJobs(door)
    const open = jobs.filter((job) => !hasEnded(job.state))
    if (open.length === 0) return jobs
    // A cancelling that nobody acknowledged leaves a job that runs on: it is asked for once more.
    for (const { id } of open.filter((job) => !isAcknowledgedWish(door, job)))
      await ask(door, `${project}/jobs/${id}/cancel`, { method: 'POST', audited: 'job.cancel', mayRefuse: [409] })
    if (Date.now() > limitAt) {
      for (const { id, name, state } of open)
        violated(door.ledger, 'never ended', `${name} ${id} is still ${state}, ${endLimitMs} ms after the last kill`)
      return jobs
    }
    await pause(500)
  }
}

/** Whether the job should come to its end without our asking again. */
function isAcknowledgedWish(door: Door, { id }: JobShown): boolean {
  const job = door.ledger.jobs.get(id)
  return job !== undefined && (job.kind !== 'cancelled' || job.isCancelAcknowledged)
}

async function allJobs(door: Door): Promise<JobShown[]> {
  const jobs: JobShown[] = []
  for (let after = ''; ; ) {
    const page = await insist(door, `${project}/jobs?limit=200${after}`)
    const { jobs: found, next } = bodyOf<{ jobs: JobShown[]; next: string | null }>(page)
    jobs.push(...found)
    if (next === null) return jobs
    after = `&after=${next}`
  }
}

/** Every acknowledged job is there once, ended as it must, having run as often as it must, with what it made. */
export async function checkJobs(door: Door, shown: readonly JobShown[], markers: string): Promise<void> {
  const { ledger } = door
  const byName = Map.groupBy(shown, (job) => job.name)
  for (const [name, jobs] of byName)
    if (jobs.length > 1)
      violated(ledger, 'done twice', `${jobs.length} jobs carry the name ${name}, which was asked once`)
  const runs = runsIn(markers)
  const byId = new Map(shown.map((job) => [job.id, job]))
  for (const job of ledger.jobs.values()) {
    const found = byId.get(job.id)
    if (found === undefined) violated(ledger, 'lost', `job ${job.name} ${job.id} was acknowledged and is not there`)
    else await checkJob(door, job, found, runs.get(job.name) ?? new Map())
  }
  for (const found of shown.filter(({ name }) => ledger.unansweredJobs.has(name)))
    for (const [attempt, lines] of runs.get(found.name) ?? [])
      if (count(lines, 'begin') > 1) violated(ledger, 'done twice', `${attempt} of ${found.name} began more than once`)
}

async function checkJob(
  door: Door,
  job: AcknowledgedJob,
  found: JobShown,
  runs: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const { ledger } = door
  const isStopped = job.kind === 'cancelled' || job.isCancelAcknowledged
  const wanted = isStopped ? ['cancelled'] : job.kind === 'works' ? ['succeeded'] : ['failed']
  const told = `${job.name} ${job.id} (${job.kind})`
  if (!wanted.includes(found.state))
    violated(
      ledger,
      'ended otherwise',
      `${told} is ${found.state} at attempt ${found.attempt}: ${JSON.stringify(found.ending)}; its runs: ${JSON.stringify([...runs])}`,
    )
  if (job.seenEnd !== null && job.seenEnd !== found.state)
    violated(ledger, 'changed its end', `${told} was shown as ${job.seenEnd} and is ${found.state}`)
  for (const [attempt, lines] of runs)
    if (count(lines, 'begin') > 1 || count(lines, 'end') > 1)
      violated(ledger, 'done twice', `attempt ${attempt} of ${told} left ${lines.join(' ')}`)
  if (isStopped) return
  const attempts = job.kind === 'works' ? 1 : 2
  const whole = [...runs.values()].filter((lines) => lines.join(' ') === 'begin end').length
  if (runs.size !== attempts || whole !== attempts)
    violated(
      ledger,
      runs.size > attempts ? 'done twice' : 'not done',
      `${told} should have run ${attempts} times: ${JSON.stringify([...runs])}`,
    )
  if (job.kind === 'works' && found.state === 'succeeded') await checkOutput(door, job, found)
}

async function checkOutput(door: Door, job: AcknowledgedJob, found: JobShown): Promise<void> {
  const paths = (found.outputs ?? []).map(({ path }) => path)
  if (paths.join() !== 'result')
    return violated(door.ledger, 'lost', `job ${job.name} ${job.id} made one file, shown are ${JSON.stringify(paths)}`)
  const answer = await insist(door, `${project}/jobs/${job.id}/outputs/result`)
  if (answer.bytes.toString() !== job.name)
    violated(door.ledger, 'lost', `the output of ${job.name} reads ${answer.bytes.toString().slice(0, 80)}`)
}

/** Job's name to its attempts, each with the lines that its command left. */
function runsIn(markers: string): Map<string, Map<string, string[]>> {
  const runs = new Map<string, Map<string, string[]>>()
  for (const file of readdirSync(markers)) {
    const [name = '', attempt = ''] = file.split('.')
    const lines = readFileSync(join(markers, file), 'utf8').trim().split('\n')
    runs.set(name, (runs.get(name) ?? new Map()).set(attempt, lines))
  }
  return runs
}

function count(lines: readonly string[], line: string): number {
  return lines.filter((one) => one === line).length
}

/** An acknowledged batch is there once; one that got no answer is there as a whole, or not at all. */
export async function checkMetrics(door: Door): Promise<void> {
  for (const [job, batches] of Map.groupBy(door.ledger.batches, (batch) => batch.job)) {
    const answer = await insist(door, `${project}/jobs/${job}/metrics`)
    if (answer.status >= 400) continue
    const { metrics } = bodyOf<{ metrics: { name: string; step: number; value: number }[] }>(answer)
    for (const { name, values, isAcknowledged } of batches) {
      const there = metrics.filter((metric) => metric.name === name).map(({ value }) => value)
      const isWhole = JSON.stringify(there) === JSON.stringify(values)
      if (isWhole || (!isAcknowledged && there.length === 0)) continue
      const what = there.length > values.length ? 'done twice' : 'lost'
      violated(door.ledger, what, `job ${job} logged ${values.length} values of ${name}, ${there.length} are there`)
    }
  }
}

/** Every acknowledged snapshot is there with every byte of its files. */
export async function checkSnapshots(door: Door): Promise<void> {
  for (const { id, digest, files } of door.ledger.snapshots) {
    const answer = await insist(door, `${project}/snapshots/${id}`)
    if (answer.status >= 400) continue
    if (bodyOf<{ digest: string }>(answer).digest !== digest)
      violated(door.ledger, 'lost', `snapshot ${id} has another digest than acknowledged`)
    for (const { path, sha256 } of files) {
      const file = await ask(door, `${project}/snapshots/${id}/files/${path}`)
      const found = file === null ? 'unreadable' : createHash('sha256').update(file.bytes).digest('hex')
      if (found !== sha256) violated(door.ledger, 'lost', `${path} of snapshot ${id} is ${found}, not ${sha256}`)
    }
  }
}
