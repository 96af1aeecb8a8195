import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import pg from 'pg'
import { capability, type Predicate, type Tx } from '../kernel/index.ts'
import { keyFrom } from '../kernel/evidence/testing.ts'
import type { Stage } from './release/domain.ts'
import { type ReleaseBase, releaseBase, testPolicy, weights } from './testing.ts'
import { outcome, type RawRelease, rawRelease } from './testing-rows.ts'

/** Every path but the right one, by raw SQL in the base's own role: what the database refuses holds for any program. */

let base: ReleaseBase
let owner: pg.Client
let release: RawRelease
let serial = 0

before(async () => {
  base = await releaseBase()
  owner = new pg.Client({ connectionString: base.databaseUrl })
  await owner.connect()
  await base.call(base.people.owner, 'POST', 'release-policy', { source: testPolicy, reason: 'agreed' })
  await base.signLineage()
})
after(async () => {
  await owner.end()
  await base.close()
})
beforeEach(async () => {
  release = await rawRelease(base, `Ward ${++serial}`)
})

const directly = [
  `update release.release set state = 'live'`,
  `update release.release set authors = '{}'`,
  `delete from release.release`,
  `delete from release.approval`,
  `update release.approval set decision = 'approved'`,
  `delete from release.move`,
  `update release.gate set outcome = 'open'`,
  `update release.policy set rules = '{}'`,
  `insert into release.transition values ('proposed', 'live')`,
  `truncate release.approval`,
  `alter table release.release disable trigger all`,
  `drop trigger release_guarded on release.release`,
  `select release.stated(gen_random_uuid(), 'x', 'gate')`,
  `select release.holds_role(gen_random_uuid(), gen_random_uuid(), 'approver')`,
]

test('the role of the base changes no row that is there, whoever it says it acts for', async () => {
  const capabilities = ['identity', 'scheduler', 'sealer', 'collector', 'events', 'seed'] as const
  for (const sql of directly) {
    for (const name of capabilities)
      assert.equal(
        await outcome(base.kernel.database.transaction(capability(name), (tx) => tx.change(sql))),
        'denied',
        `${sql} with ${name}`,
      )
    for (const who of Object.values(base.people))
      assert.equal(await outcome(base.actAs(who, (tx) => tx.change(sql))), 'denied', `${sql} as ${who.handle}`)
  }
  assert.equal((await release.current()).state, 'proposed')
})

test('no capability proposes, approves, opens a gate, moves a release or changes the rules', async () => {
  const { approver, author, owner: boss } = base.people
  const looser = {
    gates: {
      shadow: { approvals: { count: 0 } },
      pilot: { approvals: { count: 0 } },
      live: { approvals: { count: 1 } },
    },
  }
  for (const name of ['identity', 'scheduler', 'sealer', 'collector', 'events', 'seed'] as const) {
    const tries: ((tx: Tx, digest: string) => Promise<unknown>)[] = [
      (tx, digest) => release.insertApproval(tx, 'proposed', 'shadow', approver, digest),
      (tx, digest) => release.insertGate(tx, 'proposed', 'shadow', author, digest),
      (tx, digest) => release.insertMove(tx, 'proposed', 'shadow', author, digest),
      (tx, digest) => release.insertMove(tx, 'proposed', 'withdrawn', boss, digest),
      (tx) =>
        tx.change(
          `insert into release.policy (project_id, version, source, source_sha256, rules, reason, changed_by)
           values ($1, 2, 'x', '', $2, 'looser', $3)`,
          [base.project.id, looser, boss.id],
        ),
      (tx) =>
        tx.change(
          `insert into release.release (project_id, policy_id, version_id, model, label, weights_digest, purpose, site, scope, is_synthetic, is_demo, proposed_by)
           values ($1, $2, $3, 'm', '1.0.0', $4, 'p', 's', 'x', false, false, $5)`,
          [base.project.id, release.policyId, base.versionId, weights, author.id],
        ),
    ]
    for (const [at, act] of tries.entries()) {
      const went = await outcome(base.kernel.database.transaction(capability(name), (tx) => act(tx, weights)))
      assert.notEqual(went, 'done', `try ${at} with ${name}`)
    }
  }
})

