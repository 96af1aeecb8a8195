import { definitions } from '../../statistics/index.ts'
import type { DatasetTask } from '../datasets/manifest.ts'
import type { Selection } from '../datasets/rows.ts'
import type { TaskScore } from '../tasks/family.ts'
import type { EvaluationAnswer, EvaluationGate } from './contract.ts'
import type { ModelIdentity } from './models.ts'

export interface Outcome {
  readonly task: DatasetTask
  readonly dataset: string
  /** Id of the metric at the top. */
  readonly headline: string
  readonly score: TaskScore
  readonly chosen: Selection
  readonly identity: ModelIdentity
  readonly gates: readonly EvaluationGate[]
  readonly unscored: number
  readonly refusals: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  readonly synthetic: boolean
  readonly dataDigest: string
  readonly program: string
  readonly command: string
  readonly device: string
  readonly seconds: number
  readonly secondsModel: number
}

/** Members stand in the order of the documented answer, so that two runs give the same bytes. */
export function answerOf(outcome: Outcome): EvaluationAnswer {
  const { task, score, chosen, identity, headline, gates, secondsModel } = outcome
  const figure = score.figures.find(({ metric }) => metric === headline)
  const reason = figure === undefined ? 'not reported for these rows' : figure.reason
  return {
    schema: 'pilotbase.evaluation/1',
    task: task.task,
    task_id: task.id,
    dataset: outcome.dataset,
    split: chosen.split,
    metric: headline,
    ...(figure?.period === undefined ? {} : { period: figure.period }),
    value: figure?.value ?? null,
    ...(reason === undefined ? {} : { reason }),
    direction: figure?.direction ?? 'higher',
    ci: figure?.ci ?? null,
    ...(figure?.ci_reason === undefined ? {} : { ci_reason: figure.ci_reason }),
    n: score.n,
    n_groups: figure?.n_groups ?? 0,
    unanswered: score.unanswered,
    unscored: outcome.unscored,
    undefined: figure?.undefined ?? 0,
    excluded: chosen.excluded.map(({ row, reason: why }) => ({ id: row.id, reason: why })),
    metrics: [...score.figures],
    model: identity.name,
    model_version: identity.version,
    model_digest: identity.digest,
    data_digest: outcome.dataDigest,
    definitions,
    program: outcome.program,
    synthetic: outcome.synthetic,
    seconds: rounded(outcome.seconds),
    seconds_model: rounded(secondsModel),
    items_per_second: secondsModel > 0 ? rounded(score.n / secondsModel) : null,
    device: outcome.device,
    command: outcome.command,
    refusals: outcome.refusals,
    details: score.details,
    notes: [...outcome.notes],
    ...(gates.length === 0 ? {} : { gates: [...gates] }),
  }
}

/** To a thousandth. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
