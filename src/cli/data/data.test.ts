import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { differences } from './check.ts'
import { scanFolder } from './scan.ts'
import { startingWith } from './splits.ts'
import { cachedManifest, keepManifest, openStatCache } from './stat-cache.ts'
import { batchesOf } from './upload.ts'

const home = mkdtempSync(join(tmpdir(), 'pilotbase-cli-data-'))
after(() => rmSync(home, { recursive: true, force: true }))

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(home, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** Stands for the digest of a content, which the cache never looks at. */
const digestOf = (path: string) => path.padEnd(64, '.')
const hashed = (root: string) => scanFolder(root).map((file) => ({ ...file, sha256: digestOf(file.path) }))
const longAfterMs = Date.now() + 60_000

test('files of sub-folders are listed by path, and a link to a file is that file', () => {
  const root = folder('listed', { 'b.txt': '1', 'a/c.txt': '22', 'a.txt': '' })
  symlinkSync(join(root, 'a.txt'), join(root, 'z.txt'))
  assert.deepEqual(
    scanFolder(root).map((file) => [file.path, file.sizeBytes]),
    [
      ['a.txt', 0],
      ['a/c.txt', 2],
      ['b.txt', 1],
      ['z.txt', 0],
    ],
  )
})

test('a link to nothing and a name with a backslash are refused by name', () => {
  const root = folder('strange', {})
  mkdirSync(root, { recursive: true })
  symlinkSync(join(root, 'gone'), join(root, 'link'))
  assert.throws(() => scanFolder(root), /link/)
  const other = folder('backslash', { 'a\\b': '' })
  assert.throws(() => scanFolder(other), /cannot be kept/)
})

test('a folder that is not there is a wrong call', () => {
  assert.throws(
    () => scanFolder(join(home, 'nowhere')),
    (error: Error & { code: number }) => error.code === 2,
  )
})

test('an unchanged file is known again, and a changed one of the same size and time of change is not', () => {
  const root = folder('cached', { 'a.txt': 'one', 'b.txt': 'two' })
  openStatCache(root, join(home, 'cache')).save(hashed(root), longAfterMs)
  const [a, b] = scanFolder(root)
  writeFileSync(join(root, 'b.txt'), 'TWO')
  utimesSync(join(root, 'b.txt'), 1, 1)
  const cache = openStatCache(root, join(home, 'cache'))
  const [, changed] = scanFolder(root)
  assert.ok(a && b && changed)
  assert.equal(cache.digest(a), digestOf('a.txt'))
  assert.equal(cache.digest(changed), null)
})

test('a file that changed within the step of the clock before it was read is read again', () => {
  const root = folder('young', { 'a.txt': 'one' })
  const [file] = scanFolder(root)
  assert.ok(file)
  openStatCache(root, join(home, 'cache')).save(hashed(root), file.changedMs + 1999)
  assert.equal(openStatCache(root, join(home, 'cache')).digest(file), null)
  openStatCache(root, join(home, 'cache')).save(hashed(root), file.changedMs + 2000)
  assert.equal(openStatCache(root, join(home, 'cache')).digest(file), digestOf('a.txt'))
})

test('a damaged cache is an empty one', () => {
  const root = folder('damaged', { 'a.txt': 'one' })
  const cache = join(home, 'damaged-cache')
  openStatCache(root, cache).save(hashed(root), longAfterMs)
  const [name = ''] = scanFolder(cache).map((file) => file.path)
  chmodSync(join(cache, name), 0o600)
  writeFileSync(join(cache, name), readFileSync(join(cache, name)).subarray(0, -3))
  const [file] = scanFolder(root)
  assert.ok(file)
  assert.equal(openStatCache(root, cache).digest(file), null)
})

test('a manifest is given back only where its content has its name', () => {
  const cache = join(home, 'manifests')
  const digest = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' // SHA-256 of hello
  keepManifest(digest, Buffer.from('hello'), cache)
  assert.equal(cachedManifest(digest, cache)?.toString(), 'hello')
  keepManifest(digest, Buffer.from('hellO'), cache)
  assert.equal(cachedManifest(digest, cache), null)
})

test('differences name what changed, what is missing and what was added', () => {
  const file = (path: string, sha256: string) => ({ path, sha256 })
  const wanted = [file('a', '1'), file('b', '2'), file('c', '3')]
  assert.deepEqual(differences(wanted, [file('a', '1'), file('b', '9'), file('d', '4')]), {
    changed: ['b'],
    missing: ['c'],
    added: ['d'],
  })
})

test('batches keep every file in order, and pass the limit only with a single file', () =>
  fc.assert(
    fc.property(fc.array(fc.record({ sizeBytes: fc.nat(40) })), (files) => {
      const batches = [...batchesOf(files, 30)]
      assert.deepEqual(batches.flat(), files)
      for (const batch of batches)
        assert.ok(batch.length === 1 || batch.reduce((sum, file) => sum + file.sizeBytes, 0) <= 30)
    }),
  ))

test('paths that begin alike are found by halving as by looking at each', () =>
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 4 })),
      fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 3 }),
      (paths, start) => {
        const ordered = [...paths].sort()
        assert.deepEqual(
          startingWith(ordered, start),
          ordered.filter((path) => path.startsWith(start)),
        )
      },
    ),
  ))
