import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { dataMigrations, encodeRecord, openData, syntheticEcg } from '../../data/index.ts'
import { capability } from '../../kernel/index.ts'
import { startQueue } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson, testBase } from '../../kernel/testing.ts'
import { type AppsRoom, appsMigrations, openApps } from '../index.ts'
import type { Case } from '../kit/case/contract.ts'
import { liveModel, type ShippedRelease, shippedRelease, snapshotOf } from './testing.ts'

let base: TestBase
let app: FastifyInstance
let apps: AppsRoom
let released: ShippedRelease
let clinician: TestPerson
let developer: TestPerson
const path = '/api/projects/ward/apps/ecg-interpretation/cases'

before(async () => {
  base = await testBase({ migrations: [dataMigrations, appsMigrations] })
  released = await shippedRelease()
  apps = openApps(base.kernel, released)
  app = await base.http(openData(base.kernel), apps)
  clinician = await base.person('lin', 'clinician')
  developer = await base.person('dai', 'developer')
})
after(async () => {
  await base.close()
  await released.close()
})

/** A form as a browser sends it. */
function upload(files: ReadonlyMap<string, Uint8Array>, fields: Record<string, string> = {}, who = clinician) {
  const mark = 'form-boundary-0123456789'
  const parts: (string | Uint8Array)[] = []
  for (const [name, value] of Object.entries(fields))
    parts.push(`--${mark}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  for (const [name, bytes] of files)
    parts.push(
      `--${mark}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
      bytes,
      '\r\n',
    )
  parts.push(`--${mark}--\r\n`)
  return app.inject({
    method: 'POST',
    url: `${path}/upload`,
    headers: { authorization: `Bearer ${who.key}`, 'content-type': `multipart/form-data; boundary=${mark}` },
    payload: Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))),
  })
}

const read = async (id: string): Promise<Case> => (await app.inject(as(clinician, 'GET', `${path}/${id}`))).json()

async function answered(files: ReadonlyMap<string, Uint8Array>, fields = {}): Promise<Case> {
  const sent = await upload(files, fields)
  assert.equal(sent.statusCode, 202, sent.body)
  const { id } = sent.json()
  await apps.work['apps.ecg-analyse']?.({ caseId: id }, { attempt: 1, signal: AbortSignal.abort() })
  return read(id)
}

const record = (rhythm: 'sinus' | 'bigeminy' | 'atrial-fibrillation', seconds = 40) =>
  encodeRecord(syntheticEcg({ seed: 3, seconds, rhythm, id: 'bed-7' }))

test('an uploaded record is answered, and its objects are kept from the collector by the case', async () => {
  const found = await answered(record('bigeminy'), { subject: 'P-7' })
  assert.deepEqual([found.state, found.subject, found.input.origin], ['answered', 'P-7', 'upload'])
  assert.ok(found.isSynthetic, 'what the file says of itself is inherited')
  assert.ok(found.findings.some(({ code }) => code === 'ventricular-bigeminy'))
  const held = await base.kernel.database.transaction(capability('collector'), (tx) =>
    tx.rows<{ sha256: string }>(
      "select sha256 from kernel.object_reference where owner_kind = 'case' and owner_id = $1",
      [found.id],
    ),
  )
  const digests = held.map(({ sha256 }) => sha256)
  for (const digest of [found.inputSha256, found.answerSha256 ?? '', ...found.input.files.map((file) => file.sha256)])
    assert.ok(digests.includes(digest))
})

test('a flat recording is refused with its reason and without a score', async () => {
  const ecg = syntheticEcg({ seed: 3, seconds: 20, id: 'flat' })
  const leads = ecg.leads.map((lead) => ({ ...lead, adc: new Int16Array(lead.adc.length).fill(12) }))
  const found = await answered(encodeRecord({ ...ecg, leads }))
  assert.deepEqual([found.state, found.refusal?.code, found.findings], ['refused', 'models.ecg-flat', []])
})

test('uploads that nobody may send, or that are no recording, leave nothing behind', async () => {
  const count = () =>
    base.kernel.database.transaction(capability('scheduler'), (tx) =>
      tx.one<{ n: number }>('select count(*) as n from apps.case'),
    )
  const before = await count()
  assert.equal((await upload(record('sinus'), {}, developer)).statusCode, 403)
  assert.equal(
    (await upload(new Map([['notes.txt', Buffer.from('hello')]]))).json().code,
    'data.recording-format-unknown',
  )
  assert.equal((await upload(record('sinus'), { subject: 'Zhang San' })).statusCode, 400)
  assert.equal((await upload(record('sinus'), { subject: '13800138000' })).json().code, 'apps.subject-identifies')
  assert.equal((await upload(new Map())).json().code, 'apps.ecg-upload')
  const bare = { ...as(clinician, 'POST', `${path}/upload`, { a: 1 }) }
  assert.equal((await app.inject(bare)).json().code, 'apps.ecg-upload')
  assert.deepEqual(await count(), before)
})

