import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeRecord, readRecording, syntheticEcg } from '../../../data/index.ts'
import { Problem } from '../../../kernel/index.ts'
import { inputOf, takeUpload } from './recording.ts'

const dataFixture = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../data/readers/${path}`, import.meta.url)))

async function codeOf(files: Map<string, Uint8Array>): Promise<string> {
  try {
    await takeUpload(files)
    return 'taken'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

test('of an upload neither name nor date nor free text is kept, and every sample is', async () => {
  const sent = syntheticEcg({ seed: 7, seconds: 5, id: 'ZhangSan-123456' })
  const files = encodeRecord({
    ...sent,
    comments: ['synthetic: true', 'Name: Zhang San'],
    startAt: '2026-01-02T03:04:05',
  })
  const taken = await takeUpload(files)
  assert.ok(taken.isSynthetic)
  assert.deepEqual([...taken.files.keys()], ['recording.hea', 'recording.dat'])
  const header = new TextDecoder().decode(taken.files.get('recording.hea'))
  assert.doesNotMatch(header, /Zhang|123456|2026|03:04/)
  const kept = await readRecording({ files: taken.files, name: taken.name })
  assert.deepEqual(
    inputOf(kept).leads.map(({ samplesMv }) => samplesMv),
    inputOf(sent).leads.map(({ samplesMv }) => samplesMv),
  )
})

test('reference labels that come along are not read', async () => {
  const taken = await takeUpload(encodeRecord(syntheticEcg({ seed: 7, seconds: 5 })))
  assert.equal(
    [...taken.files.keys()].some((name) => name.endsWith('.atr')),
    false,
  )
})

for (const file of ['edf/fixtures/plain.edf', 'edf/fixtures/plus.edf', 'edf/fixtures/plus.bdf']) {
  test(`${file} is kept within half a step of what its reader reads`, async () => {
    const name = file.split('/').at(-1) ?? ''
    const files = new Map([[name, dataFixture(file)]])
    const sent = inputOf(await readRecording({ files, name }))
    const kept = await takeUpload(files)
    const read = await readRecording({ files: kept.files, name: kept.name })
    const found = inputOf(read)
    assert.equal(found.fs, sent.fs)
    assert.doesNotMatch(new TextDecoder().decode(kept.files.get('recording.hea')), /1950|MAR|2004/)
    for (const [k, lead] of found.leads.entries()) {
      const gain = read.leads[k]?.gain ?? Number.NaN
      const perMv = read.leads[k]?.unit === 'uV' ? gain * 1000 : gain
      const before = sent.leads[k]?.samplesMv ?? new Float32Array()
      assert.equal(lead.samplesMv.length, before.length)
      const furthest = lead.samplesMv.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (before[i] ?? NaN))),
        0,
      )
      // single precision of the largest value on top of the rounding to whole steps
      const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      assert.ok(furthest <= 0.5 / perMv + largest * 1e-6, `${furthest} of ${largest} at ${perMv} a mV`)
    }
  })
}

test('uploads that are not one recording are refused with what is wrong', async () => {
  const record = encodeRecord(syntheticEcg({ seed: 7, seconds: 2, id: 'one' }))
  const other = encodeRecord(syntheticEcg({ seed: 8, seconds: 2, id: 'two' }))
  assert.equal(await codeOf(new Map()), 'apps.ecg-upload')
  assert.equal(await codeOf(new Map([...record, ...other])), 'apps.ecg-upload')
  record.delete('one.dat')
  assert.equal(await codeOf(record), 'data.wfdb-file-missing')
  assert.equal(await codeOf(new Map([['a.txt', new TextEncoder().encode('hello')]])), 'data.recording-format-unknown')
  const pressure = new TextEncoder().encode('p 1 100 4\np.dat 16 10(0)/mmHg 16 0 1 10 0 ABP\n')
  const files = new Map([
    ['p.hea', pressure],
    ['p.dat', new Uint8Array([1, 0, 2, 0, 3, 0, 4, 0])],
  ])
  assert.equal(await codeOf(files), 'apps.ecg-no-voltage')
})

test('any bytes are taken or refused, never a fault', async () => {
  const header = new TextEncoder().encode(
    'x 2 100 8\nx.dat 16 10(0)/mV 16 0 0 0 0 II\nx.dat 16 10(0)/mV 16 0 0 0 0 V1\n',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('x.dat', 'x.edf', 'x.hea'),
      async (bytes, name) => {
        const files: Map<string, Uint8Array> = new Map([[name, bytes]])
        if (name === 'x.dat') files.set('x.hea', header)
        await codeOf(files)
      },
    ),
    { seed: 9, numRuns: 200 },
  )
})
