import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { dataMigrations, type EcgSettings, openData, readManifest, readRecording } from '../../data/index.ts'
import { capability, catalogue, keyRing, openStatement, type Predicate, statements } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson, testBase } from '../../kernel/testing.ts'
import { type AppsRoom, appsMigrations, openApps } from '../index.ts'
import { analysisAttempts } from '../kit/case/cases.ts'
import type { Case } from '../kit/case/contract.ts'
import { ecgSummary } from './contract.ts'
import { liveModel, type ShippedRelease, shippedRelease, snapshotOf } from './testing.ts'

let base: TestBase
let app: FastifyInstance
let apps: AppsRoom
let released: ShippedRelease
let clinician: TestPerson
let second: TestPerson
let auditor: TestPerson
let developer: TestPerson
const path = '/api/projects/ward/apps/ecg-interpretation/cases'

before(async () => {
  base = await testBase({ migrations: [dataMigrations, appsMigrations] })
  released = await shippedRelease()
  apps = openApps(base.kernel, released)
  app = await base.http(openData(base.kernel), apps)
  clinician = await base.person('lin', 'clinician')
  second = await base.person('mei', 'clinician')
  auditor = await base.person('su', 'auditor')
  developer = await base.person('dai', 'developer')
})
after(async () => {
  await released.close()
  await base.close()
})

async function open(settings: Partial<EcgSettings> = {}, more: object = {}): Promise<string> {
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 1, seconds: 30, ...settings })
  const wish = { snapshot: snapshot.id, record: 'ward/record', ...more }
  const answer = await app.inject(as(clinician, 'POST', path, wish))
  assert.equal(answer.statusCode, 202, answer.body)
  assert.equal(answer.json().state, 'open')
  return answer.json().id
}

const work = (caseId: string, attempt = 1) =>
  apps.work['apps.ecg-analyse']?.({ caseId }, { attempt, signal: AbortSignal.abort() })

const read = async (id: string, who = clinician): Promise<Case> => {
  const answer = await app.inject(as(who, 'GET', `${path}/${id}`))
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

async function answered(settings: Partial<EcgSettings> = {}, more: object = {}): Promise<Case> {
  const id = await open(settings, more)
  await work(id)
  return read(id)
}

const accepting = (found: Case) => ({
  revision: found.revision,
  findings: found.findings.map(({ id }) => ({ id, verdict: 'accept' })),
})
const decide = (id: string, body: object, who = clinician) =>
  app.inject(as(who, 'POST', `${path}/${id}/decisions`, body))

test('a recording of a snapshot is answered by what is released, with findings that point into it', async () => {
  const found = await answered({ rhythm: 'bigeminy', seconds: 60 }, { subject: 'P-0042' })
  assert.equal(found.state, 'answered')
  assert.equal(found.releaseId, liveModel.releaseId)
  assert.equal(found.weightsSha256, liveModel.weightsDigest)
  assert.equal(found.subject, 'P-0042')
  assert.ok(found.isSynthetic)
  assert.equal(found.findings[0]?.rank, 1)
  const bigeminy = found.findings.find(({ code }) => code === 'ventricular-bigeminy')
  assert.ok(bigeminy, found.findings.map(({ code }) => code).join())
  assert.ok((bigeminy.pointers[0]?.beats.length ?? 0) >= 5)
  assert.ok(found.limits.zh.some((line) => line.includes('决策参考')))
  assert.ok(ecgSummary.parse(found.summary).beatCount > 60)
})

test('fibrillation is suspected and sinus rhythm is not', async () => {
  const irregular = await answered({ rhythm: 'atrial-fibrillation', seconds: 60 })
  assert.ok(irregular.findings.some(({ code }) => code === 'irregular-suggests-af'))
  const regular = await answered({ rhythm: 'sinus' })
  assert.deepEqual(
    regular.findings.map(({ code }) => code),
    ['regular-rhythm'],
  )
})

const refusals: readonly (readonly [string, Partial<EcgSettings>, string])[] = [
  ['too short', { seconds: 6 }, 'models.ecg-too-short'],
  ['cut off', { noise: { clippingMv: 0.1 } }, 'models.ecg-clipped'],
  ['sampled too slowly', { fs: 80 }, 'models.ecg-rate'],
]
for (const [what, settings, code] of refusals) {
  test(`a recording that is ${what} is refused with its reason and without a score`, async () => {
    const found = await answered(settings)
    assert.equal(found.state, 'refused')
    assert.equal(found.refusal?.code, code)
    assert.match(found.refusal?.zh.fix ?? '', /[\u4e00-\u9fff]/)
    assert.deepEqual([found.summary, found.answerSha256, found.findings], [null, null, []])
    assert.equal((await decide(found.id, accepting(found))).json().code, 'apps.case-not-answered')
  })
}

test('noise is refused and not interpreted', async () => {
  const found = await answered({ noise: { muscleMv: 3, electrodeMotionMv: 10, electrodeMotionEverySeconds: 1 } })
  assert.equal(found.state, 'refused')
  assert.match(found.refusal?.code ?? '', /^models\.ecg-(noisy|not-an-ecg)$/)
})

test('a record that the snapshot does not hold, and a snapshot of nobody, are refused at the door', async () => {
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 1, seconds: 30 })
  const wish = (record: string, id = snapshot.id) => as(clinician, 'POST', path, { snapshot: id, record })
  assert.equal((await app.inject(wish('ward/other'))).json().code, 'apps.ecg-record-missing')
  assert.equal((await app.inject(wish('../record'))).json().code, 'apps.ecg-record-missing')
  assert.equal((await app.inject(wish('ward/record', 'b'.repeat(64)))).statusCode, 404)
})

