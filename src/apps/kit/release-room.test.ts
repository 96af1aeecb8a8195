import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dataMigrations, openData } from '../../data/index.ts'
import { type Kernel, kernelMigrations, migrate } from '../../kernel/index.ts'
import { as } from '../../kernel/testing.ts'
import { openRelease, releaseMigrations } from '../../release/index.ts'
import { type ReleaseBase, releaseBase, testPolicy, weights } from '../../release/testing.ts'
import { type ShippedRelease, shippedRelease, snapshotOf } from '../ecg-interpretation/testing.ts'
import { type AppsRoom, appsMigrations, openApps } from '../index.ts'
import type { Case } from './case/contract.ts'
import { releasedFrom } from './release-room.ts'

let base: ReleaseBase
let shipped: ShippedRelease
let apps: AppsRoom
let app: ReleaseBase['app']
const path = '/api/projects/ward/apps/ecg-interpretation/cases'

before(async () => {
  base = await releaseBase()
  await migrate(base.databaseUrl, [
    kernelMigrations,
    dataMigrations,
    ...['compute', 'models'].map((room) => ({ room, folder: new URL(`../../${room}/migrations/`, import.meta.url) })),
    releaseMigrations,
    appsMigrations,
  ])
  shipped = await shippedRelease()
  apps = openApps(base.kernel, releasedFrom(roomOver(base.kernel, shipped)))
  app = await base.http(openData(base.kernel), apps)
})
after(async () => {
  await base.close()
  await shipped.close()
})

/** The release room over the networks that ship: gates, approvals and withdrawal are its own. */
function roomOver(kernel: Kernel, { analyse }: ShippedRelease) {
  const unused = async () => assert.fail('nothing is deployed here')
  return openRelease(kernel, {
    readVersion: unused,
    deployVersion: unused,
    stopDeployment: unused,
    analyse: (project, name, input) => analyse(project, name, input as object),
  })
}

async function moveTo(id: string, to: string, ...approvers: (keyof ReleaseBase['people'])[]): Promise<void> {
  for (const who of approvers) {
    const approval = { to, decision: 'approved', reason: 'looked at all of it' }
    assert.equal((await base.call(base.people[who], 'POST', `releases/${id}/approvals`, approval)).status, 201)
  }
  const moved = await base.call(base.people.author, 'POST', `releases/${id}/advance`, { to, reason: 'as planned' })
  assert.equal(moved.body.state, to, JSON.stringify(moved.body))
}

test('a case follows its release: unseen in shadow, marked in pilot, answered live, refused once it is withdrawn', async () => {
  const policy = { source: testPolicy, reason: 'agreed in the board' }
  assert.equal((await base.call(base.people.owner, 'POST', 'release-policy', policy)).status, 201)
  await base.signLineage()
  const proposed = await base.call(base.people.author, 'POST', 'releases', {
    version: base.versionId,
    purpose: 'ecg-interpretation',
    site: 'Ward 3',
    scope: 'adults, two leads',
    reason: 'first use',
  })
  const releaseId = proposed.body.id ?? ''
  const snapshot = await snapshotOf(base.kernel, base.project.id, { seed: 1, seconds: 20 })
  const open = async (more: object = {}) => {
    const wish = { snapshot: snapshot.id, record: 'ward/record', ...more }
    return (await app.inject(as(base.people.clinician, 'POST', path, wish))).json()
  }
  const answered = async (id: string): Promise<Case> => {
    await apps.work['apps.ecg-analyse']?.({ caseId: id }, { attempt: 1, signal: AbortSignal.abort() })
    return (await app.inject(as(base.people.clinician, 'GET', `${path}/${id}`))).json()
  }

  assert.equal((await open({ releaseId })).code, 'apps.no-release', 'what is only proposed answers nobody')
  await moveTo(releaseId, 'shadow', 'approver')
  assert.equal((await open()).code, 'apps.no-release', 'what is in shadow is not live')
  const shadow = await answered((await open({ releaseId })).id)
  assert.deepEqual([shadow.stage, shadow.isWithheld, shadow.findings], ['shadow', true, []])

  await moveTo(releaseId, 'pilot', 'approver')
  const pilot = await answered((await open({ releaseId })).id)
  assert.deepEqual([pilot.stage, pilot.findings[0]?.code], ['pilot', 'regular-rhythm'])

  await moveTo(releaseId, 'live', 'approver', 'inspector')
  const live = await answered((await open({ site: 'Ward 3' })).id)
  assert.deepEqual(
    [live.stage, live.state, live.releaseId, live.weightsSha256, live.modelLabel],
    ['live', 'answered', releaseId, weights, 'ecg-beats 1.0.0'],
  )

  const waiting = (await open()).id
  const gone = await base.call(base.people.approver, 'POST', `releases/${releaseId}/withdraw`, { reason: 'drift seen' })
  assert.equal(gone.body.state, 'withdrawn')
  const refused = await answered(waiting)
  assert.deepEqual([refused.state, refused.refusal?.code], ['refused', 'release.not-served'])
  assert.equal((await open()).code, 'apps.no-release')
})
