import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { folder, memory } from './files.ts'

test('many files are read at the same time, more of them than are kept open', async (t) => {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'files-'))
  t.after(() => fs.rm(root, { recursive: true }))
  const names = Array.from({ length: 40 }, (_, index) => `f${index}`)
  for (const [index, name] of names.entries()) await fs.writeFile(path.join(root, name), Uint8Array.of(index, 1, 2))
  const files = folder(root)
  for (let round = 0; round < 3; round++) {
    const parts = await Promise.all(names.map((name) => files.read(name, 0, 2)))
    assert.deepEqual(
      parts.map((bytes) => bytes[0]),
      names.map((_, index) => index),
    )
  }
  await files.close()
})

test('a folder and an upload answer alike: sizes, parts, ends, what is not there, what lies outside', async (t) => {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), 'files-'))
  t.after(() => fs.rm(root, { recursive: true }))
  await fs.mkdir(path.join(root, 'sub'))
  await fs.writeFile(path.join(root, 'a'), Uint8Array.of(1, 2, 3))
  for (const files of [folder(root), memory(new Map([['a', Uint8Array.of(1, 2, 3)]]))]) {
    assert.equal(await files.sizeBytes('a'), 3)
    assert.equal(await files.sizeBytes('b'), null)
    assert.equal(await files.sizeBytes('sub'), null)
    assert.equal(await files.sizeBytes('a/b'), null)
    assert.deepEqual([...(await files.read('a', 1, 9))], [2, 3])
    assert.equal((await files.read('a', 5, 9)).length, 0)
    await assert.rejects(async () => files.read('b', 0, 1), { code: 'data.recording-file-missing' })
    await files.close()
  }
  await assert.rejects(async () => folder(root).sizeBytes('../a'), { code: 'data.recording-unsafe-name' })
})
