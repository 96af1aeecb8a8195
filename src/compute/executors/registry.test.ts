import assert from 'node:assert/strict'
import { test } from 'node:test'
import { executorNames, openExecutor } from './registry.ts'
import { realSurroundings } from './testing.ts'

test('an executor is opened by its name, and an unknown one is refused with the known ones', async () => {
  assert.ok(executorNames.includes('local'))
  await assert.rejects(openExecutor('lokal', {}, realSurroundings), {
    code: 'compute.executor-unknown',
    message: /local/,
  })
})

test('an option that is wrong is refused by its path', async () => {
  const options = { folder: 'x', users: { first: 5, count: 1 } }
  await assert.rejects(openExecutor('local', options, realSurroundings), {
    code: 'compute.executor-options',
    message: /users\.first/,
  })
})
