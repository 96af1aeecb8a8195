import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { evaluate } from '../evaluate/evaluate.ts'
import { ecgBeatClass } from './ecg-beat-class/ecg-beat-class.ts'
import { type SmallDataset, smallDataset, spikeModel } from '../evaluate/testing.ts'

const opened: SmallDataset[] = []
after(() => Promise.all(opened.map((one) => one.remove())))

async function run(
  task: string,
  records: Parameters<typeof smallDataset>[0],
  more: object = {},
  model = spikeModel(),
  gone?: string,
) {
  const dataset = await smallDataset(records, more)
  if (gone !== undefined) await rm(join(dataset.folder, gone))
  opened.push(dataset)
  const means = { openModel: async () => model, now: () => 0, progress: () => undefined, program: '0.0.0' }
  const { answer, predictions } = await evaluate({ model: '', folder: dataset.folder, task, command: '' }, means)
  const value = (id: string) => answer.metrics.find(({ metric }) => metric === id)
  return {
    answer,
    value,
    predictions: predictions
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}

let mitdb: Awaited<ReturnType<typeof run>>
// Names of the MIT-BIH database: 202 is in the test part, 107 is paced.
const names = ['100', '103', '202', '107']
const beats = 'N'.repeat(6)
before(async () => {
  const records = names.map((id) => ({
    id,
    split: id === '107' ? 'paced' : 'DS2',
    symbols: id === '202' ? 'NNNNNV' : beats,
  }))
  const more = {
    columns: { id: 'record', split: 'set', group: 'record' },
    splits: { test: ['DS2'] },
    exclude: ['107'],
    exclude_reason: 'paced (EC57)',
  }
  mitdb = await run('beats', records, more)
})

test('paced records stand outside every total, listed, with figures of their own', () => {
  assert.deepEqual(mitdb.answer.excluded, [{ id: '107', reason: 'paced (EC57)' }])
  assert.equal(mitdb.answer.n, 3)
  assert.deepEqual(Object.keys(mitdb.value('qrs_se_gross')?.per ?? {}), ['100', '103', '202'])
  const [apart] = mitdb.answer.details['apart'] as { id: string; from_start: { qrs_se: number } }[]
  assert.deepEqual([apart?.id, apart?.from_start.qrs_se], ['107', 1])
  assert.equal(mitdb.predictions.at(-1).excluded, true)
})

test('paced records are left out by the definition where the manifest forgets them', async () => {
  const records = names.map((id) => ({ id, split: 'test', symbols: beats }))
  const { answer } = await run('beats', records)
  assert.deepEqual(answer.excluded, [{ id: '107', reason: 'paced (EC57)' }])
  assert.equal(answer.n, 3)
})

test('an excluded record without files takes nothing from the others, and the answer says so', async () => {
  const records = names.map((id) => ({ id, split: 'test', symbols: beats }))
  const more = { exclude: ['107'], media: { record: 'wave/{record}', annotation: 'atr' } }
  const { answer } = await run('beats', records, more, spikeModel(), 'wave/107.hea')
  assert.deepEqual([answer.n, answer.details['apart']], [3, []])
  assert.match(answer.notes.join(), /107 is excluded and not shown apart: .*107\.hea/)
})

test('record 202, whose man is in the training part, is also left out once', () => {
  assert.equal(mitdb.value('veb_se_gross')?.value, 0)
  assert.equal(mitdb.value('veb_se_gross_without_202')?.value, null)
  assert.equal(mitdb.value('qrs_se_gross_without_202')?.n, 2)
})

test('both periods are reported; a short record has only the whole one, and the answer says so', async () => {
  const long = { id: 'long', split: 'test', symbols: `${'V'.repeat(299)}NNN` }
  const short = { id: 'short', split: 'test', symbols: beats }
  const { answer, value } = await run('beats', [long, short])
  assert.equal(answer.period, 'from_5min')
  assert.deepEqual([value('qrs_se_gross')?.n, value('qrs_se_gross_from_start')?.n], [1, 2])
  // At 300.5 s and 301.5 s: two N; before them lie 299 V and one N.
  assert.deepEqual((answer.details['pairs'] as { from_5min: unknown }).from_5min, { Nn: 2 })
  assert.equal(value('veb_se_gross')?.value, null)
  assert.equal(value('veb_se_gross_from_start')?.value, 0)
  assert.match(answer.notes.join(), /1 records shorter than 5 min have only from_start: short/)
})

test('a reference of positions compares no classes', async () => {
  const records = [{ id: 'a', split: 'test', patient: '50 150', symbols: 'NN' }]
  const columns = { id: 'record', label: 'patient' }
  const ventricular = spikeModel((found) => found.map((beat) => ({ ...beat, class: 'V' })))
  const { answer, value } = await run(
    'beats',
    records,
    { columns, separator: ' ', media: { record: 'wave/{record}' } },
    ventricular,
  )
  assert.equal(answer.value, 1)
  assert.equal(value('veb_ppv_gross')?.value, null)
  assert.equal(answer.ci, null)
  assert.equal(answer.ci_reason, 'groups')
  assert.match(answer.notes.join(), /positions without classes/)
})

test('a row without a label is unscored, a position outside the record is refused', async () => {
  const columns = { id: 'record', label: 'patient' }
  const more = { columns, media: { record: 'wave/{record}' } }
  const rows = [
    { id: 'a', split: 'test', patient: '50', symbols: 'N' },
    { id: 'b', split: 'test', symbols: 'N' },
  ]
  const { answer } = await run('beats', rows, more)
  assert.deepEqual([answer.n, answer.unscored], [1, 1])
  const outside = [{ id: 'a', split: 'test', patient: '50 100', symbols: 'N' }]
  await assert.rejects(
    run('beats', outside, more),
    /records\.csv, line 2, patient: "100" is not the number of a sample, 0 to 99/,
  )
})

test('each beat is an item with an id, and classes of the literature, not of bxb', async () => {
  const records = [{ id: 'a', split: 'test', symbols: 'NjAV/+' }]
  const { answer, predictions } = await run('classes', records)
  // N and j are N, A is S, V is V, / is Q; + is no beat.
  assert.deepEqual(answer.details['confusion'], [
    [2, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
  ])
  assert.equal(answer.n, 5)
  assert.deepEqual(predictions.map(({ id, score }) => [id, score]).slice(0, 3), [
    ['a:50', 1],
    ['a:150', 1],
    ['a:250', 0],
  ])
  const bxb = await run('classes', records, { map: 'bxb' })
  assert.equal(bxb.answer.details['map'], 'bxb')
  assert.deepEqual((bxb.answer.details['confusion'] as number[][])[1], [2, 0, 0, 0, 0])
})

test('macro F1 leaves out beats that are Q in the reference, and a beat called Q is missed', async () => {
  const records = [{ id: 'a', split: 'test', symbols: 'NNNV/' }]
  const model = spikeModel((found) =>
    found.map((beat, place) => ({ ...beat, class: place === 0 ? 'Q' : place > 2 ? 'V' : 'N' })),
  )
  const { answer, value } = await run('classes', records, {}, model)
  // N: 2 of 3 found and nothing else called N, 4/5. V: 1 of 1, the Q called V does not count, 1. S and F do not occur.
  assert.equal(answer.value, (4 / 5 + 1) / 2)
  assert.deepEqual(value('f1_macro_NSVF')?.per, { N: 4 / 5, S: null, V: 1, F: null })
  assert.equal(value('f1_macro_NSVF_average')?.per?.['a'], answer.value)
  assert.deepEqual([answer.n, answer.n_groups], [5, 1])
})

test('of two beats on one sample each is an item', () => {
  const row = { id: 'a', group: null, split: null, file: 'records.csv', line: 2, cells: new Map() }
  const beat = { sample: 50, gold: 'N' } as const
  assert.deepEqual(ecgBeatClass.itemIds(row, { beats: [beat, beat] }), ['a:50', 'a:50:1'])
})
