import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keyRing, sha256Of } from '../../kernel/index.ts'
import { as } from '../../kernel/testing.ts'
import { figures, type ReleaseBase, releaseBase, testPolicy, weights, weightsSubject } from '../testing.ts'
import { html } from './html.ts'
import { type Dossier, verifyEvidence } from '../../kernel/index.ts'
import { style } from './style.ts'

let base: ReleaseBase
const hostile = '<script>alert("x")</script> & \'quoted\' </style>'

before(async () => {
  base = await releaseBase()
  const { people, versionId } = base
  await base.call(people.owner, 'POST', 'release-policy', { source: testPolicy, reason: 'agreed in the board' })
  await base.signLineage()
  await base.sign('evaluation', weightsSubject, {
    evaluationId: 'e-void',
    state: 'void',
    synthetic: false,
    deviations: ['two leads were swapped'],
    results: figures(null),
  })
  const proposed = await base.call(people.author, 'POST', 'releases', {
    version: versionId,
    purpose: 'ecg-arrhythmia',
    site: 'Ward 3',
    scope: 'adults, 12 leads, resting and Holter',
    reason: hostile,
  })
  const id = proposed.body.id ?? ''
  const approve = (who: keyof typeof people, to: string) =>
    base.call(people[who], 'POST', `releases/${id}/approvals`, {
      to,
      decision: 'approved',
      conditions: to === 'live' ? ['a cardiologist reads every record'] : [],
      reason: `looked at ${to}`,
    })
  for (const to of ['shadow', 'pilot', 'live']) {
    await approve('approver', to)
    if (to === 'live') await approve('inspector', to)
    const went = await base.call(people.author, 'POST', `releases/${id}/advance`, { to, reason: `to ${to} as planned` })
    assert.equal(went.body.state, to)
  }
  await base.sign('decision', { name: 'case', sha256: sha256Of('case') }, { releaseId: id, caseId: 'c1' })
})
after(() => base.close())

const ring = () => keyRing([base.kernel.ownKey])
const get = (name: string, who = base.people.clinician) =>
  base.app.inject(as(who, 'GET', `/api/projects/ward/versions/${base.versionId}/${name}`))
const file = async (): Promise<Dossier> => (await get('dossier.json')).json()
const kindsIn = (dossier: Dossier) =>
  verifyEvidence(JSON.stringify(dossier), ring()).statements.map((statement) => statement.kind)

test('the dossier verifies offline and tells the whole story, from the data to the decision', async () => {
  const dossier = await file()
  const report = verifyEvidence(JSON.stringify(dossier), ring(), [{ name: 'weights', sha256: weights }])
  assert.deepEqual(report.refusals, [])
  assert.equal(report.form, 'dossier')
  const counts = Object.entries(Object.groupBy(kindsIn(dossier), (kind) => kind)).map(([kind, of]) => [kind, of.length])
  assert.deepEqual(Object.fromEntries(counts), {
    snapshot: 1,
    training: 1,
    'evaluation-plan': 1,
    evaluation: 2,
    approval: 4,
    gate: 3,
    release: 4,
    decision: 1,
  })
})

test('a dossier that was changed, shortened, mixed or told about in other words is refused', async () => {
  const dossier = await file()
  const refused = (changed: (copy: Dossier) => void): boolean => {
    const copy = structuredClone(dossier)
    changed(copy)
    return !verifyEvidence(JSON.stringify(copy), ring()).ok
  }
  assert.ok(!refused(() => {}))
  assert.ok(refused((copy) => void copy.entries.pop()))
  assert.ok(refused((copy) => void copy.entries.reverse()))
  assert.ok(refused((copy) => void (copy.about['project'] = 'another')))
  for (const at of dossier.entries.keys())
    assert.ok(
      refused((copy) => {
        const { envelope } = copy.entries[at] ?? assert.fail()
        const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"ward"', '"yard"')
        envelope.payload = Buffer.from(payload.replace('p1', 'p2')).toString('base64')
      }),
      `entry ${at}`,
    )
  assert.ok(!verifyEvidence(JSON.stringify(dossier), keyRing([])).ok, 'nobody is trusted who is not on the ring')
})

