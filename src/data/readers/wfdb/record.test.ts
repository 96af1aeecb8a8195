import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Recording } from '../recording.ts'
import { openRecord, readRecord } from './record.ts'
import { expected, fixtureFiles, fixturePath, text } from './testing.ts'

const values = (lead: Recording['leads'][number] | undefined) =>
  [...(lead?.adc ?? [])].map((value) => (value === lead?.missing ? null : value))

/** A record of format 16 in memory from its header and samples; bytes past the samples are left out. */
function madeUp(header: string, samples: readonly number[] = []) {
  const files = new Map([['r.hea', text(header)]])
  files.set('r.dat', new Uint8Array(Int16Array.from(samples).buffer))
  return { files, name: 'r' }
}

for (const [name, wanted] of Object.entries(expected.records)) {
  test(`record ${name} is read as Python's wfdb reads it, sample for sample`, async () => {
    const recording = await readRecord(fixturePath(name))
    assert.equal(recording.fs, wanted.fs)
    assert.equal(recording.sampleCount, wanted.frames)
    assert.deepEqual(recording.comments, wanted.comments)
    assert.equal(recording.leads.length, wanted.leads.length)
    for (const [index, want] of wanted.leads.entries()) {
      const lead = recording.leads[index]
      assert.equal(lead?.name, want.name)
      assert.equal(lead.unit, want.unit)
      if (want.adc !== undefined) {
        assert.deepEqual(
          [lead.gain, lead.baseline, lead.samplesPerFrame],
          [want.gain, want.baseline, want.samplesPerFrame],
        )
        assert.deepEqual(values(lead), want.adc)
      }
      const toMillivolt = { uV: 1e-3, V: 1e3 }[want.unit] ?? 1
      for (const [i, value] of lead.physical().entries()) {
        const physical = want.physical?.[i]
        if (physical === undefined) continue
        if (physical === null) assert.ok(Number.isNaN(value), `${lead.name} ${i}`)
        // half a step of the adc: a segment in another scale is rounded to the record's
        else assert.ok(Math.abs(value - physical * toMillivolt) <= 1e-6 * Math.abs(value) + stepOf(name, lead.gain))
      }
    }
  })
}

function stepOf(record: string, gain: number): number {
  return record === 'varied' ? 0.5 / Math.abs(gain) + 1e-9 : 1e-9
}

test('every optional header field reaches the recording', async () => {
  const { info, close } = await openRecord(fixturePath('mixed.hea'))
  await close()
  assert.equal(info.id, 'mixed')
  assert.equal(info.startAt, '1999-12-31T23:59:58.25')
  assert.deepEqual(info.subject, { ageYears: 61, sex: 'F' })
  assert.deepEqual(
    info.leads.map(({ fs, physicalUnit, calibrated }) => [fs, physicalUnit, calibrated]),
    [
      [500, 'mV', true],
      [125, 'mmHg', true],
      [250, 'mV', false],
      [125, 'mV', true],
      [125, 'mV', true],
      [125, 'mV', true],
    ],
  )
})

test('a lead that was not recorded in a segment is missing there, and the gap between segments in every lead', async () => {
  const { leads } = await readRecord(fixturePath('varied'))
  const missing = leads.map((lead) =>
    values(lead)
      .map((value) => (value === null ? '.' : 'x'))
      .join(''),
  )
  const [ii, v5, abp] = missing
  assert.equal(ii, `xx.${'x'.repeat(17)}${'.'.repeat(10)}${'x'.repeat(15)}`)
  assert.equal(v5, 'x'.repeat(20) + '.'.repeat(25))
  assert.equal(abp, `${'.'.repeat(30)}xx.${'x'.repeat(12)}`)
})

test('annotations come with the record when its annotation file is there, and under another suffix when asked', async () => {
  const { annotations } = await readRecord(fixturePath('mitdb101'))
  const rows = annotations?.map(({ sample, symbol, subtype, chan, num, aux }) => [
    sample,
    symbol,
    subtype,
    chan,
    num,
    aux,
  ])
  assert.deepEqual(rows, expected.annotations['mitdb101.atr'])
  assert.equal((await readRecord(fixturePath('format16'))).annotations, undefined)
  assert.equal((await readRecord(fixturePath('mitdb101'), { annotator: null })).annotations, undefined)
  await assert.rejects(readRecord(fixturePath('mitdb101'), { annotator: 'qrs' }), {
    code: 'data.recording-file-missing',
  })
  // the file counts 250 ticks a second, the record 125 frames
  const own = await readRecord(fixturePath('mixed'), { annotator: 'own' })
  assert.deepEqual(
    own.annotations?.map(({ sample, symbol }) => [sample, symbol]),
    [
      [50, 'Z'],
      [125, 'N'],
    ],
  )
})

test('an upload in memory is read as the same record on disk', async () => {
  const disk = await readRecord(fixturePath('mixed'))
  const upload = await readRecord({ files: fixtureFiles('mixed'), name: 'mixed.hea' })
  assert.deepEqual(
    upload.leads.map(({ adc }) => adc),
    disk.leads.map(({ adc }) => adc),
  )
  const nested = new Map([...fixtureFiles('fixed')].map(([name, bytes]) => [`upload/${name}`, bytes]))
  assert.equal((await readRecord({ files: nested, name: 'upload/fixed' })).sampleCount, 55)
})