test('nothing is asked where nothing is released', async () => {
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 1, seconds: 30 })
  released.put(null)
  const answer = await app.inject(as(clinician, 'POST', path, { snapshot: snapshot.id, record: 'ward/record' }))
  released.put(liveModel)
  assert.equal(answer.json().code, 'apps.no-release')
})

test('the number of a person is not taken as a subject', async () => {
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 1, seconds: 30 })
  const wish = (subject: string) =>
    as(clinician, 'POST', path, { snapshot: snapshot.id, record: 'ward/record', subject })
  assert.equal((await app.inject(wish('11010519491231002X'))).json().code, 'apps.subject-identifies')
  assert.equal((await app.inject(wish('Zhang San'))).statusCode, 400)
})

test('only a clinician opens and decides; an auditor reads; a developer sees nothing', async () => {
  const found = await answered()
  assert.equal((await app.inject(as(developer, 'GET', `${path}/${found.id}`))).statusCode, 403)
  assert.equal((await app.inject(as(developer, 'GET', path))).statusCode, 403)
  assert.equal((await decide(found.id, accepting(found), auditor)).statusCode, 403)
  assert.equal((await read(found.id, auditor)).id, found.id)
  const rows = await base.kernel.database.transaction(
    { kind: 'person', userId: developer.id, name: 'dai', organisationId: '', scopes: null },
    (tx) => tx.rows('select id from apps.case'),
  )
  assert.deepEqual(rows, [], 'the database itself shows a developer no case')
})

test('a decision gives every finding a verdict, is signed, and stays', async () => {
  const found = await answered({ rhythm: 'bigeminy', seconds: 60 })
  const [first, ...rest] = found.findings
  assert.ok(first)
  const incomplete = await decide(found.id, { revision: found.revision, findings: [] })
  assert.equal(incomplete.json().code, 'apps.finding-undecided')
  const body = {
    revision: found.revision,
    findings: [
      { id: first.id, verdict: 'edit', edit: { severity: 'note', text: 'known for years' } },
      ...rest.map(({ id }) => ({ id, verdict: 'reject', note: 'artefact' })),
    ],
    added: [{ code: 'other', severity: 'attention', text: '左束支传导阻滞' }],
    note: 'seen with the patient',
  }
  const answer = await decide(found.id, body)
  assert.equal(answer.statusCode, 201, answer.body)
  const decided: Case = answer.json()
  assert.equal(decided.state, 'decided')
  assert.deepEqual(
    decided.findings.map(({ state }) => state),
    ['edited', ...rest.map(() => 'rejected'), 'accepted'],
  )
  assert.equal(decided.findings.at(-1)?.origin, 'clinician')
  const [decision] = decided.decisions
  assert.deepEqual([decision?.outcome, decision?.decidedBy.name, decision?.note], ['corrected', 'lin', body.note])
  const kept = await base.kernel.database.transaction(capability('scheduler'), (tx) =>
    statements(tx, base.project.id, decision?.sha256),
  )
  const opened = openStatement(kept[0]?.envelope as never, keyRing([base.kernel.ownKey]))
  assert.ok(opened.ok)
  const predicate = opened.value.statement.predicate as Predicate<'decision'>
  assert.deepEqual(
    [predicate.caseId, predicate.releaseId, predicate.findingsSha256, predicate.decision, predicate.synthetic],
    [found.id, found.releaseId, found.answerSha256, 'corrected', true],
  )
})

