import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { capability } from '../../kernel/index.ts'
import { type ReleaseBase, releaseBase, testPolicy } from '../testing.ts'
import { canMoveRelease, gatedStages, nextStage, releaseMoves, type Stage, stages } from './domain.ts'

let base: ReleaseBase
before(async () => {
  base = await releaseBase()
})
after(() => base.close())

const wish = (site: string) => ({
  version: base.versionId,
  purpose: 'ecg-arrhythmia',
  site,
  scope: 'adults, 12 leads',
  reason: 'first use',
})
const propose = async (site: string): Promise<string> => {
  const { status, body } = await base.call(base.people.author, 'POST', 'releases', wish(site))
  assert.equal(status, 201, JSON.stringify(body))
  return body.id ?? ''
}
const approve = (id: string, who: keyof ReleaseBase['people'], to: string, decision = 'approved') =>
  base.call(base.people[who], 'POST', `releases/${id}/approvals`, { to, decision, reason: 'looked at all of it' })
const advance = (id: string, to: string, who: keyof ReleaseBase['people'] = 'author') =>
  base.call(base.people[who], 'POST', `releases/${id}/advance`, { to, reason: 'as planned' })

test('the stages only ever lead forward or out, and withdrawn is the end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...stages), { maxLength: 30 }), (wishes) => {
      const path: Stage[] = ['proposed']
      for (const to of wishes) if (canMoveRelease(path.at(-1) ?? 'proposed', to)) path.push(to)
      assert.equal(new Set(path).size, path.length)
      const at = path.indexOf('live')
      if (at >= 0) assert.deepEqual(path.slice(0, at + 1), ['proposed', 'shadow', 'pilot', 'live'])
      const out = path.indexOf('withdrawn')
      if (out >= 0) assert.equal(out, path.length - 1)
    }),
  )
  for (const state of stages)
    assert.equal(nextStage(state), gatedStages.find((to) => canMoveRelease(state, to)) ?? null)
})

test('the table in the database has the same moves', async () => {
  const rows = await base.kernel.database.transaction(capability('scheduler'), (tx) =>
    tx.rows<{ from_state: Stage; to_state: Stage }>('select from_state, to_state from release.transition'),
  )
  const inDatabase = rows.map((row) => `${row.from_state} ${row.to_state}`).sort()
  const here = stages.flatMap((from) => releaseMoves[from].map((to) => `${from} ${to}`)).sort()
  assert.deepEqual(inDatabase, here)
})

test('without a policy nothing is proposed, and only an owner sets one', async () => {
  const { status, body } = await base.call(base.people.author, 'POST', 'releases', wish('nowhere'))
  assert.deepEqual([status, body.code], [409, 'release.no-policy'])
  const policy = { source: testPolicy, reason: 'agreed in the board' }
  assert.equal((await base.call(base.people.author, 'POST', 'release-policy', policy)).status, 403)
  assert.equal((await base.call(base.people.owner, 'POST', 'release-policy', policy)).status, 201)
})

