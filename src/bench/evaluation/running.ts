import {
  canonicalBytes,
  capability,
  httpProblem,
  type Kernel,
  Problem,
  sha256Of,
  state,
  type Tx,
  referObjects,
} from '../../kernel/index.ts'
import { readSnapshot, statingActor } from '../../data/index.ts'
import { findVersionById, type StoredVersion } from '../../models/index.ts'
import { beatClass } from '../../statistics/index.ts'
import type { EvaluationAnswer } from '../evaluate/contract.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { EvaluatedModel } from '../evaluate/models.ts'
import { problem } from '../problems.ts'
import type { Reply } from '../tasks/question.ts'
import { snapshotFolder } from './folders.ts'
import { weightsSubject } from './planning.ts'
import { inputKey, Interrupted, rememberingModel } from './remembering.ts'
import { findEvaluation, listAnswers, moveEvaluation, type StoredEvaluation } from './store.ts'

const actor = capability('scheduler')

/** Opens a version so that it answers questions; `models` knows how. */
export type OpenForEvaluation = (version: StoredVersion) => Promise<EvaluatedModel>

/** Runs a plan to its end. Called again after a kill, it goes on where it was. */
export async function runEvaluation(kernel: Kernel, open: OpenForEvaluation, evaluationId: string): Promise<void> {
  const evaluation = await begin(kernel, evaluationId)
  if (evaluation === null) return
  const { version, digest } = await kernel.database.transaction(actor, async (tx) => {
    const found = await findVersionById(tx, evaluation.versionId)
    if (found === null) throw httpProblem('kernel.not-found', { kind: 'version', id: evaluation.versionId })
    return { version: found, digest: (await readSnapshot(tx, evaluation.projectId, evaluation.snapshotId)).digest }
  })
  const folder = await snapshotFolder(kernel, digest)
  try {
    const { answer } = await score(kernel, evaluation, folder, async () =>
      rememberingModel(kernel, evaluation, await open(version)),
    )
    await conclude(kernel, evaluation, version, digest, folder, answer)
  } catch (error) {
    if (error instanceof Interrupted) return
    // What the data or the model are to blame for stays so however often it is tried; anything else is tried again.
    if (!(error instanceof Problem) || error.row.retry) throw error
    await makeVoid(kernel, evaluation, version, error.message, null)
  }
}

async function begin(kernel: Kernel, id: string): Promise<StoredEvaluation | null> {
  return kernel.database.transaction(actor, async (tx) => {
    const evaluation = await findEvaluation(tx, id)
    if (evaluation === null || (evaluation.state !== 'planned' && evaluation.state !== 'running')) return null
    if (evaluation.state === 'planned') await moveEvaluation(tx, evaluation, 'running')
    return { ...evaluation, state: 'running' }
  })
}

function score(kernel: Kernel, evaluation: StoredEvaluation, folder: string, openModel: () => Promise<EvaluatedModel>) {
  const { model, taskId, split, plan } = evaluation
  const wish = {
    model,
    folder,
    task: taskId,
    gates: plan.gates,
    command: commandOf(evaluation),
    ...(split === null ? {} : { split }),
  }
  return evaluate(wish, {
    openModel,
    now: () => kernel.clock().getTime(),
    progress: (line) => kernel.log.debug({ evaluation: evaluation.id }, line),
    program: kernel.version,
  })
}

/** The same figures without a base. */
function commandOf({ model, taskId, split }: StoredEvaluation): string {
  return `evaluate ${model.split('@')[0]} DIR --task ${taskId}${split === null ? '' : ` --split ${split}`} --json`
}

async function conclude(
  kernel: Kernel,
  evaluation: StoredEvaluation,
  version: StoredVersion,
  snapshotDigest: string,
  folder: string,
  answer: EvaluationAnswer,
): Promise<void> {
  const answers = await kernel.database.transaction(actor, (tx) => listAnswers(tx, evaluation.id))
  const failed = answers.filter((one) => one.state === 'failed' || one.state === 'asking')
  if (failed.length > 0 || answer.unscored > 0) {
    const reason = `${failed.length} samples failed and ${answer.unscored} could not be scored of ${evaluation.plan.samples} asked`
    await makeVoid(kernel, evaluation, version, reason, await boundsOf(kernel, evaluation, folder, answer))
    return
  }
  const answersFile = answers.map((one) => `${JSON.stringify(one)}\n`).join('')
  const stored = await kernel.objects.put(Buffer.from(answersFile))
  await kernel.database.transaction(actor, async (tx) => {
    const statement = await stateEvaluation(
      tx,
      kernel,
      evaluation,
      version,
      snapshotDigest,
      stored.sha256,
      answer,
      answers.length,
    )
    await moveEvaluation(tx, evaluation, 'complete', { answer, answersSha256: stored.sha256, statement })
    await referObjects(tx, { projectId: evaluation.projectId, kind: 'evaluation', id: evaluation.id }, [stored.sha256])
  })
}