test('a header without a length takes that of its file, and then no checksum counts', async () => {
  const source = madeUp('r 2 100\nr.dat 16 200 16 0 9 9 0 a\nr.dat 16 200 16 0 9 9 0 b', [1, 2, 3, 4, 5])
  const recording = await readRecord(source)
  assert.equal(recording.sampleCount, 2)
  assert.deepEqual([...(recording.leads[1]?.adc ?? [])], [2, 4])
})

test('a checksum that the samples do not sum to is refused with file, lead and both sums, also at the end of a stream', async () => {
  const source = madeUp('r 1 100 3\nr.dat 16 200 16 0 30000 7 0 II', [30000, 30000, 5536])
  const refusal = { code: 'data.wfdb-checksum', params: { file: 'r.dat', lead: 'II', found: 0, expected: 7 } }
  await assert.rejects(readRecord(source), refusal)
  const open = await openRecord(source)
  await assert.rejects(async () => {
    for await (const chunk of open.chunks(1)) assert.ok(chunk.to <= 3)
  }, refusal)
  const unchecked = await openRecord(source, { verify: false })
  assert.equal((await unchecked.read()).to, 3)
})

test('a first sample that is not what the header says is refused', async () => {
  const source = madeUp('r 1 100 2\nr.dat 16+2 200 16 0 5 0 0 II', [0, 4, 1])
  const params = { file: 'r.dat', offset: 2, lead: 'II', found: 4, expected: 5 }
  await assert.rejects(readRecord(source), { code: 'data.wfdb-first-value', params })
})

test('a signal file that is shorter than its header says is refused with both lengths before anything is read', async () => {
  const source = madeUp('r 2 100 10\nr.dat 16\nr.dat 16', [1, 2, 3])
  const params = { file: 'r.dat', offset: 6, neededBytes: 40 }
  await assert.rejects(openRecord(source), { code: 'data.wfdb-truncated', params })
})

test('files that are not there are named, with the line that names them', async () => {
  const files = new Map([['r.hea', text('# x\nr 1 100 10\ns.dat 16')]])
  const params = { header: 'r.hea', line: 3, file: 's.dat' }
  await assert.rejects(openRecord({ files, name: 'r' }), { code: 'data.wfdb-file-missing', params })
  await assert.rejects(openRecord({ files, name: 's' }), {
    code: 'data.wfdb-header-missing',
    params: { file: 's.hea' },
  })
  await assert.rejects(openRecord(fixturePath('none')), {
    code: 'data.wfdb-header-missing',
    params: { file: 'none.hea' },
  })
})

test('no name in a header leads out of the folder', async () => {
  for (const name of ['../r.dat', '/etc/passwd', 'a/../../r.dat', 'C:\\r.dat', './r.dat', 'a//b', '\\\\host\\r']) {
    const signal = madeUp(`r 1 100 1\n${name} 16`)
    await assert.rejects(openRecord(signal), {
      code: 'data.wfdb-unsafe-path',
      params: { file: 'r.hea', line: 2, name },
    })
    const segment = madeUp(`r/1 1 100 1\n${name} 1`)
    await assert.rejects(openRecord(segment), { code: 'data.wfdb-unsafe-path' })
  }
  await assert.rejects(openRecord({ files: new Map(), name: '../r' }), { code: 'data.recording-unsafe-name' })
})

test('segments that do not fit their record are refused with the line that names them', async () => {
  const fixed = fixtureFiles('fixed')
  const cases = [
    ['fixed/2 2 50 56\nfixed_1 30\nfixed_2 25', 'number of samples'],
    ['fixed/2 2 50 54\nfixed_1 30\nfixed_2 24', 'number of samples'],
    ['fixed/2 2 60 55\nfixed_1 30\nfixed_2 25', 'sampling frequency'],
    ['fixed/2 3 50 55\nfixed_1 30\nfixed_2 25', 'number of signals'],
    ['fixed/1 2 50 55\nfixed 55', 'depth: it has segments of its own'],
    ['fixed/1 2 50 55\n~ 55', 'signals'],
  ]
  for (const [header = '', field] of cases) {
    const files = new Map(fixed).set('fixed.hea', text(header))
    await assert.rejects(
      readRecord({ files, name: 'fixed' }),
      (error: { code?: string; params?: { field?: string } }) =>
        error.code === 'data.wfdb-segment' && error.params?.field === field,
      header,
    )
  }
})

test('a segment whose scale would push its samples out of 32 bits is refused, not wrapped', async () => {
  const files = fixtureFiles('varied')
  const layout = new TextDecoder().decode(files.get('varied_layout.hea')).replace('200/mV', '1e9/mV')
  files.set('varied_layout.hea', text(layout))
  await assert.rejects(readRecord({ files, name: 'varied' }), (error: { params?: { field?: string } }) => {
    return error.params?.field === 'gain'
  })
})

test('a gap that a header claims to be huge is refused before it costs memory', async () => {
  const files = fixtureFiles('fixed').set('fixed.hea', text('fixed/2 2 50 99999999030\nfixed_1 30\n~ 99999999000'))
  await assert.rejects(readRecord({ files, name: 'fixed' }), { code: 'data.recording-too-large' })
})

test('format 8 gives the same values wherever a read begins, forwards and backwards', async () => {
  const all = await readRecord(fixturePath('format8'))
  const open = await openRecord(fixturePath('format8'))
  for (const from of [20, 3, 30, 30, 0]) {
    const { leads } = await open.read({ from, to: from + 5 })
    assert.deepEqual(leads[1]?.adc, all.leads[1]?.adc.slice(from, from + 5))
  }
  await open.close()
})
