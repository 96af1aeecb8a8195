import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { packHeader } from '../../data/index.ts'
import { capability, Problem } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson } from '../../kernel/testing.ts'
import { ecgAnswer } from '../ecg/contract.ts'
import type { Lead } from '../ecg/signal.ts'
import { fixtureLeads } from '../ecg/testing.ts'
import { type ModelsRoom, openModels, openVersion } from '../index.ts'
import { ecgFiles, modelsBase, snapshotOf } from '../testing.ts'
import { versionDetail } from '../version/contract.ts'

const project = '/api/projects/ward'
const url = `${project}/deployments/rhythm/ecg`
const fs = 360
let base: TestBase
let room: ModelsRoom
let app: FastifyInstance
let clinician: TestPerson
let auditor: TestPerson
let leads: Lead[]
let stop: () => Promise<void>

before(async () => {
  base = await modelsBase()
  const developer = await base.person('dev', 'developer')
  clinician = await base.person('clin', 'clinician')
  auditor = await base.person('aud', 'auditor')
  room = openModels(base.kernel, { jsonBytes: 30 << 20, packBytes: 40_000 })
  app = await base.http(room)
  stop = await room.start()
  leads = await fixtureLeads('119s')
  const { digest } = await snapshotOf(base, await ecgFiles())
  const registered = await app.inject(
    as(developer, 'POST', `${project}/models/ecg/versions`, { label: '1.0.0', snapshot: digest }),
  )
  assert.equal(registered.statusCode, 201, registered.body)
  const wish = { name: 'rhythm', model: 'ecg', version: '1.0.0' }
  assert.equal((await app.inject(as(developer, 'POST', `${project}/deployments`, wish))).statusCode, 201)
})
after(async () => {
  await stop()
  await base.close()
})

const samplesOf = (given: readonly Lead[]) => given.map(({ name, samplesMv }) => ({ name, samplesMv: [...samplesMv] }))
const send = (payload: object | string, who: TestPerson | null = clinician) =>
  app.inject(as(who, 'POST', url, payload as object))
