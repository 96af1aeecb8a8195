import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { capability } from '../database/actor.ts'
import { projectParams } from '../identity/contract.ts'
import { issueLink } from '../identity/store.ts'
import { as, type TestBase, type TestPerson, testBase } from '../testing.ts'
import { route } from './route.ts'

let base: TestBase
let owner: TestPerson
let clinician: TestPerson
let outsider: TestPerson
before(async () => {
  base = await testBase()
  owner = await base.person('owner', 'owner')
  clinician = await base.person('clinician', 'clinician')
  outsider = await base.person('outsider')
})
after(() => base.close())

const rename = route(
  {
    method: 'POST',
    path: '/api/projects/:project/rename',
    operation: 'test.rename',
    summary: 'For this test',
    access: 'member.manage',
    params: projectParams,
    body: z.strictObject({ title: z.string() }),
    reply: z.strictObject({ title: z.string() }),
  },
  async ({ tx, project, body, target }) => {
    target('project', project.slug)
    await tx.change('insert into kernel.event (project_id, kind, subject_id) values ($1, $2, $3)', [
      project.id,
      'test.renamed',
      body.title,
    ])
    if (body.title === 'broken') throw new Error('our bug')
    return { title: body.title }
  },
)
const room = { name: 'test', routes: [rename], mounts: [], work: {} }

test('who is not signed in, no member, or in the wrong role is refused, and each gets its own words', async () => {
  const app = await base.http(room)
  const url = '/api/projects/ward/rename'
  const codes = []
  for (const person of [null, outsider, clinician, owner]) {
    const answer = await app.inject(as(person, 'POST', url, { title: 'x' }))
    codes.push([answer.statusCode, answer.json().code ?? 'done'])
  }
  assert.deepEqual(codes, [
    [401, 'kernel.not-signed-in'],
    [404, 'kernel.not-found'],
    [403, 'kernel.forbidden'],
    [200, 'done'],
  ])
})

test('a change and its audit row are committed together, a refusal is audited alone', async () => {
  const app = await base.http(room)
  await app.inject(as(owner, 'POST', '/api/projects/ward/rename', { title: 'kept' }))
  await app.inject(as(clinician, 'POST', '/api/projects/ward/rename', { title: 'refused' }))
  await app.inject(as(owner, 'POST', '/api/projects/ward/rename', { title: 'broken' }))
  const rows = await base.kernel.database.transaction(capability('sealer'), (tx) =>
    tx.rows<{ actor_name: string; outcome: string; problem: string | null }>(
      `select actor_name, outcome, problem from kernel.audit_row where action = 'test.rename' order by id desc limit 2`,
    ),
  )
  assert.deepEqual(rows, [
    { actor_name: 'clinician', outcome: 'refused', problem: 'kernel.forbidden' },
    { actor_name: 'owner', outcome: 'done', problem: null },
  ])
  const events = await base.kernel.database.transaction(capability('events'), (tx) =>
    tx.rows<{ subject_id: string }>(
      `select subject_id from kernel.event where kind = 'test.renamed' and subject_id in ('kept', 'broken')`,
    ),
  )
  assert.deepEqual(events, [{ subject_id: 'kept' }])
})

test('our own bug is a 500 that tells the caller nothing but the request id', async () => {
  const app = await base.http(room)
  const answer = await app.inject(as(owner, 'POST', '/api/projects/ward/rename', { title: 'broken' }))
  assert.equal(answer.statusCode, 500)
  assert.equal(answer.json().code, 'kernel.unexpected')
  assert.ok(!answer.body.includes('our bug'))
  assert.equal(answer.json().requestId, answer.headers['x-request-id'])
})

test('a body that breaks the contract names the field, in Chinese where it is asked for', async () => {
  const app = await base.http(room)
  const request = as(owner, 'POST', '/api/projects/ward/rename', { titel: 'x' })
  const answer = await app.inject({ ...request, headers: { ...request.headers, 'accept-language': 'zh-CN' } })
  assert.equal(answer.statusCode, 400)
  assert.match(answer.json().title, /请求不符合接口约定.*title/)
})

test('a sign-in link works once, and its session cookie is refused from another site', async () => {
  const app = await base.http(room)
  const link = await base.kernel.database.transaction(capability('identity'), (tx) => issueLink(tx, owner.id, 60_000))
  const first = await app.inject({ method: 'POST', url: '/api/session', payload: { link } })
  const second = await app.inject({ method: 'POST', url: '/api/session', payload: { link } })
  assert.deepEqual([first.statusCode, second.statusCode], [201, 410])
  const cookie = first.cookies[0]
  assert.ok(cookie?.httpOnly && cookie.sameSite === 'Lax')
  const change = (origin: string) =>
    app.inject({
      method: 'POST',
      url: '/api/projects/ward/rename',
      payload: { title: 'y' },
      headers: { cookie: `${cookie.name}=${cookie.value}`, origin, host: 'base.example' },
    })
  assert.equal((await change('https://evil.example')).json().code, 'kernel.cross-site')
  assert.equal((await change('http://base.example')).statusCode, 200)
})

test('the contracts are published as OpenAPI 3.1', async () => {
  const app = await base.http(room)
  const document = (await app.inject({ url: '/api/openapi.json' })).json()
  assert.equal(document.openapi, '3.1.0')
  assert.equal(document.paths['/api/projects/{project}/rename'].post.operationId, 'test.rename')
})
