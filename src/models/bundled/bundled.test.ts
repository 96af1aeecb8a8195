import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestBase } from '../../kernel/testing.ts'
import { affineFiles, card, modelsBase, projectOf, seed } from '../testing.ts'
import { aliasHistoryOf } from '../version/versions.ts'
import { seedShipped, shippedModels } from './bundled.ts'

let base: TestBase
let root: string

before(async () => {
  base = await modelsBase()
  root = await mkdtemp(join(tmpdir(), 'weights-'))
  await mkdir(join(root, 'unfinished'))
  await mkdir(join(root, 'affine'))
  for (const [name, content] of Object.entries(await affineFiles()))
    await writeFile(join(root, 'affine', name), content)
})
after(async () => {
  await rm(root, { recursive: true })
  await base.close()
})

const seeded = () => base.kernel.database.transaction(seed, (tx) => seedShipped(base.kernel, tx, projectOf(base), root))

test('every shipped model of the program has a card that names its version', async () => {
  const models = await shippedModels()
  assert.ok(models.some(({ name }) => name === 'ecg'))
  for (const { name, card: shown, label } of models) {
    assert.equal(shown.model, name)
    assert.match(label, /^\d+\.\d+\.\d+/)
  }
})

test('shipped weights are registered once, under their alias, and an update moves it', async () => {
  const [first, ...none] = await seeded()
  assert.deepEqual(none, [])
  assert.deepEqual(first?.aliases, ['shipped'])
  assert.deepEqual(await seeded(), [first])
  await writeFile(join(root, 'affine', 'card.json'), JSON.stringify({ ...card, version: '1.1.0' }))
  const [second] = await seeded()
  assert.equal(second?.label, '1.1.0')
  assert.equal(second?.weightsDigest, first?.weightsDigest)
  const moves = await base.kernel.database.transaction(seed, (tx) => aliasHistoryOf(tx, base.project.id, 'affine'))
  assert.deepEqual(
    moves.map(({ label }) => label),
    ['1.1.0', '1.0.0'],
  )
})

test('a card without a version that can be a label is refused', async () => {
  await writeFile(join(root, 'affine', 'card.json'), JSON.stringify({ ...card, version: 'newest' }))
  await assert.rejects(shippedModels(root), /version: /)
})
