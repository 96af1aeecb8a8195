import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type LeadInfo, leadOf, MISSING_16, type Recording } from '../recording.ts'
import { readRecord } from './record.ts'
import { fixture, fixturePath } from './testing.ts'
import { encodeRecord } from './writer.ts'

const lead = (name: string, samplesPerFrame = 1): LeadInfo => ({
  name,
  unit: 'mV',
  physicalUnit: 'mV',
  gain: 200,
  baseline: 0,
  calibrated: true,
  samplesPerFrame,
  fs: 100 * samplesPerFrame,
})

function recording(adc: readonly (readonly number[])[], fast = 1): Recording {
  const leads = adc.map((samples, i) =>
    leadOf(lead(`lead ${i}`, i === 0 ? fast : 1), Int16Array.from(samples), MISSING_16),
  )
  const sampleCount = (adc[0]?.length ?? 0) / fast
  const subject = { ageYears: null, sex: null }
  return { id: 'made', fs: 100, sampleCount, leads, comments: ['a comment'], subject, startAt: '2001-02-03T04:05:06.5' }
}

for (const [format, largest] of [
  [16, 32767],
  [212, 2047],
] as const) {
  test(`a recording written in format ${format} reads back the same, missing samples included`, async () => {
    const sample = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: -largest, max: largest }) },
      fc.constant(MISSING_16),
    )
    const shape = fc.record({
      frames: fc.integer({ min: 1, max: 9 }),
      leads: fc.integer({ min: 1, max: 3 }),
      fast: fc.integer({ min: 1, max: 3 }),
    })
    const signals = shape.chain(({ frames, leads, fast }) => {
      const of = (length: number) => fc.array(sample, { minLength: length, maxLength: length })
      const rows = fc.tuple(of(frames * fast), ...Array.from({ length: leads - 1 }, () => of(frames)))
      return rows.map((adc) => ({ adc, fast }))
    })
    await fc.assert(
      fc.asyncProperty(signals, async ({ adc, fast }) => {
        const original = recording(adc, fast)
        const back = await readRecord({ files: encodeRecord(original, { format }), name: 'made' })
        for (const [index, { physical }] of original.leads.entries()) {
          assert.deepEqual(back.leads[index]?.physical(), physical())
        }
        assert.deepEqual({ ...back, leads: [] }, { ...original, leads: [] })
      }),
      { seed: 7, numRuns: 200 },
    )
  })
}

test('a real record written again has the signal bytes it was read from', async () => {
  const original = await readRecord(fixturePath('mitdb101'))
  const files = encodeRecord(original, { format: 212 })
  assert.deepEqual(files.get('mitdb101.dat'), fixture('mitdb101.dat'))
  // the old file pads its text with a NUL, so its annotations are compared as read
  assert.deepEqual((await readRecord({ files, name: 'mitdb101' })).annotations, original.annotations)
})

test('what the format cannot hold is refused by name, never clipped', () => {
  const refused = (change: Partial<Recording>, field: string, format: 16 | 212 = 16) =>
    assert.throws(
      () => encodeRecord({ ...recording([[1, 2]]), ...change }, { format }),
      (error: { code?: string; params?: { field?: string } }) =>
        error.code === 'data.wfdb-cannot-write' && error.params?.field === field,
    )
  const mark = { sample: 1, symbol: 'N', subtype: 0, chan: 0, num: 0, aux: '' }
  refused({ leads: recording([[1, 2048]]).leads }, 'sample of lead 0', 212)
  refused({ leads: [leadOf(lead('a\nb'), Int16Array.of(1, 2), null)] }, 'lead')
  refused({ leads: [leadOf({ ...lead('a'), baseline: 0.5 }, Int16Array.of(1, 2), null)] }, 'baseline')
  refused({ leads: [leadOf({ ...lead('a'), unit: 'mm Hg' }, Int16Array.of(1, 2), null)] }, 'unit')
  refused({ id: '../x' }, 'id')
  refused({ comments: ['two\nlines'] }, 'comment')
  refused({ annotations: [{ ...mark, symbol: 'zebra' }] }, 'annotation symbol')
  refused({ annotations: [{ ...mark, aux: 'x'.repeat(256) }] }, 'annotation text')
  refused({ annotations: [{ ...mark, chan: 256 }] }, 'channel')
})
