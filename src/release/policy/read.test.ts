import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { Problem } from '../../kernel/index.ts'
import { testPolicy } from '../testing.ts'
import { type PolicyRules, policyRules } from './contract.ts'
import { suggestedPolicy } from './policies.ts'
import { readPolicy } from './read.ts'

const refusalOf = (source: string): Problem => {
  try {
    readPolicy(source)
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    return error
  }
  assert.fail('it was read')
}
const lineOf = (source: string, text: string): number => 1 + source.split('\n').findIndex((line) => line.includes(text))

test('the policy that ships is read, and asks for two organisations before anything is live', () => {
  const { rules } = readPolicy(suggestedPolicy)
  assert.deepEqual(rules.gates.live.approvals, {
    count: 2,
    role: 'approver',
    parties: ['hospital', 'government'],
    distinctOrganisations: true,
  })
  assert.deepEqual(rules.gates.live.metrics[0]?.atLeast, 0.99)
})

test('an unknown name is refused with its line and the nearest known one', () => {
  const inMetric = suggestedPolicy.replace('minGroups: 10', 'minGroup: 10')
  const { code, params } = refusalOf(inMetric)
  assert.equal(code, 'release.policy-unknown-key')
  assert.deepEqual(
    [params.line, params.key, params.nearest],
    [lineOf(inMetric, 'minGroup: 10'), 'minGroup', 'minGroups'],
  )
  const inStages = testPolicy.replace('  pilot:', '  piloted:')
  assert.deepEqual(
    [refusalOf(inStages).params.nearest, refusalOf(inStages).params.line],
    ['pilot', lineOf(inStages, 'piloted')],
  )
  const inApprovals = testPolicy.replace('distinctOrganisations', 'distinctOrganizations')
  assert.equal(refusalOf(inApprovals).params.nearest, 'distinctOrganisations')
  assert.equal(refusalOf(`${testPolicy}stages: {}\n`).params.line, testPolicy.split('\n').length)
})

test('a wrong value is refused with its line, and what is missing with the line of what it is missing in', () => {
  const wrong = testPolicy.replace('{ count: 1 }', '{ count: many }')
  const { code, params } = refusalOf(wrong)
  assert.deepEqual([code, params.line], ['release.policy-wrong', lineOf(wrong, 'many')])
  assert.equal(params.where, 'gates.shadow.approvals.count')
  const both = testPolicy.replace('atLeast: 0.99,', 'atLeast: 0.99, atMost: 1,')
  assert.deepEqual(
    [refusalOf(both).params.line, refusalOf(both).params.reason],
    [lineOf(both, 'atMost'), 'name one of atLeast and atMost'],
  )
  const none = testPolicy.replace('atLeast: 0.99, ', '')
  assert.equal(refusalOf(none).params.line, lineOf(none, 'metric: qrs_se_gross'))
})

test('nothing goes live without an approval, and without a figure or evidence', () => {
  const noApproval = testPolicy.replace('count: 2', 'count: 0')
  assert.equal(refusalOf(noApproval).params.where, 'gates.live.approvals.count')
  const rules = readPolicy(testPolicy).rules
  const bare = { ...rules, gates: { ...rules.gates, live: { approvals: { count: 1 } } } }
  assert.equal(refusalOf(stringify(bare)).params.where, 'gates.live.metrics')
})

test('what is not YAML is refused with its line', () => {
  const broken = testPolicy.replace('  pilot:', '  pilot: [')
  assert.equal(refusalOf(broken).code, 'release.policy-not-yaml')
  const twice = testPolicy.replace('  pilot:', '  shadow:')
  assert.deepEqual([refusalOf(twice).code, refusalOf(twice).params.line], ['release.policy-not-yaml', 6])
  for (const source of ['', '7', '- 1', 'null', 'a: *b', '\u0000'])
    assert.match(refusalOf(source).code, /^release\.policy-/, source)
})

test('an alias bomb is refused and not expanded', () => {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  for (let at = 0; at < 9; at++) {
    const [name, of] = ['bcdefghij'[at], 'abcdefghi'[at]]
    lines.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]`)
  }
  assert.equal(refusalOf(lines.join('\n')).code, 'release.policy-not-yaml')
})

test('whatever rules are written down are read back the same', () => {
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && text !== '')
  const metric = fc.record({
    task: name,
    metric: name,
    atLeast: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    minGroups: fc.integer({ min: 1, max: 1000 }),
    level: fc.constantFrom(0.9, 0.95, 0.99),
    notSynthetic: fc.boolean(),
  })
  const gate = fc.record({
    metrics: fc.array(metric, { minLength: 1, maxLength: 3 }),
    evidence: fc.constant<PolicyRules['gates']['live']['evidence']>([]),
    approvals: fc.record({
      count: fc.integer({ min: 1, max: 10 }),
      role: fc.constant('approver' as const),
      parties: fc.array(name, { maxLength: 3 }),
      distinctOrganisations: fc.boolean(),
    }),
  })
  const rules = fc.record({
    format: fc.constant('pilotbase.release-policy/1' as const),
    gates: fc.record({ shadow: gate, pilot: gate, live: gate }),
  })
  fc.assert(
    fc.property(rules, (wanted: PolicyRules) => {
      const read = readPolicy(stringify(wanted)).rules
      assert.deepEqual(read, policyRules.parse(wanted))
    }),
    { numRuns: 50 },
  )
})
