import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { evaluate } from './evaluate.ts'
import { identifyModel, openModel } from './models.ts'

let root = ''
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'models-'))
})
after(() => rm(root, { recursive: true }))

test('a name that is no folder is a wrong call, a folder that holds no model is no model', async () => {
  await assert.rejects(openModel('no-such-model'), /There is no model "no-such-model"/)
  await assert.rejects(openModel(root), /holds no model/)
  await writeFile(
    join(root, 'manifest.json'),
    '{"model":"other","files":[{"path":"a","sha256":"' + '0'.repeat(64) + '"}]}',
  )
  await assert.rejects(openModel(root), /holds no model.*one of: ecg/)
})

test('who a model is does not need its networks, and a name alone is taken as given', async () => {
  const files = [
    { path: 'b', sha256: '1'.repeat(64) },
    { path: 'a', sha256: '0'.repeat(64) },
  ]
  await writeFile(join(root, 'manifest.json'), JSON.stringify({ model: 'ecg', files }))
  await writeFile(join(root, 'card.json'), '{"version":"1.2.0"}')
  const found = await identifyModel(root)
  // sha256sum of the two lines `0…0  a` and `1…1  b`: the listing of the files, by path
  const digest = 'sha256:c9d26cfbe2513e38dbeaba173f44b57e81f821c2702bf7a3ba2fe30531c91e58'
  assert.deepEqual(found, { name: 'ecg', version: '1.2.0', digest })
  assert.deepEqual(await identifyModel('mine'), { name: 'mine', version: null, digest: null })
})

const shipped = fileURLToPath(new URL('../../../weights/ecg/', import.meta.url))
const fixtures = fileURLToPath(new URL('../../../recipes/ecg/fixtures/', import.meta.url))
const skip = existsSync(join(shipped, 'card.json')) ? false : 'weights/ecg carries no card yet: no finished model'

test('the shipped model finds the beats of twenty real seconds', { skip }, async () => {
  const folder = join(root, 'data')
  await mkdir(folder)
  for (const ending of ['hea', 'dat', 'atr']) await cp(join(fixtures, `118s.${ending}`), join(folder, `118s.${ending}`))
  await writeFile(join(folder, 'rows.csv'), 'record\n118s\n')
  const task = {
    id: 'beats',
    task: 'ecg-beats',
    files: ['rows.csv'],
    columns: { id: 'record' },
    media: { record: '{record}', annotation: 'atr' },
  }
  await writeFile(
    join(folder, 'dataset.json'),
    JSON.stringify({ schema: 'pilotbase.dataset/1', id: 'd', tasks: [task] }),
  )
  const means = { openModel, now: () => 0, progress: () => undefined, program: '0.0.0' }
  const { answer } = await evaluate({ model: 'ecg', folder, command: '' }, means)
  assert.deepEqual([answer.unanswered, answer.model], [0, 'ecg'])
  assert.ok((answer.value ?? 0) > 0.9, `QRS F1 is ${answer.value}`)
})