const sendAs = (type: string, payload: Buffer | string, language = 'en') =>
  app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${clinician.key}`, 'content-type': type, 'accept-language': language },
  })
const codeOf = (response: { json(): unknown }) => (response.json() as { code: string }).code
const packType = 'application/vnd.pilotbase.pack'

function packOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const pieces = Object.entries(files).flatMap(([name, content]) => [
    packHeader({ name, sizeBytes: content.length }),
    content,
  ])
  return Buffer.concat(pieces)
}
async function fixtureFile(name: string): Promise<Buffer> {
  return readFile(new URL(`../../../recipes/ecg/fixtures/${name}`, import.meta.url))
}

test('a recording is answered as soon as it may be sent, alike as JSON, as WFDB, by the room and by a version without a deployment', async () => {
  const response = await send({ fs, leads: samplesOf(leads) })
  assert.equal(response.statusCode, 200, response.body)
  assert.match(String(response.headers['content-type']), /^application\/json/)
  const asJson = ecgAnswer.parse(response.json())
  assert.ok(asJson.beats.length > 10)

  const samples = leads[0]?.samplesMv.length ?? 0
  const hea = Buffer.from(`119s 2 360 ${samples}\n119s.dat 212 200(1024)/mV\n119s.dat 212 200(1024)/mV\n`)
  const pack = packOf({ '119s.hea': hea, '119s.dat': await fixtureFile('119s.dat') })
  const asFiles = ecgAnswer.parse((await sendAs(packType, pack)).json())
  assert.deepEqual(
    asFiles.beats.map((beat) => beat.sample),
    asJson.beats.map((beat) => beat.sample),
  )
  assert.deepEqual(await room.analyse(base.project.id, 'rhythm', { fs, leads }), asJson)

  const read = await app.inject(as(auditor, 'GET', `${project}/models/ecg/versions/1.0.0`))
  const version = versionDetail.parse(read.json())
  assert.equal(version.signature.endpoint, 'pilotbase.ecg/1')
  const open = await openVersion(base.kernel, version)
  assert.deepEqual(await open.analyse({ fs, leads }), asJson)
  // The caller's samples are still the caller's.
  assert.equal(leads[0]?.samplesMv.length, samples)
  await open.close()
})

test('known beats are classed where they are, and a missing sample is no zero', async () => {
  const [lead] = samplesOf(leads)
  const samplesMv = (lead?.samplesMv ?? []).map((value, i) => (i > 3000 && i < 3020 ? null : value))
  const beatsAt = [400, 1000, 2000]
  const response = await send({ fs, leads: [{ name: 'MLII', samplesMv }], beatsAt })
  assert.deepEqual(
    ecgAnswer.parse(response.json()).beats.map((beat) => beat.sample),
    beatsAt,
  )
})

test('the base answers others while a recording is worked on', async () => {
  const long = leads.map(({ name, samplesMv }) => {
    const whole = new Float32Array(30 * samplesMv.length)
    for (let k = 0; k < 30; k++) whole.set(samplesMv, k * samplesMv.length)
    return { name, samplesMv: whole }
  })
  const order: string[] = []
  const slow = room.analyse(base.project.id, 'rhythm', { fs, leads: long }).then(() => order.push('recording'))
  await app.inject('/healthz').then(() => order.push('health'))
  await slow
  assert.deepEqual(order, ['health', 'recording'])
})

test('what cannot be answered is refused with its reason and what to do, in the reader’s language', async () => {
  const flat = { fs, leads: [{ name: 'II', samplesMv: Array.from({ length: 3600 }, () => 0.2) }] }
  assert.equal(codeOf(await send(flat)), 'models.ecg-flat')
  const zh = await sendAs('application/json', JSON.stringify(flat), 'zh-CN')
  assert.equal(zh.statusCode, 422)
  assert.match((zh.json() as { title: string }).title, /\p{Script=Han}/u)
  assert.equal(codeOf(await sendAs('application/json', '{"fs": 360')), 'models.recording-json')
  assert.equal(codeOf(await send({ fs: 'fast', leads: [] })), 'models.recording-json')
  assert.equal(codeOf(await sendAs('text/csv', '1,2')), 'models.recording-type')
  assert.equal(codeOf(await sendAs(packType, Buffer.alloc(41_000, 10))), 'models.recording-too-large')
  const header = await fixtureFile('119s.hea')
  assert.equal(codeOf(await sendAs(packType, packOf({ 'notes.txt': header }))), 'models.recording-files')
  assert.equal(codeOf(await sendAs(packType, packOf({ 'a.hea': header, 'b.hea': header }))), 'models.recording-files')
  assert.equal(codeOf(await sendAs(packType, packOf({ '119s.hea': header }))).split('.')[0], 'data')
  const pressure = Buffer.from('p 1 125 4\np.dat 16 100/mmHg 16 0 0 0 0 ABP\n')
  const files = { 'p.hea': pressure, 'p.dat': Buffer.alloc(8) }
  assert.equal(codeOf(await sendAs(packType, packOf(files))), 'models.recording-no-ecg')
  await assert.rejects(
    room.analyse(base.project.id, 'rhythm', { fs: 20, leads }),
    (error) => error instanceof Problem && error.code === 'models.ecg-rate' && error.row.status === 422,
  )
})

test('only who may infer is answered', async () => {
  const body = { fs, leads: [] }
  assert.equal((await send(body, auditor)).statusCode, 403)
  assert.equal((await send(body, null)).statusCode, 401)
  const other = await app.inject(as(clinician, 'POST', `${project}/deployments/none/ecg`, body))
  assert.equal(other.statusCode, 404)
})

test('each look at a recording is audited and counted, and nothing of it is kept', async () => {
  const { kernel } = base
  await send({ fs, leads: samplesOf(leads) })
  const rows = await kernel.database.transaction(capability('sealer'), (tx) =>
    tx.rows<{ actor_id: string; outcome: string; problem: string | null; detail: object }>(
      "select actor_id, outcome, problem, detail from kernel.audit_row where action = 'deployment.ecg' order by id",
    ),
  )
  assert.ok(rows.some(({ outcome, problem }) => outcome === 'refused' && problem === 'models.ecg-flat'))
  const last = rows.at(-1)
  assert.deepEqual(last, {
    actor_id: clinician.id,
    outcome: 'done',
    problem: null,
    detail: { name: 'rhythm', model: 'ecg', label: '1.0.0' },
  })
  const told = await kernel.metrics.registry.metrics()
  assert.match(told, /deployment="rhythm",version="1.0.0",endpoint="ecg",outcome="models.ecg-flat"} 2/)
})

test('the networks of the model are callable by themselves', async () => {
  const about = await app.inject(as(auditor, 'GET', '/v2/models/ward.rhythm.detector'))
  assert.equal(about.statusCode, 200, about.body)
  assert.equal((await app.inject(as(auditor, 'GET', '/v2/models/ward.rhythm'))).statusCode, 404)
})
