import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lineageOf, missingLinks, walkBack, walkForward } from './lineage.ts'
import type { Kind, Material, Predicate } from '../predicates.ts'
import { makeStatement, openStatement, sha256Of, signStatement, type VerifiedStatement } from '../statement.ts'
import { keyFrom, predicateOf, ringOf, subjectOf } from '../testing.ts'

const key = keyFrom(1)

function state<K extends Kind>(
  kind: K,
  subject: string,
  links: Pick<Predicate, 'materials' | 'previous'>,
): VerifiedStatement {
  const changed = links as Partial<Predicate<K>>
  const envelope = signStatement(makeStatement(kind, [subjectOf(subject)], predicateOf(kind, changed)), key)
  const verdict = openStatement(envelope, ringOf(key))
  assert.ok(verdict.ok)
  return verdict.value
}
const used = (role: Material['role'], name: string): Material => ({ name, role, digest: subjectOf(name).digest })

// data → snapshot → training → weights → evaluation (with plan) → gate → approval → release
const snapshot = state('snapshot', 'snapshot', { materials: [used('source', 'raw')], previous: [] })
const training = state('training', 'weights', {
  materials: [used('snapshot', 'snapshot')],
  previous: [snapshot.digest],
})
const plan = state('evaluation-plan', 'plan', { materials: [used('snapshot', 'snapshot')], previous: [] })
const evaluation = state('evaluation', 'results', {
  materials: [used('weights', 'weights'), used('plan', 'plan'), used('snapshot', 'snapshot')],
  previous: [plan.digest],
})
const gate = state('gate', 'weights', { materials: [used('report', 'results')], previous: [evaluation.digest] })
const approval = state('approval', 'weights', { materials: [], previous: [gate.digest] })
const release = state('release', 'weights', { materials: [], previous: [approval.digest] })
const unrelated = state('snapshot', 'elsewhere', { materials: [], previous: [] })
const all = [snapshot, training, plan, evaluation, gate, approval, release, unrelated]
const namesOf = (digests: readonly string[]) => all.filter((one) => digests.includes(one.digest)).map((one) => one.kind)

test('a release leads back to the raw data over every statement between', () => {
  const back = walkBack(lineageOf(all), release.digest)
  assert.deepEqual(namesOf(back.statements), [
    'snapshot',
    'training',
    'evaluation-plan',
    'evaluation',
    'gate',
    'approval',
    'release',
  ])
  assert.equal(back.statements[0], release.digest)
  assert.ok(back.artefacts.includes(sha256Of('raw')))
  assert.ok(!back.artefacts.includes(sha256Of('elsewhere')))
  assert.deepEqual(back.missing, [])
})

test('data that turns out wrong leads forward to everything that came of it', () => {
  const forward = walkForward(lineageOf(all), sha256Of('raw'))
  assert.deepEqual(namesOf(forward.statements), [
    'snapshot',
    'training',
    'evaluation-plan',
    'evaluation',
    'gate',
    'approval',
    'release',
  ])
  const fromPlan = walkForward(lineageOf(all), plan.digest)
  for (const reached of [evaluation, gate, approval, release]) assert.ok(fromPlan.statements.includes(reached.digest))
  assert.ok(!fromPlan.statements.includes(snapshot.digest))
})

test('a statement that is left out is missed by name, wherever it stood', () => {
  assert.deepEqual(missingLinks(lineageOf(all)), [])
  const without = (gone: VerifiedStatement) => missingLinks(lineageOf(all.filter((one) => one !== gone)))
  for (const gone of [snapshot, plan, evaluation, gate, approval]) {
    assert.ok(
      without(gone).some((link) => link.kind === 'statement' && link.digest === gone.digest),
      gone.kind,
    )
  }
  const [link] = without(training)
  assert.deepEqual(link, {
    kind: 'artefact',
    digest: sha256Of('weights'),
    name: 'weights',
    role: 'weights',
    neededBy: evaluation.digest,
  })
  assert.deepEqual(
    walkBack(lineageOf([release]), release.digest).missing.map((one) => one.digest),
    [approval.digest],
  )
})

test('the order in which statements come, and coming twice, makes no difference', () =>
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (turned) => {
      const lineage = lineageOf([...turned, ...turned.slice(0, 2)])
      assert.deepEqual(walkBack(lineage, release.digest), walkBack(lineageOf(all), release.digest))
      assert.deepEqual(lineage.about, lineageOf(all).about)
    }),
    { seed: 31, numRuns: 30 },
  ))

test('artefacts that are made from each other end the walk, and an unknown start finds nothing', () => {
  const there = state('training', 'x', { materials: [used('base-weights', 'y')], previous: [] })
  const back = state('training', 'y', { materials: [used('base-weights', 'x')], previous: [] })
  const lineage = lineageOf([there, back])
  assert.equal(walkBack(lineage, sha256Of('x')).statements.length, 2)
  assert.equal(walkForward(lineage, sha256Of('x')).statements.length, 2)
  assert.deepEqual(walkBack(lineage, sha256Of('z')).statements, [])
})
