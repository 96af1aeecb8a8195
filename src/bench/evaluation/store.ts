import { recordEvent, type Tx } from '../../kernel/index.ts'
import type { Evaluation, Plan } from './contract.ts'
import { type Account, accountOf, type AnswerState, canMoveEvaluation, type EvaluationState } from './domain.ts'

interface EvaluationRow {
  id: string
  project_id: string
  version_id: string
  model: string
  model_digest: string
  snapshot_id: string
  task_id: string
  split: string | null
  state: EvaluationState
  plan: Plan
  plan_statement: string
  answer: Evaluation['answer']
  bounds: Evaluation['bounds']
  void_reason: string | null
  statement: string | null
  created_by: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

export type StoredEvaluation = Omit<Evaluation, 'account'> & {
  readonly projectId: string
  readonly createdBy: string | null
  readonly startedAt: string | null
}

const columns =
  'id, project_id, version_id, model, model_digest, snapshot_id, task_id, split, state, plan, plan_statement, answer, bounds, void_reason, statement, created_by, created_at, started_at, ended_at'

function evaluationOf(row: EvaluationRow): StoredEvaluation {
  return {
    id: row.id,
    projectId: row.project_id,
    versionId: row.version_id,
    model: row.model,
    modelDigest: row.model_digest,
    snapshotId: row.snapshot_id,
    taskId: row.task_id,
    split: row.split,
    state: row.state,
    plan: row.plan,
    planStatement: row.plan_statement,
    answer: row.answer,
    bounds: row.bounds,
    voidReason: row.void_reason,
    statement: row.statement,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}

export type NewEvaluationRow = Pick<
  StoredEvaluation,
  'id' | 'versionId' | 'model' | 'modelDigest' | 'snapshotId' | 'taskId' | 'split' | 'plan' | 'planStatement'
>

export async function insertEvaluation(tx: Tx, projectId: string, row: NewEvaluationRow): Promise<void> {
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  await tx.change(
    `insert into bench.evaluation (id, project_id, version_id, model, model_digest, snapshot_id, task_id, split, plan, plan_statement, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      row.id,
      projectId,
      row.versionId,
      row.model,
      row.modelDigest,
      row.snapshotId,
      row.taskId,
      row.split,
      row.plan,
      row.planStatement,
      creator,
    ],
  )
}

export async function findEvaluation(tx: Tx, id: string): Promise<StoredEvaluation | null> {
  const row = await tx.maybe<EvaluationRow>(`select ${columns} from bench.evaluation where id = $1`, [id])
  return row === null ? null : evaluationOf(row)
}

export async function listEvaluations(tx: Tx, projectId: string, limit: number): Promise<StoredEvaluation[]> {
  const rows = await tx.rows<EvaluationRow>(
    `select ${columns} from bench.evaluation where project_id = $1 order by created_at desc, id desc limit $2`,
    [projectId, limit],
  )
  return rows.map(evaluationOf)
}

export interface EvaluationChange {
  readonly answer?: object
  readonly bounds?: object
  readonly voidReason?: string
  readonly answersSha256?: string
  readonly statement?: string
}

/** Moves a run from the state it is known in; false where it is no longer there. */
export async function moveEvaluation(
  tx: Tx,
  evaluation: StoredEvaluation,
  to: EvaluationState,
  change: EvaluationChange = {},
): Promise<boolean> {
  if (!canMoveEvaluation(evaluation.state, to))
    throw new Error(`an evaluation cannot go from ${evaluation.state} to ${to}`)
  const moved = await tx.change(
    `update bench.evaluation set state = $3, answer = $4, bounds = $5, void_reason = $6, answers_sha256 = $7, statement = $8,
            started_at = case when $3 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
            ended_at = case when $3 in ('complete', 'void') then clock_timestamp() end
      where id = $1 and state = $2`,
    [
      evaluation.id,
      evaluation.state,
      to,
      change.answer ?? null,
      change.bounds === undefined ? null : JSON.stringify(change.bounds),
      change.voidReason ?? null,
      change.answersSha256 ?? null,
      change.statement ?? null,
    ],
  )
  if (moved === 1)
    await recordEvent(tx, {
      projectId: evaluation.projectId,
      kind: `evaluation.${to}`,
      subjectId: evaluation.id,
      detail: { model: evaluation.model },
    })
  return moved === 1
}

export interface AnswerRow {
  readonly sample: string
  readonly input_key: string
  readonly state: AnswerState
  readonly times_asked: number
  readonly is_reused: boolean
  readonly reply: unknown
  readonly problem: string | null
}

const answerColumns = 'sample, input_key, state, times_asked, is_reused, reply, problem'

export async function findAnswer(tx: Tx, evaluationId: string, inputKey: string): Promise<AnswerRow | null> {
  return tx.maybe<AnswerRow>(`select ${answerColumns} from bench.answer where evaluation_id = $1 and input_key = $2`, [
    evaluationId,
    inputKey,
  ])
}

/** An answer of the same model to the same input, from an earlier run of the project. */
export async function reuseAnswer(tx: Tx, evaluation: StoredEvaluation, inputKey: string): Promise<AnswerRow | null> {
  return tx.maybe<AnswerRow>(
    `insert into bench.answer (evaluation_id, project_id, model_digest, input_key, sample, state, is_reused, reply, problem)
     select $1, project_id, model_digest, input_key, sample, state, true, reply, problem from bench.answer
      where project_id = $2 and model_digest = $3 and input_key = $4 and state in ('answered', 'refused') order by at limit 1
     returning ${answerColumns}`,
    [evaluation.id, evaluation.projectId, evaluation.modelDigest, inputKey],
  )
}

/** Notes that the model is being asked now: a run that is killed finds this row and counts the question as asked again. */
export async function noteAsking(
  tx: Tx,
  evaluation: StoredEvaluation,
  inputKey: string,
  sample: string,
): Promise<void> {
  await tx.change(
    `insert into bench.answer (evaluation_id, project_id, model_digest, input_key, sample, state, times_asked)
     values ($1, $2, $3, $4, $5, 'asking', 1)
     on conflict (evaluation_id, input_key) do update set state = 'asking', reply = null, problem = null, times_asked = bench.answer.times_asked + 1`,
    [evaluation.id, evaluation.projectId, evaluation.modelDigest, inputKey, sample],
  )
}

export async function noteAnswer(
  tx: Tx,
  evaluationId: string,
  inputKey: string,
  answer: {
    readonly state: 'answered' | 'refused' | 'failed'
    readonly reply: unknown
    readonly problem: string | null
  },
): Promise<void> {
  await tx.change(
    `update bench.answer set state = $3, reply = $4, problem = $5, at = clock_timestamp() where evaluation_id = $1 and input_key = $2`,
    [evaluationId, inputKey, answer.state, answer.reply === null ? null : JSON.stringify(answer.reply), answer.problem],
  )
}

export async function listAnswers(tx: Tx, evaluationId: string): Promise<AnswerRow[]> {
  return tx.rows<AnswerRow>(
    `select ${answerColumns} from bench.answer where evaluation_id = $1 order by sample, input_key`,
    [evaluationId],
  )
}

export async function readAccount(tx: Tx, evaluationId: string): Promise<Account> {
  const rows = await tx.rows<Pick<AnswerRow, 'state' | 'times_asked' | 'is_reused'>>(
    'select state, times_asked, is_reused from bench.answer where evaluation_id = $1',
    [evaluationId],
  )
  return accountOf(rows.map((row) => ({ state: row.state, timesAsked: row.times_asked, isReused: row.is_reused })))
}
