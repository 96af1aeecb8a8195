import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Recording } from '../../data/index.ts'
import { openFolder } from './folder.ts'
import { parseManifest } from './manifest.ts'
import { recordingSource } from './recordings.ts'
import { type DatasetRow, readRows } from './rows.ts'
import { pack } from './testing.ts'

const fixtures = new URL('../../data/readers/wfdb/fixtures/', import.meta.url)
let root = ''
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'recordings-'))
  await mkdir(join(root, 'db'))
  for (const ending of ['hea', 'dat', 'atr']) {
    await copyFile(new URL(`mitdb101.${ending}`, fixtures), join(root, `db/mitdb101.${ending}`))
  }
})
after(() => rm(root, { recursive: true }))

async function recording(table: string, task: object): Promise<{ recording: Recording; files: string[] }> {
  await writeFile(join(root, 'rows.csv'), table)
  const entry = { id: 't', task: 'ecg-beats', files: ['rows.csv'], columns: { id: 'record' }, ...task }
  const folder = openFolder(root)
  const file = parseManifest(JSON.stringify({ schema: 'pilotbase.dataset/1', id: 'd', tasks: [entry] }), 'dataset.json')
  const { rows } = await readRows(folder, file, 0)
  const [task0] = file.manifest.tasks
  const found = await recordingSource(folder, task0 as NonNullable<typeof task0>, 0).recording(rows[0] as DatasetRow)
  return { recording: found, files: folder.digests().map(({ path }) => path) }
}
const samples = ({ leads }: Recording) => leads.map(({ adc }) => [...adc])

test('a packed record is the record that its header describes, with its annotations', async () => {
  const table = 'record,order\nmitdb101,2\n'
  const native = await recording(table, { media: { record: 'db/{record}', annotation: 'atr' } })
  const leads = native.recording.leads.map(({ adc }) => Int16Array.from(adc))
  await writeFile(join(root, 'db/mitdb101.dzb'), pack(leads, 2, false))
  const media = { signal: 'db/{record}.dzb', header: 'db/{record}.hea', annotation: 'db/{record}.atr' }
  const packed = await recording(table, { media })
  assert.deepEqual(samples(packed.recording), samples(native.recording))
  assert.deepEqual(packed.recording.annotations, native.recording.annotations)
  assert.ok((native.recording.annotations ?? []).length > 0)
  assert.deepEqual(native.files.toSorted(), ['db/mitdb101.atr', 'db/mitdb101.dat', 'db/mitdb101.hea', 'rows.csv'])
  assert.deepEqual(packed.files.toSorted(), ['db/mitdb101.atr', 'db/mitdb101.dzb', 'db/mitdb101.hea', 'rows.csv'])
})

test('a packed set gives each row its own samples, in microvolts', async () => {
  await writeFile(join(root, 'all.dzb'), pack([Int16Array.of(1, 2, 3, -4, 5, 6)], 1, false))
  const columns = { id: 'record', offset: 'offset', samples: 'n' }
  const set = { columns, fs: 500, media: { signal: 'all.dzb' } }
  const { recording: found } = await recording('record,offset,n\na,2,3\n', set)
  assert.deepEqual(samples(found), [[3, -4, 5]])
  assert.deepEqual([found.fs, found.leads[0]?.physical()[1]], [500, Math.fround(-0.004)])
  await assert.rejects(
    recording('record,offset,n\na,4,3\n', set),
    /rows\.csv, line 2, n: "3" is not inside all\.dzb, which has 6 samples/,
  )
  await assert.rejects(recording('record,offset,n\na,x,3\n', set), /line 2, offset: "x" is not a number/)
})

test('no row leads out of the folder', async () => {
  for (const name of ['../mitdb101', '/etc/passwd', 'x/../../mitdb101']) {
    await assert.rejects(
      recording(`record\n${name}\n`, { media: { record: 'db/{record}' } }),
      /leads out of the folder/,
    )
    await assert.rejects(
      recording(`record\n${name}\n`, { media: { signal: '{record}', header: 'db/{record}.hea' } }),
      /leads out of the folder/,
    )
  }
  await assert.rejects(
    recording('record,file\na,\n', { media: { record: 'db/{file}' } }),
    /rows\.csv, line 2, file: "" is not a value for db/,
  )
})
