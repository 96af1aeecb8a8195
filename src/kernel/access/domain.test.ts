import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Action, actions, may, roles } from './domain.ts'

const someAction = fc.constantFrom(...(Object.keys(actions) as Action[]))

test('a key never allows more than the roles of its person', () => {
  fc.assert(
    fc.property(fc.subarray([...roles]), someAction, fc.array(fc.string()), (held, action, scopes) => {
      if (may(held, action, scopes)) assert.ok(may(held, action))
    }),
  )
})

test('no role allows nothing, and a star scope narrows nothing', () => {
  fc.assert(
    fc.property(fc.subarray([...roles]), someAction, (held, action) => {
      assert.equal(may([], action), false)
      assert.equal(may(held, action, ['*']), may(held, action))
      assert.equal(may(held, action, []), false)
    }),
  )
})

test('who evaluates or approves is no developer by that role', () => {
  assert.equal(may(['developer'], 'release.approve'), false)
  assert.equal(may(['approver'], 'model.register'), false)
  assert.equal(may(['evaluator'], 'release.approve'), false)
})
