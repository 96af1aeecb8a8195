import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Users } from './users.ts'

test('user ids go round, pass over busy ones, and run out with a clear refusal', () => {
  let asked = 0
  const users = new Users({ first: 100, count: 4 }, [101], () => (asked++, [103]))
  assert.deepEqual([users.take(), users.take()], [100, 102])
  users.giveBack(100)
  assert.equal(users.take(), 100)
  assert.equal(asked, 2)
  assert.throws(() => users.take(), { code: 'compute.attempt-users' })
})
