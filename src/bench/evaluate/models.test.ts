import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { encodeRecord, syntheticEcg } from '../../data/index.ts'
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

test('a folder whose files do not belong together cannot be opened', async () => {
  const folder = join(root, 'broken')
  await mkdir(folder)
  const calibration = '{"temperature":"warm"}'
  const sha256 = createHash('sha256').update(calibration).digest('hex')
  const files = [{ path: 'calibration.json', sha256 }]
  await writeFile(join(folder, 'calibration.json'), calibration)
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ model: 'ecg', files }))
  await assert.rejects(openModel(folder), /cannot be opened: .*temperature/)
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
const skip = existsSync(join(shipped, 'card.json')) ? false : 'weights/ecg carries no card yet: no finished model'

test('the shipped model finds the beats of a made recording, and the answer says that it was made', {
  skip,
}, async () => {
  const folder = join(root, 'data')
  await mkdir(folder)
  const made = encodeRecord(syntheticEcg({ id: 'made', seed: 1, seconds: 60, pvcPerMinute: 6 }))
  for (const [name, bytes] of made) await writeFile(join(folder, name), bytes)
  await writeFile(join(folder, 'rows.csv'), 'record\nmade\n')
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
  assert.deepEqual([answer.unanswered, answer.synthetic, answer.model], [0, true, 'ecg'])
  assert.ok((answer.value ?? 0) > 0.9, `QRS F1 is ${answer.value}`)
})
