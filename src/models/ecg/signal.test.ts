import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { describeBeats, fibrillation, rhythmFeatures } from './features.ts'
import { pickPeaks } from './peaks.ts'
import { pieceFeatures, pieceStarts } from './quality.ts'
import { fillGaps, leadOrder, prepare, removeBaseline, resample, typicalSpan } from './signal.ts'
import { fixtureLeads, lead, sharedCases } from './testing.ts'

const numbers = z.array(z.number())
const cases = z
  .object({
    resample: z.array(z.object({ fs: z.number(), count: z.number(), expected: numbers })),
    baseline: z.object({ count: z.number(), expected: numbers, span: z.number() }),
    rhythm: z.object({ times: numbers, expected: numbers }),
    pick: z.object({ probability: numbers, expected: numbers }),
    starts: z.array(z.object({ length: z.number(), expected: numbers })),
    records: z.array(
      z.object({
        record: z.string(),
        beats: numbers,
        signal: numbers,
        windows: numbers,
        features: numbers,
        scope: numbers,
        fibrillation: numbers,
      }),
    ),
  })
  .parse(await sharedCases())

/** The tone of `recipes/ecg/cases.py`. */
function wave(count: number, fs: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const t = i / fs
    return Math.sin(2 * Math.PI * 1.3 * t) + 0.3 * Math.sin(2 * Math.PI * 17 * t + 0.5) + 0.5 * t
  })
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what)
  for (const [k, value] of expected.entries()) {
    assert.ok(Math.abs((actual[k] ?? Number.NaN) - value) <= tolerance, `${what} ${k}: ${actual[k]} is not ${value}`)
  }
}

const every = (x: Float32Array | Float64Array, step: number): number[] => [...x].filter((_, i) => i % step === 0)

test('resampling gives what the recipe gives, at four rates', () => {
  for (const { fs, count, expected } of cases.resample)
    assertClose(resample(wave(count, fs), fs), expected, 1e-6, `${fs}`)
})

test('baseline and span are those of the recipe', () => {
  const clean = removeBaseline(wave(cases.baseline.count, 125))
  assertClose(every(clean, 7), cases.baseline.expected, 1e-6, 'baseline')
  assert.ok(Math.abs(typicalSpan(wave(cases.baseline.count, 125)) - cases.baseline.span) < 1e-9)
})

test('intervals, peaks and pieces are those of the recipe', () => {
  assertClose(rhythmFeatures(cases.rhythm.times).flat(), cases.rhythm.expected, 1e-5, 'rhythm')
  const peaks = pickPeaks(Float32Array.from(cases.pick.probability), 0.4)
  assertClose(
    peaks.map((peak) => peak.at),
    cases.pick.expected,
    1e-4,
    'pick',
  )
  for (const { length, expected } of cases.starts) assert.deepEqual(pieceStarts(length), expected)
})

test('what the networks see of a real record is what they were trained on', async () => {
  for (const { record, beats, signal, windows, features, scope, fibrillation: uneven } of cases.records) {
    const ready = prepare(await fixtureLeads(record), 360)
    assertClose(every(ready.signal, 97), signal, 1e-5, `${record} signal`)
    const peaks = beats.map((sample) => Math.floor((sample * 125) / 360 + 0.5))
    const times = beats.map((sample) => sample / 360)
    const inputs = describeBeats(ready.signal, ready.length, ready.present, peaks, times)
    assertClose(every(inputs.windows, 211), windows, 1e-4, `${record} windows`)
    assertClose(inputs.features, features, 1e-4, `${record} features`)
    assertClose(fibrillation(inputs.features), uneven, 1e-4, `${record} fibrillation`)
    const probability = new Float32Array(ready.length)
    for (const peak of peaks) probability[peak] = 0.875
    const found = peaks.map((at) => ({ at, probability: 0.875 }))
    assertClose(pieceFeatures(ready.signal, ready.length, probability, found, 625), scope, 1e-4, `${record} scope`)
  }
})

test('a gap holds the last value, and a flat lead is absent', () => {
  assert.deepEqual([...fillGaps(Float32Array.of(Number.NaN, 2, Number.NaN, 3))], [2, 2, 2, 3])
  assert.deepEqual([...fillGaps(Float32Array.of(Number.NaN))], [0])
  const ready = prepare([lead('II', new Float32Array(4000).fill(1.5))], 250)
  assert.deepEqual(ready.present, [false, false])
  assert.equal(ready.length, 2000)
})

test('lead II is read first and V1 second, whatever their order', () => {
  assert.deepEqual(leadOrder(['V1', 'MLII']), [1, 0])
  assert.deepEqual(leadOrder(['I', 'II', 'III', 'V1']), [1, 3])
  assert.deepEqual(leadOrder(['A', 'B', 'C']), [0, 1])
  assert.deepEqual(leadOrder(['A']), [0])
})
