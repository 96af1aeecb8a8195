import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { capability } from '../../kernel/index.ts'
import type { TestPerson } from '../../kernel/testing.ts'
import type { Stage } from '../release/domain.ts'
import { type ReleaseBase, releaseBase, testPolicy } from '../testing.ts'
import { outcome, type RawRelease, rawRelease } from '../testing-rows.ts'

/** Who may approve is decided by the database: these approvals are written by raw SQL in the base's own role. */

let base: ReleaseBase

let release: RawRelease
let serial = 0

before(async () => {
  base = await releaseBase()

  await base.call(base.people.owner, 'POST', 'release-policy', { source: testPolicy, reason: 'agreed' })
  await base.signLineage()
})
after(async () => {
  await base.close()
})
beforeEach(async () => {
  release = await rawRelease(base, `Ward ${++serial}`)
})

test('an approval by an author, by nobody in that role, in another name or for another stage is refused', async () => {
  const { author, registrar, trainer, clinician, approver, second } = base.people
  const attempt = (by: TestPerson, of: TestPerson, from: Stage = 'proposed', to: Stage = 'shadow') =>
    outcome(
      base.actAs(by, async (tx) =>
        release.insertApproval(tx, from, to, of, await release.forge(tx, 'approval', { from, to }, of)),
      ),
    )
  assert.equal(await attempt(author, author), 'approval_not_author')
  assert.equal(await attempt(registrar, registrar), 'approval_not_author')
  assert.equal(await attempt(trainer, trainer), 'approval_not_author')
  assert.equal(await attempt(clinician, clinician), 'approval_by_approver')
  assert.equal(await attempt(author, approver), 'approval_in_own_name')
  assert.equal(await attempt(approver, second), 'approval_in_own_name')
  assert.equal(await attempt(approver, approver, 'pilot', 'live'), 'approval_of_next_stage')
  assert.equal(await attempt(approver, approver, 'proposed', 'live'), 'approval_transition')
  assert.equal(await attempt(approver, approver), 'done')
  assert.equal(await attempt(approver, approver), 'approval_once')
})

test('an author stays one when the role of approver is given to them afterwards, and a role taken away ends its use', async () => {
  const { author, clinician } = base.people
  const seed = capability('seed')
  const give = (who: TestPerson) =>
    base.kernel.database.transaction(seed, (tx) =>
      tx.change('insert into kernel.membership (project_id, person_id, role) values ($1, $2, $3)', [
        base.project.id,
        who.id,
        'approver',
      ]),
    )
  const take = (who: TestPerson) =>
    base.kernel.database.transaction(seed, (tx) =>
      tx.change(`delete from kernel.membership where person_id = $1 and role = 'approver'`, [who.id]),
    )
  const attempt = (who: TestPerson) =>
    outcome(
      base.actAs(who, async (tx) =>
        release.insertApproval(
          tx,
          'proposed',
          'shadow',
          who,
          await release.forge(tx, 'approval', { from: 'proposed', to: 'shadow' }, who),
        ),
      ),
    )
  await give(author)
  assert.equal(await attempt(author), 'approval_not_author')
  await take(author)
  await give(clinician)
  await take(clinician)
  assert.equal(await attempt(clinician), 'approval_by_approver')
  await give(clinician)
  assert.equal(await attempt(clinician), 'done')
  await take(clinician)
})

test('an organisation that the policy does not name, and one that is claimed, do not count', async () => {
  const { approver, vendor, inspector } = base.people
  await release.approve(approver, 'shadow')
  await release.go('shadow')
  const attempt = (who: TestPerson) =>
    outcome(
      base.actAs(who, async (tx) =>
        release.insertApproval(
          tx,
          'shadow',
          'pilot',
          who,
          await release.forge(tx, 'approval', { from: 'shadow', to: 'pilot' }, who),
        ),
      ),
    )
  assert.equal(await attempt(vendor), 'approval_by_party')
  assert.equal(await attempt(inspector), 'approval_by_party', 'the government is no party to the pilot')
  await base.actAs(approver, async (tx) => {
    const digest = await release.forge(tx, 'approval', { from: 'shadow', to: 'pilot' }, approver)
    const claimed = await tx.one<{ id: string }>('select organisation_id as id from kernel.person where id = $1', [
      vendor.id,
    ])
    const { organisation_id } = await tx.one<{ organisation_id: string }>(
      `insert into release.approval (project_id, release_id, from_state, to_state, person_id, organisation_id, role, decision, reason, statement_digest)
       values ($1, $2, 'shadow', 'pilot', $3, $4, 'approver', 'approved', 'x', $5) returning organisation_id`,
      [base.project.id, release.id, approver.id, claimed.id, digest],
    )
    assert.notEqual(organisation_id, claimed.id, 'the organisation is read from the person, whatever was sent')
  })
})

test('a decision that comes while the release moves waits, and is refused as one on a stage that is over', async () => {
  const { author, approver, second } = base.people
  await release.approve(approver, 'shadow')
  const to = { from: 'proposed' as const, to: 'shadow' as const }
  let decided: Promise<string> | undefined
  await base.actAs(author, async (tx) => {
    const said = { ...to, gate: { id: 'shadow', version: String(release.policyVersion) } }
    await release.insertGate(tx, 'proposed', 'shadow', author, await release.forge(tx, 'gate', said, author))
    await release.insertMove(tx, 'proposed', 'shadow', author, await release.forge(tx, 'release', to, author))
    decided = outcome(
      base.actAs(second, async (other) =>
        release.insertApproval(other, 'proposed', 'shadow', second, await release.forge(other, 'approval', to, second)),
      ),
    )
    const waiting = `select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`
    while (
      (await base.kernel.database.pool.query(`${waiting} or locktype = 'transactionid' and not granted`)).rowCount === 0
    );
  })
  assert.equal(await decided, 'approval_of_next_stage')
})
