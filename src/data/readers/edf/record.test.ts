import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { conform } from '../conformance.ts'
import { readRecording } from '../registry.ts'
import { edf } from './reader.ts'
import { openEdf, readEdf } from './record.ts'
import { parseLists } from './tal.ts'

interface Expected {
  readonly fs?: number
  readonly frames?: number
  readonly leads: readonly {
    readonly name: string
    readonly unit: string
    readonly rate: number
    readonly adc: readonly (number | null)[]
    readonly physical: readonly (number | null)[]
  }[]
  readonly annotations: readonly (readonly [number, number | null, string])[]
}

const folder = path.join(import.meta.dirname, 'fixtures')
const expected: Record<string, Expected> = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'))
const fixture = (name: string) => new Uint8Array(fs.readFileSync(path.join(folder, name)))
const names = Object.keys(expected)

/** The file with some bytes of its header written over. */
function changed(name: string, changes: readonly (readonly [offset: number, text: string])[]) {
  const bytes = fixture(name)
  for (const [offset, text] of changes) bytes.set(new TextEncoder().encode(text), offset)
  return { files: new Map([[name, bytes]]), name }
}

conform(
  edf,
  names.map((name) => ({ title: name, files: new Map([[name, fixture(name)]]), name })),
)

for (const [name, wanted] of Object.entries(expected)) {
  test(`${name} is read as its independent reader reads it`, async () => {
    const recording = await readRecording(path.join(folder, name))
    for (const [index, want] of wanted.leads.entries()) {
      const lead = recording.leads[index]
      assert.ok(lead !== undefined)
      assert.deepEqual([lead.name, lead.unit, lead.fs], [want.name, want.unit, want.rate])
      assert.deepEqual(
        [...lead.adc].map((value) => (value === lead.missing ? null : value)),
        want.adc,
      )
      const toMillivolt = lead.unit === 'uV' ? 1e-3 : 1
      for (const [i, value] of lead.physical().entries()) {
        const physical = want.physical[i] ?? null
        if (physical === null) assert.ok(Number.isNaN(value))
        else assert.ok(Math.abs(value - physical * toMillivolt) < 1e-6 * Math.max(1, Math.abs(value)))
      }
    }
    // onsets are counted from the header's clock; the recording begins at its first data record
    const first = name === 'gaps.edf' ? 0.25 : 0
    assert.deepEqual(
      recording.annotations?.map(({ sample, durationSeconds, aux }) => [sample, durationSeconds ?? null, aux]) ?? [],
      wanted.annotations.map(([onset, duration, text]) => [Math.round((onset - first) * recording.fs), duration, text]),
    )
  })
}

test('leads of different rates share frames; a gap is missing in both', async () => {
  const { fs, sampleCount, leads } = await readEdf(path.join(folder, 'gaps.edf'))
  assert.deepEqual([fs, sampleCount], [expected['gaps.edf']?.fs, expected['gaps.edf']?.frames])
  assert.deepEqual(
    leads.map(({ samplesPerFrame }) => samplesPerFrame),
    [2, 1],
  )
  const plus = await readEdf(path.join(folder, 'plus.edf'))
  assert.deepEqual([plus.fs, plus.sampleCount, plus.leads[0]?.samplesPerFrame], [20, 60, 3])
})

test('start, sex and age are read; who the patient is goes nowhere', async () => {
  const gaps = await readEdf(path.join(folder, 'gaps.edf'))
  assert.equal(gaps.startAt, '2004-02-29T13:14:15.25')
  // born on 28 February 1950: 54 since the day before
  assert.deepEqual(gaps.subject, { ageYears: 54, sex: 'F' })
  const named = await readEdf(changed('gaps.edf', [[8, '4711 M 01-MAR-1950 Doe_Jane']]))
  assert.deepEqual(named.subject, { ageYears: 53, sex: 'M' })
  assert.ok(!JSON.stringify(named).includes('Doe'))
  const plain = await readEdf(path.join(folder, 'plain.edf'))
  assert.deepEqual([plain.startAt, plain.subject], ['2004-02-29T13:14:15', { ageYears: null, sex: null }])
  assert.deepEqual((await readEdf(path.join(folder, 'plus.bdf'))).comments, ['lead 0: HP:0.1Hz'])
})

