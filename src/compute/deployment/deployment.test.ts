import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Actor, capability, type MigrationFolder, Problem, type Tx } from '../../kernel/index.ts'
import { type TestBase, testBase, type TestPerson } from '../../kernel/testing.ts'
import { canMoveDeployment, type DeploymentState, deploymentMoves, deploymentStates } from './domain.ts'
import {
  type Deployment,
  findDeployment,
  insertDeployment,
  moveDeployment,
  openDeployments,
  pageDeployments,
} from './store.ts'

const migrations: MigrationFolder = { room: 'compute', folder: new URL('../migrations/', import.meta.url) }
const reason = { code: 'models.worker-lost', en: 'The thread ended', zh: '线程已终止' }
let base: TestBase
let developer: TestPerson
let auditor: TestPerson

before(async () => {
  base = await testBase({ migrations: [migrations] })
  developer = await base.person('dev', 'developer')
  auditor = await base.person('aud', 'auditor')
})
after(() => base.close())

function as(person: TestPerson): Actor {
  return { kind: 'person', userId: person.id, name: person.handle, organisationId: randomUUID(), scopes: null }
}
function run<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
  return base.kernel.database.transaction(actor, work)
}
const insert = (name: string, actor = as(developer)) =>
  run(actor, (tx) =>
    insertDeployment(tx, base.project.id, { name, versionId: randomUUID(), replicas: 1, isDemo: false }),
  )
async function read(id: string): Promise<Deployment> {
  const found = await run(as(auditor), (tx) => findDeployment(tx, base.project.id, id))
  assert.ok(found)
  return found
}
const refuses = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

test('what is stopped never answers again, whatever is wished', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...deploymentStates)), (wishes) => {
      const end = wishes.reduce<DeploymentState>((now, to) => (canMoveDeployment(now, to) ? to : now), 'stopped')
      return end === 'stopped'
    }),
  ))

test('the database takes exactly the moves of the table, each with its event', async () => {
  const { kernel } = base
  for (const from of deploymentStates) {
    for (const to of deploymentStates) {
      const { id } = await insert(`${from}-${to}`)
      const reach: DeploymentState[] = from === 'pending' ? [] : [from]
      for (const step of reach)
        await run(as(developer), async (tx) =>
          moveDeployment(tx, await read(id), step, step === 'degraded' ? reason : null),
        )
      const known = await read(id)
      const move = run(as(developer), (tx) => moveDeployment(tx, known, to, to === 'degraded' ? reason : null))
      if ((deploymentMoves[from] as readonly string[]).includes(to)) {
        assert.equal(await move, true)
        assert.equal((await read(id)).state, to)
        // Whoever still knows the former state comes too late.
        assert.equal(
          await run(as(developer), (tx) => moveDeployment(tx, known, to, to === 'degraded' ? reason : null)),
          false,
        )
      } else await assert.rejects(move, refuses('compute.deployment-changed'))
      const kinds = await kernel.database.transaction(capability('scheduler'), (tx) =>
        tx.rows<{ kind: string }>('select kind from kernel.event where subject_id = $1 order by id', [id]),
      )
      const { state } = await read(id)
      assert.equal(kinds.at(-1)?.kind, `deployment.${state}`)
    }
  }
})

test('a name is taken until its deployment is stopped', async () => {
  const first = await insert('ecg')
  await assert.rejects(insert('ecg'), refuses('compute.deployment-name-taken'))
  await run(as(developer), (tx) => moveDeployment(tx, first, 'stopped'))
  const second = await insert('ecg')
  const named = await run(as(auditor), (tx) => findDeployment(tx, base.project.id, 'ecg'))
  assert.equal(named?.id, second.id)
  assert.equal((await read(first.id)).state, 'stopped')
})

test('only developers and owners deploy, members see, others see nothing', async () => {
  await assert.rejects(insert('by-auditor', as(auditor)), /row-level security/)
  const { id } = await insert('seen')
  const known = await read(id)
  assert.equal(await run(as(auditor), (tx) => moveDeployment(tx, known, 'stopped')), false)
  const stranger: Actor = {
    kind: 'person',
    userId: randomUUID(),
    name: 'x',
    organisationId: randomUUID(),
    scopes: null,
  }
  assert.equal(await run(stranger, (tx) => findDeployment(tx, base.project.id, 'seen')), null)
})

test('degraded has a reason and nothing else has', async () => {
  const made = await insert('reasons')
  await assert.rejects(
    run(as(developer), (tx) => moveDeployment(tx, made, 'degraded')),
    /deployment_reason/,
  )
  await run(as(developer), (tx) => moveDeployment(tx, made, 'degraded', reason))
  assert.deepEqual((await read(made.id)).reason, reason)
})

test('pages go on where the last one ended, and the base sees what is open', async () => {
  const all = await run(as(auditor), (tx) => pageDeployments(tx, base.project.id, null, 200))
  const first = await run(as(auditor), (tx) => pageDeployments(tx, base.project.id, null, 3))
  const rest = await run(as(auditor), (tx) => pageDeployments(tx, base.project.id, first[2]?.id ?? null, 200))
  assert.deepEqual([...first, ...rest], all)
  const open = await run(capability('scheduler'), openDeployments)
  assert.deepEqual(
    new Set(open.map(({ id }) => id)),
    new Set(all.filter(({ state }) => state !== 'stopped').map(({ id }) => id)),
  )
})
