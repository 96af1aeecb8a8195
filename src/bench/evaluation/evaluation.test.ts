import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { computeMigrations } from '../../compute/index.ts'
import { createSnapshot, dataMigrations, type Project, syntheticDataset } from '../../data/index.ts'
import type { Actor } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson, testBase } from '../../kernel/testing.ts'
import { modelsMigrations, seedShipped, type StoredVersion } from '../../models/index.ts'
import type { EvaluatedModel } from '../evaluate/models.ts'
import { benchMigrations, evaluated, openBench } from '../index.ts'
import type { Evaluation } from './contract.ts'
import { runEvaluation } from './running.ts'

let base: TestBase
let app: FastifyInstance
let evaluator: TestPerson
let version: StoredVersion
let snapshot: string
let model: EvaluatedModel
const samples = 3

before(async () => {
  base = await testBase({ migrations: [dataMigrations, computeMigrations, modelsMigrations, benchMigrations] })
  evaluator = await base.person('evaluator', 'evaluator')
  const developer = await base.person('developer', 'developer')
  const { kernel } = base
  app = await base.http(openBench(kernel))
  const project: Project = { ...base.project, isDemo: true }
  const who: Actor = {
    kind: 'person',
    userId: developer.id,
    name: 'developer',
    organisationId: await organisationOf(developer),
    scopes: null,
  }
  const files = [...syntheticDataset({ records: samples, seconds: 20, seed: 3, testShare: 1 })]
  const stored = await kernel.objects.putMany(files.map(([name, content]) => ({ name, content })))
  ;({ version, snapshot } = await kernel.database.transaction(who, async (tx) => {
    const made = await createSnapshot(tx, kernel, project, 'synthetic', {
      schema: 'pilotbase.snapshot/1',
      source: 'made',
      licence: 'CC0-1.0',
      synthetic: true,
      files: stored.files.map(({ sha256, sizeBytes }, i) => ({ path: files[i]?.[0] ?? '', sha256, sizeBytes })),
    })
    const [shipped] = await seedShipped(kernel, tx, project)
    if (shipped === undefined) throw new Error('a model is shipped')
    return { version: shipped, snapshot: made.digest }
  }))
  model = await evaluated(kernel, version)
})
after(async () => {
  await model.close()
  await base.close()
})

async function organisationOf(person: TestPerson): Promise<string> {
  const { kernel } = base
  return kernel.database.transaction({ kind: 'capability', capability: 'identity' }, async (tx) => {
    const row = await tx.one<{ organisation_id: string }>('select organisation_id from kernel.person where id = $1', [
      person.id,
    ])
    return row.organisation_id
  })
}

async function plan(task = 'ecg-beats', gates: string[] = []): Promise<Evaluation> {
  const wish = { version: version.id, snapshot, task, gates }
  const answer = await app.inject(as(evaluator, 'POST', '/api/projects/ward/evaluations', wish))
  assert.equal(answer.statusCode, 202, answer.body)
  return answer.json()
}

const read = async (id: string): Promise<Evaluation> =>
  (await app.inject(as(evaluator, 'GET', `/api/projects/ward/evaluations/${id}`))).json()

/** The model as it is, but for what happens at each question; closing it is left to the end of the file. */
const asking = (ask: EvaluatedModel['ask']) => async (): Promise<EvaluatedModel> => ({
  ...model,
  ask,
  close: async () => {},
})

test('a run killed in the midst of a question goes on, asks again only that one, and accounts for it', async () => {
  const { id } = await plan('ecg-beats', ['qrs_se_gross>=0.9 groups>=1'])
  const reached = Promise.withResolvers<void>()
  let asked = 0
  // The first run never gets its second answer: to the database that is a run that was killed there.
  void runEvaluation(
    base.kernel,
    asking((question) => {
      asked += 1
      if (asked < 2) return model.ask(question)
      reached.resolve()
      return new Promise(() => {})
    }),
    id,
  )
  await reached.promise
  await runEvaluation(base.kernel, asking(model.ask), id)
  const ended = await read(id)
  assert.equal(ended.state, 'complete')
  assert.deepEqual(ended.account, { asked: samples + 1, reused: 0, reasked: 1, refused: 0, failed: 0 })
  assert.equal(ended.answer?.n_groups, samples)
  assert.ok(ended.statement !== null && ended.planStatement !== null)
})

test('the same model on the same input is not asked a second time', async () => {
  const { id } = await plan()
  await runEvaluation(
    base.kernel,
    asking(() => Promise.reject(new Error('nobody should ask'))),
    id,
  )
  const ended = await read(id)
  assert.deepEqual([ended.state, ended.account.asked, ended.account.reused], ['complete', 0, samples])
})

test('a sample on which the model breaks makes the run void: bounds and the reason, and no score', async () => {
  const { id } = await plan('ecg-beat-class')
  let asked = 0
  const breaking = asking((question) => {
    asked += 1
    return asked % samples === 0 ? Promise.reject(new Error('out of memory')) : model.ask(question)
  })
  await runEvaluation(base.kernel, breaking, id)
  const ended = await read(id)
  assert.deepEqual([ended.state, ended.answer, ended.statement], ['void', null, null])
  assert.match(ended.voidReason ?? '', /1 samples failed/)
  assert.equal(ended.account.failed, 1)
  const bound = ended.bounds?.find((one) => one.metric === 'f1_macro_NSVF')
  assert.ok(bound !== undefined && (bound.low ?? 1) < (bound.high ?? 0), JSON.stringify(bound))
})

test('a paused run stops between two questions and goes on when it is resumed', async () => {
  const { id } = await plan('ecg-beat-class')
  let asked = 0
  const pausing = asking(async (question) => {
    asked += 1
    if (asked === 1) await app.inject(as(evaluator, 'POST', `/api/projects/ward/evaluations/${id}/pause`))
    return model.ask(question)
  })
  await runEvaluation(base.kernel, pausing, id)
  assert.equal((await read(id)).state, 'paused')
  await app.inject(as(evaluator, 'POST', `/api/projects/ward/evaluations/${id}/resume`))
  await runEvaluation(base.kernel, asking(model.ask), id)
  const ended = await read(id)
  assert.deepEqual([ended.state, ended.account.reasked], ['complete', 0])
})

test('a plan that asks for what the task does not report, or names no version, is refused before anything runs', async () => {
  const refused = async (wish: object) =>
    (
      await app.inject(
        as(evaluator, 'POST', '/api/projects/ward/evaluations', {
          version: version.id,
          snapshot,
          task: 'ecg-beats',
          ...wish,
        }),
      )
    ).json().code
  assert.equal(await refused({ gates: ['qrs_sensitivity>=0.9'] }), 'bench.call-gate-metric')
  assert.equal(await refused({ version: '00000000-0000-4000-8000-000000000000' }), 'kernel.not-found')
  assert.equal(await refused({ task: 'ecg-beatz' }), 'bench.call-task-unknown')
})