test('a header whose number of records is unknown takes what the file holds', async () => {
  const { sampleCount } = await readEdf(changed('plain.edf', [[236, '-1      ']]))
  assert.equal(sampleCount, (await readEdf(path.join(folder, 'plain.edf'))).sampleCount)
})

test('a channel without a physical range is uncalibrated, in adu', async () => {
  // two signals: physical minimum of the first at 256 + 2 * 104, maximum at 256 + 2 * 112
  const { leads } = await readEdf(
    changed('plain.edf', [
      [464, '0       '],
      [480, '0       '],
    ]),
  )
  assert.deepEqual(
    [leads[0]?.calibrated, leads[0]?.unit, leads[0]?.gain, leads[1]?.calibrated],
    [false, 'adu', 1, true],
  )
})

test('a field that cannot be read is refused with its place in the file', async () => {
  const cases = [
    [0, '1       ', 'version'],
    [184, '512     ', 'number of bytes in the header'],
    [236, 'many    ', 'number of data records'],
    [244, '0       ', 'duration of a data record'],
    [252, '2x  ', 'number of signals'],
    [496, 'low     ', 'digital minimum'],
    [512, '-9999   ', 'digital maximum'],
    [688, '0       ', 'number of samples in a data record'],
  ] as const
  for (const [offset, text, field] of cases) {
    const matches = (error: { code?: string; params?: { field?: string; offset?: number } }) =>
      error.code === 'data.edf-header-field' && error.params?.field === field && error.params.offset === offset
    await assert.rejects(openEdf(changed('plain.edf', [[offset, text]])), matches, field)
  }
})

test('a file that is cut is refused with both lengths', async () => {
  const bytes = fixture('plain.edf')
  const cut = (length: number) => ({ files: new Map([['a.edf', bytes.subarray(0, length)]]), name: 'a.edf' })
  const neededBytes = bytes.length
  const params = { file: 'a.edf', offset: bytes.length - 1, neededBytes }
  await assert.rejects(openEdf(cut(bytes.length - 1)), { code: 'data.edf-truncated', params })
  await assert.rejects(openEdf(cut(700)), {
    code: 'data.edf-header-cut',
    params: { file: 'a.edf', offset: 700, neededBytes: 768 },
  })
  await assert.rejects(openEdf(cut(10)), { code: 'data.edf-header-cut' })
  await assert.rejects(openEdf({ files: new Map(), name: 'a.edf' }), { code: 'data.recording-file-missing' })
})

test('records that overlap, or tell no time of their own, are refused with their number', async () => {
  // the second record follows a header of 4 * 256 bytes, one record of 64, and 16 bytes of lead a
  const second = 1024 + 64 + 16
  await assert.rejects(openEdf(changed('gaps.edf', [[second, '+0.25']])), {
    code: 'data.edf-record-order',
    params: { file: 'gaps.edf', record: 1, onsetSeconds: 0.25 },
  })
  await assert.rejects(openEdf(changed('gaps.edf', [[second, 'x']])), { code: 'data.edf-annotation' })
})

test('a file of annotations alone is refused', async () => {
  const one = changed('gaps.edf', [
    [256, 'EDF Annotations '],
    [256 + 32, 'EDF Annotations '],
  ])
  await assert.rejects(openEdf(one), { code: 'data.edf-no-signals' })
})

test('any bytes are annotation lists or null', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const lists = parseLists(bytes)
      assert.ok(lists === null || lists.every(({ onsetSeconds }) => Number.isFinite(onsetSeconds)))
    }),
    { seed: 8, numRuns: 2000 },
  )
})

test('what no reader knows is refused with the formats that are known', async () => {
  const source = { files: new Map([['a.txt', new Uint8Array(300)]]), name: 'a.txt' }
  await assert.rejects(readRecording(source), {
    code: 'data.recording-format-unknown',
    params: { file: 'a.txt', known: 'WFDB (.hea), EDF, BDF (.edf, .bdf)' },
  })
})