test('the page says it all in both languages, without a script and without anything from elsewhere', async () => {
  for (const [lang, words] of [
    ['en', ['Figures', '✓ reached', 'Approvals', 'Inspectorate', 'Evaluation declared void', 'two leads were swapped']],
    ['zh', ['指标', '✓ 达到', '批准', 'Inspectorate', '评测已作废', '正式使用', '下限 ≥ 0.99']],
  ] as const) {
    const answer = await get(`dossier.html?lang=${lang}`)
    assert.equal(answer.statusCode, 200)
    assert.match(answer.headers['content-type'] ?? '', /^text\/html/)
    for (const word of words) assert.ok(answer.body.includes(word), `${lang}: ${word}`)
    assert.ok(answer.body.includes('0.992 – 0.997 (95 %)') && answer.body.includes('21000'), 'figure, interval and n')
    assert.ok(answer.body.includes(weights))
    assert.doesNotMatch(answer.body, /<script|https?:|src=|@import|url\(/)
  }
})

test('what people typed is shown and never run', async () => {
  const { body } = await get('dossier.html?lang=en')
  assert.ok(body.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;quoted&#39; &lt;/style&gt;'))
  assert.equal(body.split('</style>').length, 2)
  assert.equal(html`<i title="${'"><b>'}">${'<b>'}</i>`.markup, '<i title="&quot;&gt;&lt;b&gt;">&lt;b&gt;</i>')
})

test("the page's own policy lets its style in by its digest and nothing else", async () => {
  const { headers, body } = await get('dossier.html')
  const policy = String(headers['content-security-policy'])
  const digest = Buffer.from(sha256Of(style), 'hex').toString('base64')
  assert.ok(policy.includes(`style-src 'sha256-${digest}'`))
  assert.match(policy, /^default-src 'none'/)
  const [, inside = ''] = /<style>(.*)<\/style>/s.exec(body) ?? []
  assert.equal(inside, style)
})

test('the language is the one asked for, or the one that the browser prefers', async () => {
  const url = `/api/projects/ward/versions/${base.versionId}/dossier.html`
  const request = as(base.people.clinician, 'GET', url)
  const zh = await base.app.inject({ ...request, headers: { ...request.headers, 'accept-language': 'zh-CN,zh;q=0.9' } })
  assert.equal(zh.headers['content-language'], 'zh')
  assert.equal((await get('dossier.html')).headers['content-language'], 'en')
  assert.equal((await get('dossier.html?lang=fr')).statusCode, 400)
})

test('only members read it, and an unknown version is none', async () => {
  const stranger = await base.person('stranger')
  assert.equal((await get('dossier.json', stranger)).statusCode, 404)
  const unknown = `/api/projects/ward/versions/${base.project.id}/dossier.html`
  assert.equal((await base.app.inject(as(base.people.owner, 'GET', unknown))).statusCode, 404)
})

test('a statement that was changed in the database is left out, and the page says so', async () => {
  const { kernel, project } = base
  const digest = sha256Of('forged')
  await base.actAs(base.people.author, (tx) =>
    tx.change(
      `insert into kernel.statement (project_id, predicate_type, envelope_sha256, envelope, subjects) values ($1, 'x', $2, $3, $4)`,
      [
        project.id,
        digest,
        { payload: '', payloadType: 'x', signatures: [{ keyid: kernel.ownKey.keyid, sig: 'AAAA' }] },
        [weights],
      ],
    ),
  )
  const { body } = await get('dossier.html?lang=en')
  assert.ok(body.includes('✗ not verified') && body.includes(digest))
  const dossier = await file()
  assert.ok(verifyEvidence(JSON.stringify(dossier), ring()).ok)
  assert.equal((dossier.about['refused'] as { digest: string }[])[0]?.digest, digest)
})
