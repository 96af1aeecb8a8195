import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { openFolder } from './folder.ts'
import { type ObjectStore, objectStore } from './store.ts'

let folder: string
let store: ObjectStore
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotbase-missing-'))
  store = objectStore(await openFolder(folder))
  await store.put(Buffer.from('alone'))
  await store.putMany(['a', 'b', 'c'].map((name) => ({ name, content: Buffer.from(name) })))
})
after(() => rm(folder, { recursive: true, force: true }))

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

test('missing says of many what has says of each', async () => {
  const digests = ['alone', 'a', 'b', 'c', 'absent', 'away'].map(digestOf)
  await fc.assert(
    fc.asyncProperty(fc.subarray(digests), async (asked) => {
      const missing = await store.missing(asked)
      for (const sha256 of asked) assert.equal(missing.has(sha256), !(await store.has(sha256)))
      assert.ok([...missing].every((sha256) => asked.includes(sha256)))
    }),
    { numRuns: 20, seed: 1 },
  )
})

test('what another base packed meanwhile is seen', async () => {
  const other = objectStore(await openFolder(folder))
  await other.putMany([{ name: 'late', content: Buffer.from('late') }])
  assert.deepEqual(await store.missing([digestOf('late')]), new Set())
})
