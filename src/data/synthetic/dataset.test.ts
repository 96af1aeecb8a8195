import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syntheticDataset } from './dataset.ts'

const settings = { seed: 3, records: 6, seconds: 5, rhythms: ['sinus', 'bigeminy'] as const }
const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(files.get(path))

test('the same settings give the same bytes, and another seed gives others', () => {
  const first = syntheticDataset(settings)
  assert.deepEqual(syntheticDataset(settings), first)
  assert.notDeepEqual(syntheticDataset({ ...settings, seed: 4 }).get('s0001.dat'), first.get('s0001.dat'))
})

test('every record has its files and a row, and half of each rhythm is for testing', () => {
  const files = syntheticDataset(settings)
  const rows = textOf(files, 'records.csv')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(','))
  assert.equal(rows.length, 6)
  for (const [record] of rows) for (const kind of ['hea', 'dat', 'atr']) assert.ok(files.has(`${record}.${kind}`))
  // Three records a rhythm: floor(0.5), floor(1), floor(1.5) grows at the second alone.
  assert.deepEqual(
    rows.map((row) => row[1]),
    ['train', 'train', 'test', 'test', 'train', 'train'],
  )
})

test('the folder, each of its tasks and each recording say that they are synthetic', () => {
  const files = syntheticDataset(settings)
  const manifest = JSON.parse(textOf(files, 'dataset.json')) as { synthetic: boolean; tasks: { synthetic: boolean }[] }
  assert.ok(manifest.synthetic && manifest.tasks.every((task) => task.synthetic))
  assert.match(textOf(files, 's0001.hea'), /# synthetic: true/)
})

test('no records, or a share beyond one, is refused', () => {
  assert.throws(() => syntheticDataset({ ...settings, records: 0 }), /records = 0/)
  assert.throws(() => syntheticDataset({ ...settings, testShare: 1.5 }), /testShare = 1.5/)
})