test('of two clinicians who decide on the same revision the later is refused and overwrites nothing', async () => {
  const found = await answered()
  const both = await Promise.all([decide(found.id, accepting(found)), decide(found.id, accepting(found), second)])
  assert.deepEqual(both.map(({ statusCode }) => statusCode).toSorted(), [201, 409])
  assert.equal(both.find(({ statusCode }) => statusCode === 409)?.json().code, 'apps.case-changed')
  assert.equal((await read(found.id)).decisions.length, 1)
})

test('a decided case is decided again on what is read now, and the first decision stays beside the second', async () => {
  const found = await answered()
  await decide(found.id, accepting(found))
  const again = await read(found.id)
  const rejecting = {
    revision: again.revision,
    findings: again.findings.map(({ id }) => ({ id, verdict: 'reject' })),
  }
  assert.equal((await decide(found.id, rejecting, second)).statusCode, 201)
  const decisions = (await read(found.id)).decisions
  assert.deepEqual(
    decisions.map(({ outcome, decidedBy }) => [outcome, decidedBy.name]),
    [
      ['accepted', 'lin'],
      ['rejected', 'mei'],
    ],
  )
})

test('verdicts on strangers, twice on one, and codes of no dictionary are refused', async () => {
  const found = await answered()
  const [finding] = found.findings
  assert.ok(finding)
  const verdict = { id: finding.id, verdict: 'accept' }
  const stranger = { id: found.id, verdict: 'accept' }
  const code = async (body: object) => (await decide(found.id, { revision: found.revision, ...body })).json().code
  assert.equal(await code({ findings: [verdict, stranger] }), 'apps.finding-unknown')
  assert.equal(await code({ findings: [verdict, verdict] }), 'apps.finding-twice')
  const added = [{ code: 'broken-heart', severity: 'note', text: 'x' }]
  assert.equal(await code({ findings: [verdict], added }), 'apps.finding-code-unknown')
  assert.equal(await code({ findings: [{ ...verdict, verdict: 'edit' }] }), 'kernel.invalid-request')
})

test('corrected beats become a labelled snapshot that inherits licence and synthetic, and the statement names it', async () => {
  const found = await answered({ rhythm: 'sinus' })
  const whole = (await app.inject(as(clinician, 'GET', `${path}/${found.id}/answer`))).json()
  const [first, next, third] = whole.beats as { sample: number }[]
  assert.ok(first && next && third)
  const corrections = {
    beats: [
      { op: 'class', sample: first.sample, class: 'V' },
      { op: 'delete', sample: next.sample },
      { op: 'add', sample: third.sample + 90, class: 'S' },
    ],
  }
  const unknown = { beats: [{ op: 'delete', sample: first.sample + 1 }] }
  const refused = await decide(found.id, { ...accepting(found), corrections: unknown })
  assert.equal(refused.json().code, 'apps.ecg-beat-unknown')
  const answer = await decide(found.id, { ...accepting(found), corrections })
  assert.equal(answer.statusCode, 201, answer.body)
  const [decision] = (answer.json() as Case).decisions
  assert.equal(decision?.outcome, 'corrected')
  const read = as(clinician, 'GET', `/api/projects/ward/snapshots/${decision?.correctionSnapshotId}`)
  const snapshot = (await app.inject(read)).json()
  assert.deepEqual([snapshot.licence, snapshot.synthetic, snapshot.splits], ['CC0-1.0', true, { corrections: 3 }])
  const manifest = await readManifest(base.kernel, snapshot.digest)
  const files = new Map<string, Uint8Array>()
  for (const file of manifest.files) files.set(file.path, await base.kernel.objects.read(file.sha256))
  const recording = await readRecording({ files, name: `case-${found.id}` })
  const marks = new Map(recording.annotations?.map(({ sample, symbol }) => [sample, symbol]))
  assert.equal(marks.get(first.sample), 'V')
  assert.equal(marks.has(next.sample), false)
  assert.equal(marks.get(third.sample + 90), 'S')
  assert.equal(marks.size, whole.beats.length)
  assert.equal(recording.sampleCount, 30 * 360)
})

