import { readJob, type ScheduledJob } from '../../compute/index.ts'
import { type Project, readSnapshot, type Snapshot, statingActor } from '../../data/index.ts'
import { canonicalBytes, type Kernel, type Material, sha256Of, state, statements, type Tx } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import type { StoredVersion } from '../version/store.ts'
import { readRun, readWeights } from './weights.ts'

export interface TrainingReport {
  /** The job that made the weights, ended. */
  readonly job: Pick<ScheduledJob, 'id' | 'name' | 'attempt' | 'spec' | 'startedAt' | 'endedAt'>
  readonly version: StoredVersion
  /** What it learnt from. */
  readonly snapshot: Snapshot
  /** As the recipe reported them; null where undefined. */
  readonly metrics: Readonly<Record<string, number | null>>
  /** The recipe's code. Where none is given it is named by the job's inputs other than the data, all by digest. */
  readonly recipe?: { readonly name: string; readonly sha256: string }
}

/**
 * States as signed evidence that a job of this base made a version's weights out of a snapshot. Seed, libraries and
 * hardware are those of the run.json that the recipe left beside the weights. Returns the statement's digest.
 */
export async function recordTraining(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  report: TrainingReport,
): Promise<string> {
  const { job, version, snapshot } = report
  if (job.startedAt === null || job.endedAt === null) throw new Error('training is stated of a job that has ended')
  const run = await readRun(kernel, await readWeights(kernel, version.snapshotDigest))
  const inputs = job.spec.inputs.filter((input) => !('snapshot' in input) || !isSame(input.snapshot, snapshot))
  const name = `${version.model} ${version.label}`
  return state(
    tx,
    kernel.signer,
    project.id,
    'training',
    [
      { name, digest: { sha256: version.weightsDigest } },
      { name: `${name}, its folder`, digest: { sha256: version.snapshotDigest } },
    ],
    {
      at: kernel.clock().toISOString(),
      by: statingActor(tx),
      project: project.slug,
      synthetic: snapshot.synthetic || version.synthetic,
      demo: project.isDemo,
      materials: [
        { name: snapshot.name, role: 'snapshot', digest: { sha256: snapshot.digest } },
        ...inputs.flatMap(codeOf),
        { name: `card of ${name}`, role: 'card', digest: { sha256: version.cardSha256 } },
      ],
      previous: await statedOf(tx, project.id, snapshot.digest),
      job: { id: job.id, attempt: Math.max(1, job.attempt) },
      recipe: report.recipe ?? { name: run?.recipe ?? job.name, sha256: sha256Of(canonicalBytes(inputs)) },
      command: job.spec.command,
      seed: run?.seed ?? null,
      environment: run?.libraries ?? {},
      hardware: hardwareOf(run?.hardware, job.spec.resources.cpus),
      startedAt: job.startedAt,
      finishedAt: job.endedAt,
      metrics: { ...report.metrics },
    },
  )
}

function isSame(key: string, snapshot: Snapshot): boolean {
  return key === snapshot.id || key === snapshot.digest
}

/** An input of the job as a material; one named by a snapshot's id has no digest to be named by. */
function codeOf(input: ScheduledJob['spec']['inputs'][number]): Material[] {
  const sha256 = 'sha256' in input ? input.sha256 : input.snapshot
  return /^[0-9a-f]{64}$/.test(sha256) ? [{ name: input.path, role: 'code', digest: { sha256 } }] : []
}

function hardwareOf(told: { machine?: string | undefined; cores?: number | undefined } | undefined, slots: number) {
  return [{ device: `core of ${told?.machine ?? 'a CPU'}`, count: told?.cores ?? slots }]
}

/** What was stated about the data: this statement builds on it. */
async function statedOf(tx: Tx, projectId: string, digest: string): Promise<string[]> {
  const about = await statements(tx, projectId, digest)
  return about.filter(({ predicateType }) => predicateType.endsWith('/snapshot/v1')).map((one) => one.digest)
}

/**
 * States the training of a version that a job of this project made. What it learnt from is the job's input called `data`;
 * the figures are the numbers at the top of the recipe's metrics.json.
 */
export async function stateTraining(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  version: StoredVersion,
  jobId: string,
): Promise<void> {
  const job = await readJob(tx, project.id, jobId)
  const input = job.spec.inputs.find((one) => one.path === 'data')
  if (job.state !== 'succeeded' || input === undefined || !('snapshot' in input))
    throw problem('models.training-job-unfit', { id: jobId, state: job.state })
  const report = job.outputs?.find((one) => one.path === 'metrics.json')
  await recordTraining(tx, kernel, project, {
    job,
    version,
    snapshot: await readSnapshot(tx, project.id, input.snapshot),
    metrics:
      report === undefined ? {} : numbersOf(JSON.parse((await kernel.objects.read(report.sha256)).toString('utf8'))),
  })
}

function numbersOf(report: unknown): Record<string, number> {
  const numbers: Record<string, number> = {}
  if (typeof report !== 'object' || report === null) return numbers
  for (const [name, value] of Object.entries(report))
    if (typeof value === 'number' && Number.isFinite(value)) numbers[name] = value
  return numbers
}