test('a version goes from proposed to live through three gates, and what was live can be asked for later', async () => {
  await base.signLineage()
  const id = await propose('Ward 3')
  const shut = await advance(id, 'shadow')
  assert.equal(shut.body.code, 'release.gate-shut')
  assert.match(JSON.stringify(shut.body), /Approvals/)
  assert.equal((await approve(id, 'approver', 'shadow')).status, 201)
  assert.equal((await advance(id, 'shadow')).body.state, 'shadow')
  await base.room.work['release.deploy']?.({ releaseId: id }, { attempt: 1, signal: AbortSignal.abort() })
  assert.deepEqual([...base.deployed], [`release-${id}`])

  assert.equal((await advance(id, 'live')).body.code, 'release.not-next-stage')
  assert.equal((await approve(id, 'approver', 'pilot')).status, 201)
  assert.equal((await advance(id, 'pilot')).body.state, 'pilot')

  assert.equal((await approve(id, 'approver', 'live')).status, 201)
  assert.equal((await approve(id, 'second', 'live')).status, 201)
  const sameHouse = await base.call(base.people.author, 'GET', `releases/${id}/gate`)
  assert.equal(
    (sameHouse.body as { outcome?: string }).outcome,
    'shut',
    'two of one hospital are not two organisations',
  )
  assert.equal((await approve(id, 'inspector', 'live')).status, 201)
  const open = await base.call(base.people.author, 'GET', `releases/${id}/gate`)
  assert.equal((open.body as { outcome?: string }).outcome, 'open')
  assert.equal((await advance(id, 'live')).body.state, 'live')

  const live = await base.actAs(base.people.clinician, (tx) =>
    base.room.liveRelease(tx, base.project.id, 'ecg-arrhythmia'),
  )
  assert.equal(live?.id, id)
  assert.deepEqual(await base.room.analyseReleased(base.project.id, id, 7), { answeredBy: `release-${id}`, input: 7 })

  const refusedByDeveloper = await base.call(base.people.author, 'POST', `releases/${id}/withdraw`, { reason: 'no' })
  assert.equal(refusedByDeveloper.status, 403)
  const gone = await base.call(base.people.approver, 'POST', `releases/${id}/withdraw`, { reason: 'drift seen' })
  assert.equal(gone.body.state, 'withdrawn')
  await assert.rejects(base.room.analyseReleased(base.project.id, id, 7), { code: 'release.not-served' })
  const none = await base.actAs(base.people.clinician, (tx) =>
    base.room.liveRelease(tx, base.project.id, 'ecg-arrhythmia'),
  )
  assert.equal(none, null)
  await base.room.work['release.stop']?.({ releaseId: id }, { attempt: 1, signal: AbortSignal.abort() })
  assert.equal(base.deployed.size, 0)
  await base.room.work['release.deploy']?.({ releaseId: id }, { attempt: 2, signal: AbortSignal.abort() })
  assert.equal(base.deployed.size, 0, 'a late deployment of a withdrawn release does not come back')

  const { body } = await base.call(base.people.owner, 'GET', `releases/${id}/history`)
  const { moves } = body as unknown as { moves: { to: string; movedAt: string; movedByName: string }[] }
  assert.deepEqual(
    moves.map((move) => move.to),
    ['proposed', 'shadow', 'pilot', 'live', 'withdrawn'],
  )
  const on = async (at: string) => {
    const answer = await base.call(base.people.owner, 'GET', `releases/live?at=${encodeURIComponent(at)}`)
    return (answer.body as unknown as { releases: { id: string }[] }).releases.map((one) => one.id)
  }
  assert.deepEqual(await on(moves[3]?.movedAt ?? ''), [id])
  assert.deepEqual(await on(moves[2]?.movedAt ?? ''), [])
  assert.deepEqual(await on(moves[4]?.movedAt ?? ''), [])
})

test('one refusal keeps the gate shut, whoever else approves', async () => {
  const id = await propose('Ward 4')
  assert.equal((await approve(id, 'approver', 'shadow', 'refused')).status, 201)
  assert.equal((await approve(id, 'second', 'shadow')).status, 201)
  const { body } = await advance(id, 'shadow')
  assert.equal(body.code, 'release.gate-shut')
  assert.match(JSON.stringify(body), /Refusals/)
})

test('authors, the same person twice, other stages and other parties are told in words', async () => {
  const id = await propose('Ward 5')
  const codeOf = async (who: keyof ReleaseBase['people'], to: string) => (await approve(id, who, to)).body.code
  assert.equal(await codeOf('registrar', 'shadow'), 'release.approval-by-author')
  assert.equal(await codeOf('trainer', 'shadow'), 'release.approval-by-author')
  assert.equal(await codeOf('author', 'shadow'), 'kernel.forbidden')
  assert.equal(await codeOf('approver', 'live'), 'release.approval-of-other-stage')
  assert.equal(await codeOf('approver', 'shadow'), undefined)
  assert.equal(await codeOf('approver', 'shadow'), 'release.approval-given')
  assert.equal((await advance(id, 'shadow')).body.state, 'shadow')
  assert.equal(await codeOf('vendor', 'pilot'), 'release.approval-not-a-party')
})

test('a release keeps the rules of its proposal when the policy is loosened', async () => {
  const id = await propose('Ward 6')
  const loose = testPolicy.replace('atLeast: 0.99,', 'atLeast: 0.5,').replace('{ count: 1 }', '{ count: 0 }')
  const set = await base.call(base.people.owner, 'POST', 'release-policy', { source: loose, reason: 'trial' })
  assert.equal(set.status, 201)
  assert.equal((await advance(id, 'shadow')).body.code, 'release.gate-shut')
  const later = await propose('Ward 7')
  assert.equal((await advance(later, 'shadow')).body.state, 'shadow')
})

test('a second release does not go live beside the first for one purpose at one site', async () => {
  const toLive = async (): Promise<string> => {
    const id = await propose('Ward 8')
    for (const to of gatedStages) {
      await approve(id, 'approver', to)
      if (to === 'live') await approve(id, 'inspector', to)
      if (to !== 'live') assert.equal((await advance(id, to)).body.state, to)
    }
    return id
  }
  const set = await base.call(base.people.owner, 'POST', 'release-policy', { source: testPolicy, reason: 'back' })
  assert.equal(set.status, 201)
  const [first, second] = [await toLive(), await toLive()]
  assert.equal((await advance(first, 'live')).body.state, 'live')
  assert.equal((await advance(second, 'live')).body.code, 'release.live-already')
})