async function makeVoid(
  kernel: Kernel,
  evaluation: StoredEvaluation,
  version: StoredVersion,
  voidReason: string,
  bounds: object[] | null,
): Promise<void> {
  kernel.log.warn({ evaluation: evaluation.id, model: version.model, reason: voidReason }, 'evaluation is void')
  await kernel.database.transaction(actor, (tx) =>
    moveEvaluation(tx, evaluation, 'void', { voidReason, ...(bounds === null ? {} : { bounds }) }),
  )
}

/** Each figure if every failed sample were wrong, and if every one were right: the truth lies between. */
async function boundsOf(
  kernel: Kernel,
  evaluation: StoredEvaluation,
  folder: string,
  worst: EvaluationAnswer,
): Promise<object[]> {
  const answers = await kernel.database.transaction(actor, (tx) => listAnswers(tx, evaluation.id))
  const byKey = new Map(answers.map((one) => [one.input_key, one]))
  const bestModel: EvaluatedModel = {
    name: evaluation.model,
    version: null,
    digest: evaluation.modelDigest,
    device: 'none',
    tasks: [evaluation.plan.task],
    async ask(question) {
      const known = byKey.get(inputKey(question))
      if (known?.state === 'answered') return known.reply as Reply
      if (known?.state === 'refused')
        throw problem('bench.sample-refused', { sample: known.sample, code: known.problem ?? '' })
      const beats = (question.recording.annotations ?? []).flatMap(({ sample, symbol }) => {
        const found = beatClass(symbol, 'aami')
        return found === null ? [] : [{ sample, class: found }]
      })
      return { kind: 'ecg', beats }
    },
    close: async () => {},
  }
  const { answer: best } = await score(kernel, evaluation, folder, async () => bestModel)
  return worst.metrics.map(({ metric, period, value }) => ({
    metric,
    period: period ?? null,
    low: value,
    high: best.metrics.find((one) => one.metric === metric && one.period === period)?.value ?? null,
  }))
}

async function stateEvaluation(
  tx: Tx,
  kernel: Kernel,
  evaluation: StoredEvaluation,
  version: StoredVersion,
  snapshotDigest: string,
  answersSha256: string,
  answer: EvaluationAnswer,
  answered: number,
): Promise<string> {
  const planned = evaluation.plan
  const now = kernel.clock().toISOString()
  const project = await tx.one<{ slug: string; is_demo: boolean }>(
    'select slug, is_demo from kernel.project where id = $1',
    [evaluation.projectId],
  )
  return state(tx, kernel.signer, evaluation.projectId, 'evaluation', [weightsSubject(version)], {
    at: now,
    by: statingActor(tx),
    project: project.slug,
    synthetic: answer.synthetic,
    demo: project.is_demo,
    materials: [
      { name: evaluation.taskId, role: 'snapshot', digest: { sha256: snapshotDigest } },
      { name: 'answers', role: 'answers', digest: { sha256: answersSha256 } },
      { name: 'answer', role: 'report', digest: { sha256: sha256Of(canonicalBytes(answer)) } },
    ],
    previous: [evaluation.planStatement],
    evaluationId: evaluation.id,
    task: { id: planned.task, version: String(answer.definitions) },
    state: 'complete',
    samplesAsked: planned.samples,
    samplesAnswered: Math.min(answered, planned.samples),
    samplesUngraded: answer.unscored,
    startedAt: evaluation.startedAt ?? now,
    finishedAt: now,
    answersSha256,
    command: answer.command.split(' '),
    results: resultsOf(answer.metrics),
    deviations: [],
  })
}

/**
 * Figures as evidence. The first row of a metric bears its plain name, which is what gates read; later periods of it are
 * told apart by theirs. Beside each figure stands the number of independent groups that its interval rests on.
 */
function resultsOf(figures: EvaluationAnswer['metrics']) {
  const named = new Set<string>()
  return figures.flatMap(({ metric, period, value, reason, ci, n, n_groups: groups }) => {
    const name = named.has(metric) ? `${metric}.${period ?? 'again'}` : metric
    named.add(metric)
    const row = {
      metric: name,
      subgroup: null,
      n,
      value,
      low: ci?.low ?? null,
      high: ci?.high ?? null,
      level: ci?.level ?? null,
      missing: value === null ? (reason ?? 'undefined') : null,
    }
    return [
      row,
      { ...row, metric: `${name}.n_groups`, value: groups, low: null, high: null, level: null, missing: null },
    ]
  })
}