test('no move without an open gate, and no gate without a statement that says so', async () => {
  const { author, approver } = base.people
  await release.approve(approver, 'shadow')
  const to = { from: 'proposed' as const, to: 'shadow' as const }
  const move = (tx: Tx, digest: string) => release.insertMove(tx, 'proposed', 'shadow', author, digest)
  assert.equal(
    await outcome(base.actAs(author, async (tx) => move(tx, await release.forge(tx, 'release', to, author)))),
    'release_gate_open',
  )
  const gate = (said: Partial<Predicate<'gate'>>) =>
    outcome(
      base.actAs(author, async (tx) =>
        release.insertGate(tx, 'proposed', 'shadow', author, await release.forge(tx, 'gate', said, author)),
      ),
    )
  const failed = [{ id: 'x', title: 'x', outcome: 'fail' as const, required: 'x', observed: 'x', evidence: [] }]
  assert.equal(await gate({ ...to, outcome: 'shut', checks: failed }), 'gate_as_stated')
  assert.equal(await gate({ from: 'pilot', to: 'live' }), 'gate_as_stated')
  assert.equal(await gate({ ...to, releaseId: 'another' }), 'gate_as_stated')
  assert.equal(await gate({ ...to, gate: { id: 'shadow', version: '99' } }), 'gate_as_stated')
  assert.equal(
    await outcome(base.actAs(author, (tx) => release.insertGate(tx, 'proposed', 'shadow', author, weights))),
    'gate_as_stated',
  )
  assert.equal(await outcome(base.actAs(author, (tx) => move(tx, weights))), 'move_as_stated')
})

test('no stage is skipped or entered from elsewhere', async () => {
  const { author } = base.people
  const attempt = (from: Stage | null, to: Stage) =>
    outcome(
      base.actAs(author, async (tx) =>
        release.insertMove(tx, from, to, author, await release.forge(tx, 'release', { from, to }, author)),
      ),
    )
  assert.equal(await attempt('pilot', 'live'), 'move_from_state')
  assert.equal(await attempt('proposed', 'live'), 'move_transition')
  assert.equal(await attempt(null, 'live'), 'move_proposal')
  assert.equal(await attempt(null, 'proposed'), 'move_once')
  assert.equal(await attempt('proposed', 'withdrawn'), 'move_by_mover', 'a developer withdraws nothing')
})

test('an open gate alone takes nothing live: the approvals are counted by the database', async () => {
  const { author, approver, second, inspector } = base.people
  await release.toPilot()
  const to = { from: 'pilot' as const, to: 'live' as const }
  const round = () =>
    outcome(
      base.actAs(author, async (tx) => {
        const gate = await release.forge(
          tx,
          'gate',
          { ...to, gate: { id: 'live', version: String(release.policyVersion) } },
          author,
        )
        await release.insertGate(tx, 'pilot', 'live', author, gate)
        await release.insertMove(tx, 'pilot', 'live', author, await release.forge(tx, 'release', to, author))
      }),
    )
  assert.equal(await round(), 'release_approved')
  await release.approve(approver, 'live')
  assert.equal(await round(), 'release_approved')
  await release.approve(second, 'live')
  assert.equal(await round(), 'release_approved_apart')
  await release.approve(inspector, 'live')
  assert.equal(await round(), 'done')
})

test('a gate that was not signed by this base serves nobody, even where every row is there', async () => {
  const { author, approver, clinician } = base.people
  await release.approve(approver, 'shadow')
  const to = { from: 'proposed' as const, to: 'shadow' as const }
  await base.actAs(author, async (tx) => {
    const said = { ...to, gate: { id: 'shadow', version: String(release.policyVersion) } }
    await release.insertGate(
      tx,
      'proposed',
      'shadow',
      author,
      await release.forge(tx, 'gate', said, author, keyFrom(9)),
    )
    await release.insertMove(tx, 'proposed', 'shadow', author, await release.forge(tx, 'release', to, author))
  })
  assert.equal((await release.current()).state, 'shadow')
  const broken = { code: 'release.evidence-broken' }
  await assert.rejects(base.room.analyseReleased(base.project.id, release.id, 1), broken)
  await assert.rejects(
    base.actAs(clinician, (tx) => base.room.servedRelease(tx, base.project.id, release.id)),
    broken,
  )
})

test('a refusal that comes before the move is counted, whatever the gate said', async () => {
  const { author, approver, second } = base.people
  await release.approve(approver, 'shadow')
  await release.refuse(second, 'shadow')
  const to = { from: 'proposed' as const, to: 'shadow' as const }
  const round = base.actAs(author, async (tx) => {
    const said = { ...to, gate: { id: 'shadow', version: String(release.policyVersion) } }
    await release.insertGate(tx, 'proposed', 'shadow', author, await release.forge(tx, 'gate', said, author))
    await release.insertMove(tx, 'proposed', 'shadow', author, await release.forge(tx, 'release', to, author))
  })
  assert.equal(await outcome(round), 'release_not_refused')
})

