import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openFolder } from './folder.ts'
import { parseManifest } from './manifest.ts'
import { readRows } from './rows.ts'

let root = ''
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'rows-'))
})
after(() => rm(root, { recursive: true }))

async function rows(files: Record<string, string | Buffer>, task: object, split?: string) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content)
  const entry = { id: 't', task: 'classify', files: Object.keys(files), ...task }
  const text = JSON.stringify({ schema: 'pilotbase.dataset/1', id: 'd', tasks: [entry] }, null, 1)
  return readRows(openFolder(root), parseManifest(text, 'dataset.json'), 0, split)
}
const ids = ({ rows: list }: Awaited<ReturnType<typeof rows>>) => list.map(({ id }) => id)
const table = 'id,part,who\n1,train,a\n2,validate,b\n3,dev,\n4,extra,a\n'
const columns = { id: 'id', split: 'part', group: 'who' }

test('without a wish the first of test, val and dev that occurs is taken', async () => {
  assert.equal((await rows({ 'a.csv': table }, { columns })).split, 'val')
  assert.equal((await rows({ 'a.csv': `${table}5,test,c\n` }, { columns })).split, 'test')
  assert.equal((await rows({ 'a.csv': 'id,part,who\n3,dev,\n' }, { columns })).split, 'dev')
  const all = await rows({ 'a.csv': 'id,part,who\n3,train,\n' }, { columns })
  assert.equal(all.split, 'all')
  assert.match(all.notes.join(), /all rows were scored/)
})

test('a wish is one of the splits that occur, or all', async () => {
  assert.deepEqual(ids(await rows({ 'a.csv': table }, { columns }, 'train')), ['1'])
  assert.deepEqual(ids(await rows({ 'a.csv': table }, { columns }, 'all')), ['1', '2', '3', '4'])
  await assert.rejects(rows({ 'a.csv': table }, { columns }, 'test'), /Choose one of: train, val, dev, extra, all/)
})

test('the manifest says which values of the file a split has', async () => {
  const splits = { train: ['train', 'extra'], test: ['dev'] }
  assert.deepEqual(ids(await rows({ 'a.csv': table }, { columns, splits })), ['3'])
  assert.deepEqual(ids(await rows({ 'a.csv': table }, { columns, splits }, 'train')), ['1', '4'])
})

test('files may carry the split in their name, and rows without an id are numbered over all of them', async () => {
  const files = { train: ['a.csv'], test: ['b.csv'] }
  const found = await rows({ 'a.csv': 'x\n1\n2\n', 'b.csv': 'x\n3\n' }, { files })
  assert.deepEqual(ids(found), ['2'])
  assert.equal(found.split, 'test')
})

test('what is excluded is listed where it belongs to the split, or to none that is named', async () => {
  const task = { columns, exclude: ['1', 4, '3'], exclude_reason: 'paced' }
  const found = await rows({ 'a.csv': table }, task, 'dev')
  assert.deepEqual(ids(found), [])
  assert.deepEqual(
    found.excluded.map(({ row, reason }) => [row.id, reason]),
    [
      ['3', 'paced'],
      ['4', 'paced'],
    ],
  )
})

test('where keeps rows by text, also of JSON numbers and lists of values', async () => {
  const lines = '{"id":"a","kind":1}\n\n{"id":"b","kind":2}\n{"id":"c","kind":"2"}\n{"id":"d"}\n'
  assert.deepEqual(ids(await rows({ 'a.jsonl': lines }, { columns: { id: 'id' }, where: { kind: '2' } })), ['b', 'c'])
  assert.deepEqual(
    ids(await rows({ 'a.jsonl.gz': gzipSync(lines) }, { columns: { id: 'id' }, where: { kind: [1, 2] } })),
    ['a', 'b', 'c'],
  )
})

test('a NaN of a data frame is a blank cell, within quotes it is text', async () => {
  const lines = '{"id":"a","kind":NaN}\n{"id":"b","kind":"x NaN"}\n'
  const found = await rows({ 'a.jsonl': lines }, { columns: { id: 'id', group: 'kind' } })
  assert.deepEqual(
    found.rows.map(({ group }) => group),
    [null, 'x NaN'],
  )
})

test('a blank group is none, and an id of several columns is joined', async () => {
  const found = await rows({ 'a.csv': table }, { columns: { ...columns, id: ['id', 'part'] } }, 'dev')
  assert.deepEqual(
    found.rows.map(({ id, group }) => [id, group]),
    [['3:dev', null]],
  )
})

test('faults are refused with file, line and field', async () => {
  const faults: [Record<string, string | Buffer>, object, RegExp][] = [
    [
      { 'a.csv': table },
      { columns: { ...columns, group: 'whom' } },
      /dataset\.json, line \d+, tasks\[0\]\.columns\.group \(for a\.csv\): there is no column "whom"\. The nearest is "who"/,
    ],
    [{ 'a.csv': table }, { columns: { ...columns, id: 'who' } }, /a\.csv, line 4, who: "" is not an id/],
    [
      { 'a.csv': 'who\na\nb\na\n' },
      { columns: { id: 'who' } },
      /a\.csv, line 4, columns\.id: the id "a" stands there a second time/,
    ],
    [{ 'a.jsonl': '{"id":1}\n{"id":\n' }, {}, /a\.jsonl, line 2: this is not JSON/],
    [{ 'a.jsonl': '{"id":1}\n[]\n' }, {}, /a\.jsonl, line 2: .*must be an object/],
    [{ 'a.csv': Buffer.from([0x61, 0x0a, 0xff]) }, {}, /a\.csv, line 2: this is not UTF-8/],
    [{ 'a.csv.gz': 'no gzip' }, {}, /a\.csv\.gz cannot be read/],
    [{ 'a.txt': '' }, {}, /a\.txt: rows are not read from files of this kind/],
    [{}, { files: ['gone.csv'] }, /gone\.csv is not there.*tasks\[0\]\.files/],
  ]
  for (const [files, task, message] of faults) await assert.rejects(rows(files, task), message)
})