test('the signal comes as recorded in a short window and as an envelope over the whole', async () => {
  const found = await answered(record('sinus'))
  const url = `${path}/${found.id}/signal`
  const short = (await app.inject(as(clinician, 'GET', `${url}?from=5&to=7`))).json()
  assert.deepEqual([short.from, short.to, short.samplesPerPoint], [1800, 2520, 1])
  assert.deepEqual(
    short.leads.map((lead: { name: string; lowUv: number[] }) => [lead.name, lead.lowUv.length]),
    [
      ['II', 720],
      ['V1', 720],
    ],
  )
  assert.ok(short.beats.length >= 2)
  const whole = (await app.inject(as(clinician, 'GET', `${url}?from=0&to=40&points=500`))).json()
  assert.ok(whole.samplesPerPoint > 1 && whole.leads[0].highUv.length <= 500)
  assert.equal((await app.inject(as(clinician, 'GET', `${url}?from=41&to=50`))).json().code, 'apps.ecg-window')
})

test('the report says in both languages what was found, who decided, and what to check it by; it runs no script', async () => {
  const found = await answered(record('bigeminy'), { subject: 'P-7' })
  const findings = found.findings.map(({ id }, k) => ({ id, verdict: k === 0 ? 'accept' : 'reject' }))
  const body = { revision: found.revision, findings, note: '<script>alert(1)</script>' }
  const decided = await app.inject(as(clinician, 'POST', `${path}/${found.id}/decisions`, body))
  assert.equal(decided.statusCode, 201, decided.body)
  for (const [lang, support] of [
    ['en', 'Decision support'],
    ['zh', '仅供决策参考'],
  ] as const) {
    const page = await app.inject(as(clinician, 'GET', `${path}/${found.id}/report.html?lang=${lang}`))
    assert.equal(page.statusCode, 200)
    const words = found.findings[0]?.words[lang].title ?? '?'
    const statement = decided.json().decisions[0].statementSha256
    for (const text of [support, words, 'lin', found.releaseId, found.answerSha256 ?? '?', statement, 'P-7'])
      assert.ok(page.body.includes(text), `${lang}: ${text}`)
    assert.ok(page.body.includes('&lt;script&gt;') && !page.body.includes('<script'))
    assert.doesNotMatch(page.body, / style="| on\w+="/)
    const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? ''
    const digest = createHash('sha256').update(style).digest('base64')
    const policy = String(page.headers['content-security-policy'])
    assert.ok(policy.includes(`'sha256-${digest}'`) && policy.includes("default-src 'none'"))
    // 10 s at 25 mm a second
    assert.match(page.body, /<svg [^>]*width="250mm"/)
  }
  const french = await app.inject(as(clinician, 'GET', `${path}/${found.id}/report.html?lang=fr`))
  assert.equal(french.statusCode, 400)
})

test('no report and no answer of a case that has none, or that is nobody’s', async () => {
  const { id } = (await upload(record('sinus'))).json()
  assert.equal(
    (await app.inject(as(clinician, 'GET', `${path}/${id}/report.html`))).json().code,
    'apps.case-not-answered',
  )
  assert.equal((await app.inject(as(clinician, 'GET', `${path}/${liveModel.releaseId}/answer`))).statusCode, 404)
  assert.equal((await app.inject(as(clinician, 'GET', `${path}/nonsense/answer`))).statusCode, 404)
})

test('a case that was accepted while no worker ran is answered by the next base', async () => {
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 11, seconds: 20 })
  const wish = { snapshot: snapshot.id, record: 'ward/record' }
  const { id } = (await app.inject(as(clinician, 'POST', path, wish))).json()
  assert.equal((await read(id)).state, 'open')
  const done = Promise.withResolvers<void>()
  const queue = await startQueue({
    url: base.databaseUrl,
    database: base.kernel.database,
    concurrency: 1,
    work: {
      'apps.ecg-analyse': async (payload, context) => {
        await apps.work['apps.ecg-analyse']?.(payload, context)
        if ((payload as { caseId: string }).caseId === id) done.resolve()
      },
    },
    onFailure: (_task, error) => done.reject(error),
    log: () => {},
  })
  try {
    await done.promise
  } finally {
    await queue.stop()
  }
  assert.equal((await read(id)).state, 'answered')
})