test('the triggers hold for the owner of the tables as well', async () => {
  const refused: [string, string][] = [
    [`update release.release set state = 'live' where id = $1`, 'release_transition'],
    [`update release.release set state = 'shadow' where id = $1`, 'release_gate_open'],
    [`update release.release set authors = '{}' where id = $1`, 'release_fixed'],
    [`update release.release set state = 'withdrawn' where id = $1`, 'release_move_recorded'],
    [`delete from release.release where id = $1`, 'release_append_only'],
    [`delete from release.approval where release_id = $1`, 'approval_append_only'],
    [`update release.move set to_state = 'live' where release_id = $1`, 'move_append_only'],
    [`update release.policy set rules = '{}' where id = $1`, 'policy_append_only'],
    [`update release.gate set outcome = 'open' where release_id = $1`, 'gate_append_only'],
    [`insert into release.transition select 'proposed', 'live' where $1::uuid is not null`, 'transition_append_only'],
  ]
  for (const [sql, constraint] of refused) assert.equal(await outcome(owner.query(sql, [release.id])), constraint, sql)
})

test('a version of another project, other weights or an older policy is not proposed, and authors can not be left out', async () => {
  const { author, registrar, trainer } = base.people
  const insert = (changed: { version?: string; weights?: string; policy?: string }) =>
    base.actAs(author, (tx) =>
      tx.one<{ authors: string[] }>(
        `insert into release.release (project_id, policy_id, version_id, model, label, weights_digest, purpose, site, scope, is_synthetic, is_demo, proposed_by, authors)
         values ($1, $2, $3, 'm', '1.0.0', $4, 'p', 's', 'x', false, false, $5, '{}') returning authors`,
        [
          base.project.id,
          changed.policy ?? release.policyId,
          changed.version ?? base.versionId,
          changed.weights ?? weights,
          author.id,
        ],
      ),
    )
  assert.equal(await outcome(insert({ version: release.id })), 'release_of_version')
  assert.equal(await outcome(insert({ weights: '0'.repeat(64) })), 'release_of_version')
  const { authors } = await insert({})
  assert.deepEqual(authors.toSorted(), [author.id, registrar.id, trainer.id].toSorted())
  await base.call(base.people.owner, 'POST', 'release-policy', { source: testPolicy, reason: 'the same again' })
  assert.equal(await outcome(insert({})), 'release_newest_policy')
})

test('a policy that lets something go live without an approval is no row', async () => {
  const insert = (rules: object, version: number) =>
    base.actAs(base.people.owner, (tx) =>
      tx.change(
        `insert into release.policy (project_id, version, source, source_sha256, rules, reason, changed_by)
         values ($1, $2, 'x', '', $3, 'x', $4)`,
        [base.project.id, version, rules, base.people.owner.id],
      ),
    )
  const { version } = (await owner.query('select max(version)::int as version from release.policy')).rows[0]
  const gates = (count: number | undefined) => ({
    gates: { shadow: { approvals: { count: 0 } }, pilot: { approvals: { count: 0 } }, live: { approvals: { count } } },
  })
  assert.equal(await outcome(insert(gates(0), version + 1)), 'policy_counts')
  assert.equal(await outcome(insert({}, version + 1)), 'policy_counts')
  assert.equal(await outcome(insert(gates(1), version + 2)), 'policy_version_next')
})

test('a move that began before a refusal was committed waits for it and is refused', async () => {
  const { author, approver, second } = base.people
  await release.approve(approver, 'shadow')
  const to = { from: 'proposed' as const, to: 'shadow' as const }
  const move = () =>
    base.actAs(author, async (tx) => {
      const said = { ...to, gate: { id: 'shadow', version: String(release.policyVersion) } }
      await release.insertGate(tx, 'proposed', 'shadow', author, await release.forge(tx, 'gate', said, author))
      const digest = await release.forge(tx, 'release', to, author)
      await release.insertMove(tx, 'proposed', 'shadow', author, digest)
    })
  let moved: Promise<string> | undefined
  await base.actAs(second, async (tx) => {
    const digest = await release.forge(tx, 'approval', { ...to, decision: 'refused' }, second)
    await tx.change(
      `insert into release.approval (project_id, release_id, from_state, to_state, person_id, organisation_id, role, decision, reason, statement_digest)
       select $1, $2, 'proposed', 'shadow', $3, organisation_id, 'approver', 'refused', 'unsafe', $4 from kernel.person where id = $3`,
      [base.project.id, release.id, second.id, digest],
    )
    moved = outcome(move())
    const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    while ((await owner.query(waits)).rowCount === 0);
  })
  assert.equal(await moved, 'release_not_refused')
})

test('a transaction that sees only what was there when it began writes nothing here', async () => {
  const { author } = base.people
  await owner.query('begin isolation level repeatable read; set local role pilotbase_app')
  try {
    await owner.query(`select set_config('pilotbase.user', $1, true)`, [author.id])
    const raw = owner.query(
      `insert into release.move (project_id, release_id, from_state, to_state, reason, moved_by, statement_digest)
       values ($1, $2, 'proposed', 'shadow', 'round', $3, $4)`,
      [base.project.id, release.id, author.id, weights],
    )
    assert.equal(await outcome(raw), 'move_read_committed')
  } finally {
    await owner.query('rollback')
  }
})
