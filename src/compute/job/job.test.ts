import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { dataMigrations, openData } from '../../data/index.ts'
import { as, type TestBase, type TestPerson, testBase } from '../../kernel/testing.ts'
import { type ComputeRoom, computeMigrations, openCompute } from '../index.ts'
import type { Job } from './contract.ts'
import { canMove, hasEnded, jobStates, verdict } from './domain.ts'

let base: TestBase
let app: FastifyInstance
let developer: TestPerson
let compute: ComputeRoom
let stop: () => Promise<void> = async () => {}
let folder: string

/** The state in which a job ended, as everybody sees it: after the commit. */
async function endOf(id: string): Promise<string> {
  for (;;) {
    const { state } = await read(id)
    if (hasEnded(state)) return state
    await base.kernel.bus.next(AbortSignal.timeout(1000))
  }
}

before(async () => {
  base = await testBase({ migrations: [dataMigrations, computeMigrations] })
  developer = await base.person('developer', 'developer')
  folder = await mkdtemp(join(tmpdir(), 'pilotbase-jobs-'))
  await chmod(folder, 0o711)
  compute = openCompute(base.kernel, folder)
  app = await base.http(openData(base.kernel), compute)
  stop = (await compute.start?.()) ?? stop
})
after(async () => {
  await stop()
  await base.close()
  await rm(folder, { recursive: true, force: true })
})

const submit = async (spec: object): Promise<string> => {
  const answer = await app.inject(as(developer, 'POST', '/api/projects/ward/jobs', { name: 'test', ...spec }))
  assert.equal(answer.statusCode, 202, answer.body)
  return answer.json().id
}
const read = async (id: string): Promise<Job> =>
  (await app.inject(as(developer, 'GET', `/api/projects/ward/jobs/${id}`))).json()

test('a job gets its inputs by digest, and what it writes is kept by digest', async () => {
  const { sha256 } = await base.kernel.objects.put(Buffer.from('of the ward\n'))
  const id = await submit({
    command: ['sh', '-c', 'echo hello; cat inputs/name.txt; tr a-z A-Z < inputs/name.txt > outputs/loud.txt'],
    inputs: [{ path: 'name.txt', sha256 }],
  })
  assert.equal(await endOf(id), 'succeeded')
  const job = await read(id)
  assert.deepEqual(
    job.outputs?.map((one) => [one.path, one.sizeBytes]),
    [['loud.txt', 12]],
  )
  const output = await app.inject(as(developer, 'GET', `/api/projects/ward/jobs/${id}/outputs/loud.txt`))
  assert.equal(output.body, 'OF THE WARD\n')
  const log = await app.inject(as(developer, 'GET', `/api/projects/ward/jobs/${id}/log`))
  assert.equal(log.body, 'hello\nof the ward\n')
})

test('a command that fails is tried again as often as allowed, and the last end is told', async () => {
  const id = await submit({ command: ['sh', '-c', 'exit 3'], maxAttempts: 2 })
  assert.equal(await endOf(id), 'failed')
  const job = await read(id)
  assert.deepEqual([job.attempt, job.ending?.exitCode], [2, 3])
})

test('cancelling ends the job with all its processes', async () => {
  const id = await submit({ command: ['sh', '-c', 'sleep 600 & wait'], graceMs: 200 })
  const answer = await app.inject(as(developer, 'POST', `/api/projects/ward/jobs/${id}/cancel`))
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(await endOf(id), 'cancelled')
})

test('a program that is not there fails in words', async () => {
  const id = await submit({ command: ['no-such-program'] })
  assert.equal(await endOf(id), 'failed')
  const { ending } = await read(id)
  assert.ok(ending?.message !== null || ending?.exitCode === 127)
})

test('progress that a command prints as JSON is shown with the job', async () => {
  const id = await submit({ command: ['sh', '-c', `echo '{"event":"progress","step":1,"of":2}'`] })
  assert.equal(await endOf(id), 'succeeded')
  assert.deepEqual((await read(id)).progress, { event: 'progress', step: 1, of: 2 })
})

test('a job that asks for what nobody has, or names content that is not stored, is refused at the door', async () => {
  const refused = async (spec: object) =>
    (
      await app.inject(as(developer, 'POST', '/api/projects/ward/jobs', { name: 'x', command: ['true'], ...spec }))
    ).json().code
  assert.equal(await refused({ resources: { cpus: 1000 } }), 'compute.too-large')
  assert.equal(await refused({ inputs: [{ path: 'x', sha256: '0'.repeat(64) }] }), 'compute.input-missing')
})

test('an ended job never moves again, except that a lost one may be queued anew', () => {
  fc.assert(
    fc.property(fc.constantFrom(...jobStates), fc.constantFrom(...jobStates), (from, to) => {
      if (hasEnded(from) && !(from === 'lost' && to === 'queued')) assert.equal(canMove(from, to), false)
    }),
  )
})

test('only an exit of 0 is a success, and attempts never exceed what was allowed', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: 255 })),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 10 }),
      (exitCode, isLost, isCancelWished, attempt, maxAttempts) => {
        const to = verdict({ exitCode, isLost, isCancelWished, attempt, maxAttempts })
        assert.equal(to === 'collecting', exitCode === 0)
        if (attempt >= maxAttempts) assert.notEqual(to, 'queued')
      },
    ),
  )
})
