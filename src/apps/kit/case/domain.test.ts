import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { after, type caseStates, identifyingSubject, outcomeOf, ranked, type severities, verdicts } from './domain.ts'

const events = ['answer', 'refuse', 'decide'] as const

test('a refused case stays refused, and a decided one is only decided again', () => {
  for (const event of events) {
    assert.equal(after('refused', event), null)
    assert.equal(after('decided', event), event === 'decide' ? 'decided' : null)
  }
})

test('no course of events decides a case that was never answered', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events)), (course) => {
      let state: (typeof caseStates)[number] = 'open'
      let answered = false
      for (const event of course) {
        const next = after(state, event)
        if (next === null) continue
        answered ||= next === 'answered'
        state = next
        if (state === 'decided') assert.ok(answered)
      }
    }),
    { seed: 1 },
  ))

test('a decision is accepted only where every finding stands and nothing was changed', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...verdicts)), fc.boolean(), fc.boolean(), (given, added, corrections) => {
      const outcome = outcomeOf(given, added, corrections)
      assert.equal(outcome === 'accepted', given.every((one) => one === 'accept') && !added && !corrections)
      if (outcome === 'rejected') assert.ok(given.length > 0 && given.every((one) => one === 'reject'))
    }),
    { seed: 2 },
  ))

test('without any finding a silent decision accepts', () => assert.equal(outcomeOf([], false, false), 'accepted'))

test('ranking orders by urgency, then by how sure, and keeps the order of equals', () => {
  const row = (id: number, severity: (typeof severities)[number], confidence: number | null) => ({
    id,
    severity,
    confidence,
  })
  const given = [
    row(1, 'note', 1),
    row(2, 'urgent', 0.5),
    row(3, 'urgent', 0.9),
    row(4, 'note', 1),
    row(5, 'note', null),
  ]
  assert.deepEqual(
    ranked(given).map(({ id }) => id),
    [3, 2, 1, 4, 5],
  )
})

test('numbers of persons are known as such, codes of a site are not', () => {
  // GB 11643-1999, appendix: the example number with its check character
  assert.equal(identifyingSubject('11010519491231002X'), 'identity-number')
  assert.equal(identifyingSubject('110105-19491231-002x'), 'identity-number')
  assert.equal(identifyingSubject('110105194912310021'), null)
  assert.equal(identifyingSubject('13800138000'), 'phone-number')
  assert.equal(identifyingSubject('86-138-0013-8000'), 'phone-number')
  for (const code of ['P-0042', '2024000123', 'ABC', '12800138000']) assert.equal(identifyingSubject(code), null)
})
