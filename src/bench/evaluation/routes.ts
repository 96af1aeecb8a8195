import { z } from 'zod'
import { enqueue, httpProblem, type Kernel, projectParams, type Route, route, type Tx } from '../../kernel/index.ts'
import { evaluationList, evaluationSchema, newEvaluation, sampleList } from './contract.ts'
import { canMoveEvaluation, type EvaluationState } from './domain.ts'
import { planEvaluation } from './planning.ts'
import { problem } from '../problems.ts'
import {
  findEvaluation,
  listAnswers,
  listEvaluations,
  moveEvaluation,
  readAccount,
  type StoredEvaluation,
} from './store.ts'

const evaluationParams = z.strictObject({ ...projectParams.shape, evaluation: z.uuid() })

export function evaluationRoutes(kernel: Kernel): Route[] {
  return [
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/evaluations',
        operation: 'evaluation.plan',
        summary: 'Fix and sign a plan, then run it',
        access: 'evaluation.run',
        params: projectParams,
        body: newEvaluation,
        reply: evaluationSchema,
        status: 202,
      },
      async ({ tx, project, body, target }) => {
        const evaluation = await planEvaluation(tx, kernel, project, body)
        target('evaluation', evaluation.id, { plan: evaluation.planStatement })
        await enqueueRun(tx, evaluation.id)
        return shown(tx, evaluation)
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/evaluations',
        operation: 'evaluation.list',
        summary: 'Evaluations, newest first',
        access: 'evaluation.read',
        params: projectParams,
        query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(30) }),
        reply: evaluationList,
      },
      async ({ tx, project, query }) => {
        const evaluations = []
        for (const one of await listEvaluations(tx, project.id, query.limit)) evaluations.push(await shown(tx, one))
        return { evaluations }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/evaluations/:evaluation',
        operation: 'evaluation.read',
        summary: 'One evaluation with its accounts',
        access: 'evaluation.read',
        params: evaluationParams,
        reply: evaluationSchema,
      },
      async ({ tx, project, params }) => shown(tx, await readEvaluation(tx, project.id, params.evaluation)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/evaluations/:evaluation/samples',
        operation: 'evaluation.samples',
        summary: "Every sample's answer",
        access: 'evaluation.read',
        params: evaluationParams,
        reply: sampleList,
      },
      async ({ tx, project, params }) => {
        await readEvaluation(tx, project.id, params.evaluation)
        const samples = (await listAnswers(tx, params.evaluation)).map((row) => ({
          sample: row.sample,
          inputKey: row.input_key,
          state: row.state,
          timesAsked: row.times_asked,
          isReused: row.is_reused,
          problem: row.problem,
          reply: row.reply as z.core.util.JSONType,
        }))
        return { samples }
      },
    ),
    ...(['pause', 'resume'] as const).map((verb) =>
      route(
        {
          method: 'POST',
          path: `/api/projects/:project/evaluations/:evaluation/${verb}`,
          operation: `evaluation.${verb}`,
          summary: verb === 'pause' ? 'Stop asking after the sample in flight' : 'Go on asking',
          access: 'evaluation.run',
          params: evaluationParams,
          reply: evaluationSchema,
        },
        async ({ tx, project, params, target }) => {
          target('evaluation', params.evaluation)
          const evaluation = await readEvaluation(tx, project.id, params.evaluation)
          const to: EvaluationState = verb === 'pause' ? 'paused' : 'running'
          if (!canMoveEvaluation(evaluation.state, to) || !(await moveEvaluation(tx, evaluation, to)))
            throw problem('bench.evaluation-state', { state: evaluation.state, wish: verb })
          if (verb === 'resume') await enqueueRun(tx, evaluation.id)
          return shown(tx, await readEvaluation(tx, project.id, params.evaluation))
        },
      ),
    ),
  ]
}

/** Many tries: a run that is killed again and again still goes on where it was. */
function enqueueRun(tx: Tx, evaluation: string): Promise<number> {
  return enqueue(tx, 'bench.run', { evaluation }, { maxAttempts: 25 })
}

async function readEvaluation(tx: Tx, projectId: string, id: string): Promise<StoredEvaluation> {
  const evaluation = await findEvaluation(tx, id)
  if (evaluation === null || evaluation.projectId !== projectId)
    throw httpProblem('kernel.not-found', { kind: 'evaluation', id })
  return evaluation
}

async function shown(tx: Tx, evaluation: StoredEvaluation) {
  const { projectId: _p, createdBy: _c, startedAt: _s, ...rest } = evaluation
  return { ...rest, account: await readAccount(tx, evaluation.id) }
}
