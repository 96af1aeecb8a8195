import { createHash } from 'node:crypto'
import { ask, bodyOf, type Door, insist, pause } from './door.ts'
import { type AcknowledgedJob, type JobKind, violated } from './ledger.ts'
import { between, type Random } from './seeded.ts'

/** The project that all load goes to. */
export const project = '/api/projects/faults'
/** How long a job may take to end while the load goes on, all kills in between included. */
const stalledAfterMs = 30_000

export interface Load {
  /** Lets every client finish what it has under way, and waits for them. */
  end(): Promise<void>
}

export interface JobWish {
  readonly door: Door
  readonly random: Random
  /** Where every run of a job's command leaves its mark, readable by no other job. */
  readonly markers: string
}

interface Client extends JobWish {
  readonly name: string
  readonly isOver: () => boolean
}

/** Several clients at once: those that run jobs and log their metrics, and those that store snapshots. */
export function startLoad(wish: JobWish, jobClients = 5, snapshotClients = 2): Load {
  let isOver = false
  const clients = [
    ...Array.from({ length: jobClients }, (_, at) => ({ work: runJobs, name: `j${at}` })),
    ...Array.from({ length: snapshotClients }, (_, at) => ({ work: storeSnapshots, name: `s${at}` })),
  ]
  const works = clients.map(({ work, name }) => work({ ...wish, name, isOver: () => isOver }))
  return {
    async end() {
      isOver = true
      await Promise.all(works)
    },
  }
}

const script = String.raw`
mark="$MARKERS/$NAME.$PILOTBASE_ATTEMPT"
echo begin >> "$mark" || exit 90
sleep "$SECONDS_TO_RUN"
[ "$KIND" = fails ] && { echo end >> "$mark"; exit 3; }
printf %s "$NAME" > outputs/result || exit 91
echo end >> "$mark" || exit 92
`

async function runJobs(client: Client): Promise<void> {
  const { door, random, markers } = client
  for (let round = 0; !client.isOver(); round++) {
    const name = `${client.name}-${round}`
    const draw = random()
    const kind: JobKind = draw < 0.7 ? 'works' : draw < 0.85 ? 'fails' : 'cancelled'
    const seconds = kind === 'cancelled' ? '600' : between(random, 0, 0.4).toFixed(2)
    const answer = await ask(door, `${project}/jobs`, {
      method: 'POST',
      audited: 'job.submit',
      json: {
        name,
        command: ['/bin/sh', '-c', script],
        environment: { MARKERS: markers, NAME: name, KIND: kind, SECONDS_TO_RUN: seconds },
        maxAttempts: kind === 'fails' ? 2 : 1,
        graceMs: 500,
      },
    })
    if (answer === null) door.ledger.unansweredJobs.add(name)
    else if (answer.status < 300) {
      const { id } = bodyOf<{ id: string }>(answer)
      const job: AcknowledgedJob = { id, name, kind, isCancelAcknowledged: false, seenEnd: null }
      door.ledger.jobs.set(id, job)
      await Promise.all([logMetrics(client, job), follow(client, job)])
    }
    await pause(between(random, 0, 60))
  }
}

async function logMetrics({ door, random }: Client, { id }: AcknowledgedJob): Promise<void> {
  for (const name of ['loss', 'score']) {
    const values = Array.from({ length: 1 + Math.floor(random() * 20) }, () => random())
    const answer = await ask(door, `${project}/jobs/${id}/metrics`, {
      method: 'POST',
      audited: 'job.log-metrics',
      json: { metrics: values.map((value, step) => ({ name, step, value })) },
    })
    door.ledger.batches.push({ job: id, name, values, isAcknowledged: answer !== null && answer.status < 300 })
    await pause(between(random, 0, 200))
  }
}

/** Watches a job to its end as its owner would; cancels it on the way where that is its kind. */
async function follow(client: Client, job: AcknowledgedJob): Promise<void> {
  const { door, random } = client
  const since = Date.now()
  for (;;) {
    const state = await stateOf(door, job)
    if (state === null || job.seenEnd !== null) return
    if (job.kind === 'cancelled' && !job.isCancelAcknowledged && (state === 'running' || random() < 0.2))
      await cancel(door, job)
    if (Date.now() - since > stalledAfterMs) {
      violated(door.ledger, 'stalled', `${job.name} ${job.id} (${job.kind}) is ${state} after ${stalledAfterMs} ms`)
      // The client goes on with other jobs; what becomes of this one is looked up at the end.
      return
    }
    await pause(between(random, 60, 200))
  }
}

async function stateOf(door: Door, job: AcknowledgedJob): Promise<string | null> {
  const answer = await insist(door, `${project}/jobs/${job.id}`)
  if (answer.status >= 400) return null
  const { state } = bodyOf<{ state: string }>(answer)
  if (['succeeded', 'failed', 'cancelled', 'lost'].includes(state)) job.seenEnd = state
  return state
}

async function cancel(door: Door, job: AcknowledgedJob): Promise<void> {
  const answer = await ask(door, `${project}/jobs/${job.id}/cancel`, {
    method: 'POST',
    audited: 'job.cancel',
    mayRefuse: [409],
  })
  if (answer !== null && answer.status < 300) job.isCancelAcknowledged = true
}

async function storeSnapshots(client: Client): Promise<void> {
  const { door, random } = client
  for (let round = 0; !client.isOver(); round++) {
    const name = `${client.name}-${round}`
    const files = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, at) => {
      const content = Buffer.from(`${name} ${at} ${'x'.repeat(Math.floor(between(random, 0, 50_000)))}`)
      return { path: `part/${at}.txt`, content, sha256: createHash('sha256').update(content).digest('hex') }
    })
    const pack = Buffer.concat(
      files.flatMap(({ path, content }) => [
        Buffer.from(`${JSON.stringify({ name: path, sizeBytes: content.length })}\n`),
        content,
      ]),
    )
    await insist(door, `${project}/contents`, { method: 'PUT', pack })
    // Acknowledged contents stay: a refusal below for want of one is a violation.
    const answer = await insist(door, `${project}/snapshots`, {
      method: 'POST',
      audited: 'snapshot.create',
      json: {
        name,
        manifest: {
          schema: 'pilotbase.snapshot/1',
          source: 'made for a test',
          licence: 'CC0-1.0',
          synthetic: true,
          files: files.map(({ path, content, sha256 }) => ({ path, sha256, sizeBytes: content.length })),
        },
      },
    })
    if (answer.status < 300) {
      const { id, digest } = bodyOf<{ id: string; digest: string }>(answer)
      door.ledger.snapshots.push({ id, digest, files: files.map(({ path, sha256 }) => ({ path, sha256 })) })
    }
    await pause(between(random, 20, 400))
  }
}
