import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson } from '../../kernel/testing.ts'
import { type ModelsRoom, openModels } from '../index.ts'
import { inferResponse, modelMetadata } from '../oip/contract.ts'
import { affineFiles, modelsBase, snapshotOf } from '../testing.ts'
import { deploymentPage, type ServedDeployment, servedDeployment } from './contract.ts'

const project = '/api/projects/ward'
let base: TestBase
let room: ModelsRoom
let app: FastifyInstance
let developer: TestPerson
let auditor: TestPerson
let stop: () => Promise<void>

before(async () => {
  base = await modelsBase()
  developer = await base.person('dev', 'developer')
  auditor = await base.person('aud', 'auditor')
  room = openModels(base.kernel)
  app = await base.http(room)
  stop = await room.start()
  const files = await affineFiles()
  for (const [model, extra] of Object.entries({
    affine: {},
    pair: { 'more/other.onnx': files['affine.onnx'] ?? '' },
  })) {
    const { digest } = await snapshotOf(base, { ...files, ...extra })
    const body = { label: '1.0.0', snapshot: digest }
    assert.equal((await app.inject(as(developer, 'POST', `${project}/models/${model}/versions`, body))).statusCode, 201)
  }
})
after(async () => {
  await stop()
  await base.close()
})

const deploy = (name: string, model = 'affine', who = developer) =>
  app.inject(as(who, 'POST', `${project}/deployments`, { name, model, version: '1.0.0' }))
async function read(name: string): Promise<ServedDeployment> {
  return servedDeployment.parse((await app.inject(as(auditor, 'GET', `${project}/deployments/${name}`))).json())
}
/** The deployment once it is in the state, or whatever the test's own time limit makes of waiting. */
async function reaches(name: string, state: string): Promise<ServedDeployment> {
  for (;;) {
    const woken = base.kernel.bus.next(AbortSignal.timeout(10_000))
    const now = await read(name)
    if (now.state === state) return now
    await woken
  }
}
async function deployed(name: string, model = 'affine'): Promise<ServedDeployment> {
  const response = await deploy(name, model)
  assert.equal(response.statusCode, 201, response.body)
  assert.equal(servedDeployment.parse(response.json()).state, 'pending')
  return reaches(name, 'ready')
}
const body = { inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, -0.5] }] }
const infer = (name: string, who: TestPerson | null = developer) =>
  app.inject(as(who, 'POST', `/v2/models/${name}/infer`, body))

test('a deployed version answers by the Open Inference Protocol, and each answer is counted', async () => {
  const { networks } = await deployed('live')
  assert.deepEqual(networks, ['ward.live'])
  const response = await infer('ward.live')
  assert.deepEqual(inferResponse.parse(response.json()).outputs[0]?.data, [3, 0])
  assert.equal(inferResponse.parse(response.json()).model_version, '1.0.0')
  const about = await app.inject(as(auditor, 'GET', '/v2/models/ward.live/versions/1.0.0'))
  assert.deepEqual(modelMetadata.parse(about.json()).versions, ['1.0.0'])
  assert.equal((await app.inject(as(auditor, 'GET', '/v2/models/ward.live/versions/2.0.0'))).statusCode, 404)
  const told = await base.kernel.metrics.registry.metrics()
  const line = 'project="ward",deployment="live",version="1.0.0",endpoint="oip",outcome="answered"'
  assert.ok(told.includes(`pilotbase_inferences_total{${line}} 1`), told)
})

test('who may not infer, and who is nobody here, learns nothing of a model', async () => {
  await deployed('closed')
  const stranger = await base.person('stranger')
  assert.equal((await infer('ward.closed', null)).statusCode, 401)
  assert.equal((await infer('ward.closed', auditor)).statusCode, 403)
  assert.equal((await infer('ward.closed', stranger)).statusCode, 404)
  assert.equal((await app.inject(as(stranger, 'GET', '/v2/models/ward.closed'))).statusCode, 404)
  assert.equal((await infer('ward.none')).statusCode, 404)
  assert.equal((await deploy('x', 'affine', auditor)).statusCode, 403)
  assert.equal((await deploy('x', 'nothing')).statusCode, 404)
  // Names that are not served reach the metrics under none.
  assert.ok(!(await base.kernel.metrics.registry.metrics()).includes('ward.none'))
})