test('in shadow the answer is kept from clinicians, nobody decides on it, and an auditor sees it', async () => {
  released.put({ ...liveModel, stage: 'shadow' })
  const found = await answered({}, { releaseId: liveModel.releaseId })
  released.put(liveModel)
  assert.deepEqual([found.state, found.stage, found.isWithheld], ['answered', 'shadow', true])
  assert.deepEqual([found.findings, found.summary], [[], null])
  assert.equal((await decide(found.id, { revision: found.revision, findings: [] })).json().code, 'apps.case-shadow')
  for (const part of ['answer', 'report.html'])
    assert.equal((await app.inject(as(clinician, 'GET', `${path}/${found.id}/${part}`))).statusCode, 409)
  const signal = await app.inject(as(clinician, 'GET', `${path}/${found.id}/signal`))
  assert.deepEqual(signal.json().beats, [])
  const listed = (await app.inject(as(clinician, 'GET', `${path}?limit=1`))).json().cases[0]
  assert.deepEqual([listed.id, listed.topFinding, listed.isWithheld], [found.id, null, true])
  assert.ok((await read(found.id, auditor)).findings.length > 0)
})

const problem = catalogue({
  'test.busy': {
    status: 503,
    retry: true,
    en: { title: 'busy', fix: 'wait' },
    zh: { title: '忙', fix: '等待' },
  },
})

test('a fault that passes is tried again, and the case is answered once', async () => {
  const id = await open()
  released.faults.push(problem('test.busy'))
  await assert.rejects(async () => work(id))
  assert.equal((await read(id)).state, 'open')
  await work(id, 2)
  const found = await read(id)
  assert.equal(found.state, 'answered')
  await work(id, 3)
  assert.deepEqual(await read(id), found, 'work that runs again after a crash changes nothing')
})

test('a fault of ours that stays ends in a refusal that says so, and is still thrown for the operator', async () => {
  const id = await open()
  released.faults.push(new Error('a bug'), new Error('a bug'))
  await assert.rejects(async () => work(id), /a bug/)
  assert.equal((await read(id)).state, 'open')
  await assert.rejects(async () => work(id, analysisAttempts), /a bug/)
  assert.equal((await read(id)).refusal?.code, 'apps.analysis-failed')
})

test('the worklist pages from the newest on and filters by state', async () => {
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const query: string = after === null ? '' : `&after=${after}`
    const page = (await app.inject(as(clinician, 'GET', `${path}?limit=3${query}`))).json()
    ids.push(...page.cases.map(({ id }: Case) => id))
    after = page.next
    if (after === null) break
  }
  const { all } = await base.kernel.database.transaction(capability('scheduler'), (tx) =>
    tx.one<{ all: number }>('select count(*) as all from apps.case'),
  )
  assert.equal(new Set(ids).size, all)
  const refused = (await app.inject(as(clinician, 'GET', `${path}?state=refused`))).json().cases
  assert.ok(refused.length >= 4 && refused.every(({ state }: Case) => state === 'refused'))
})

test('reading and deciding are in the audit log, refusals too', async () => {
  const found = await answered()
  await decide(found.id, { revision: 99, findings: [] })
  await app.inject(as(clinician, 'GET', `${path}/${found.id}/report.html`))
  const rows = await base.kernel.database.transaction(capability('sealer'), (tx) =>
    tx.rows<{ action: string; outcome: string; problem: string | null; actor_name: string }>(
      'select action, outcome, problem, actor_name from kernel.audit_row where target_id = $1 order by id',
      [found.id],
    ),
  )
  assert.deepEqual(
    rows.map((row) => [row.action, row.outcome, row.problem, row.actor_name]),
    [
      ['ecg-case.open', 'done', null, 'lin'],
      ['ecg-case.read', 'done', null, 'lin'],
      ['ecg-case.decide', 'refused', 'apps.case-changed', 'lin'],
      ['ecg-case.report', 'done', null, 'lin'],
    ],
  )
})

test('the dictionary names rule and source of every finding', async () => {
  const answer = await app.inject(as(clinician, 'GET', '/api/projects/ward/apps/ecg-interpretation/findings'))
  const { findings, limits } = answer.json()
  assert.ok(findings.length > 20 && limits.en.length > 2)
  for (const entry of findings) assert.ok(entry.rule && entry.source && entry.zh && entry.en, entry.code)
})