test('each network of a version has its own name', async () => {
  const { networks } = await deployed('two', 'pair')
  assert.deepEqual(networks, ['ward.two.affine', 'ward.two.more-other'])
  for (const name of networks) assert.equal((await infer(name)).statusCode, 200)
  assert.equal((await infer('ward.two')).statusCode, 404)
})

test('what is stopped answers no more, and its name is free', async () => {
  await deployed('brief')
  assert.equal((await deploy('brief')).statusCode, 409)
  const stopped = await app.inject(as(developer, 'POST', `${project}/deployments/brief/stop`))
  assert.equal(servedDeployment.parse(stopped.json()).state, 'stopped')
  assert.equal((await app.inject(as(developer, 'POST', `${project}/deployments/brief/stop`))).statusCode, 404)
  const again = await deployed('brief')
  assert.notEqual(again.id, servedDeployment.parse(stopped.json()).id)
  const listed = await app.inject(as(auditor, 'GET', `${project}/deployments?limit=200`))
  const named = deploymentPage.parse(listed.json()).deployments.filter(({ name }) => name === 'brief')
  assert.deepEqual(
    named.map(({ state }) => state),
    ['ready', 'stopped'],
  )
})

test('only a version with an answer of its own analyses recordings', async () => {
  await deployed('plain')
  const wish = room.analyse(base.project.id, 'plain', { fs: 360, leads: [] })
  await assert.rejects(wish, (error) => error instanceof Problem && error.code === 'models.endpoint-absent')
  await assert.rejects(
    room.analyse(base.project.id, 'nowhere', { fs: 360, leads: [] }),
    /There is no deployment nowhere/,
  )
})

test('a changed file in the cache is made anew and never loaded', async () => {
  const version = await app.inject(as(auditor, 'GET', `${project}/models/affine/versions/1.0.0`))
  const { snapshotDigest } = version.json() as { snapshotDigest: string }
  const cached = join(base.kernel.dataFolder, 'cache', 'models', snapshotDigest, 'affine.onnx')
  await writeFile(cached, 'something else')
  await deployed('healed')
  assert.equal((await infer('ward.healed')).statusCode, 200)
})

test('weights that are lost degrade the deployment with the reason, and the base goes on', async () => {
  const { digest } = await snapshotOf(base, { ...(await affineFiles()), 'notes.txt': 'only here' })
  const wish = { label: '3.0.0', snapshot: digest }
  assert.equal((await app.inject(as(developer, 'POST', `${project}/models/lost/versions`, wish))).statusCode, 201)
  await rm(join(base.kernel.dataFolder, 'cache', 'models', digest), { recursive: true })
  await base.kernel.objects.delete(digest)
  const response = await app.inject(
    as(developer, 'POST', `${project}/deployments`, { name: 'lost', model: 'lost', version: '3.0.0' }),
  )
  assert.equal(response.statusCode, 201)
  const { reason } = await reaches('lost', 'degraded')
  assert.equal(reason?.code, 'kernel.object-missing')
  assert.match(reason?.zh ?? '', /\p{Script=Han}/u)
  assert.equal((await infer('ward.lost')).statusCode, 404)
  await assert.rejects(
    room.analyse(base.project.id, 'lost', { fs: 360, leads: [] }),
    (error) => error instanceof Problem && error.code === 'models.deployment-not-ready',
  )
  const listed = await app.inject(as(auditor, 'GET', `${project}/deployments/lost`))
  assert.equal(listed.statusCode, 200)
})

test('a base that starts again serves what was deployed', async () => {
  await deployed('lasting')
  await stop()
  assert.equal((await infer('ward.lasting')).statusCode, 404)
  stop = await room.start()
  // Its state was ready all along, so no event tells when it is open again: ask until it answers.
  while ((await infer('ward.lasting')).statusCode !== 200);
  assert.equal((await read('lasting')).state, 'ready')
})
