import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bootstrap } from '../inference/bootstrap.ts'
import { singly } from '../inference/groups.ts'
import { metric } from '../metric.ts'
import { readOracle } from '../oracles/runner.ts'
import { averageBeats, beatFractions, beatScore, grossBeats, sumPairs, withoutPaced } from './beat-scores.ts'
import { type BeatAnnotation, type BeatPairs, beatByBeat } from './beats.ts'
import { beatClass, ds1, ds2, f1MacroNSVF, mitdbPatient } from './classes.ts'

const record = { fs: 360, samples: 360 * 600 }
const beatAt = fc.tuple(
  fc.integer({ min: 0, max: record.samples - 1 }),
  fc.constantFrom('N', 'V', 'A', 'F', '/', '+', '~'),
)
const beats: fc.Arbitrary<BeatAnnotation[]> = fc
  .array(beatAt, { maxLength: 60 })
  .map((list) => list.map(([sample, symbol]) => ({ sample, symbol })).toSorted((a, b) => a.sample - b.sample))

test('the table of pairs is that of bxb, no pair more and no pair less', () => {
  type Symbols = [number, string][]
  const cases = readOracle('ecg-beats').cases.filter(({ metric: name }) => name === 'beat_by_beat')
  assert.ok(cases.length >= 9)
  for (const { input, expected } of cases) {
    const {
      reference,
      test: found,
      fs,
      samples,
    } = input as { reference: Symbols; test: Symbols; fs: number; samples: number }
    const of = (list: Symbols) => list.map(([sample, symbol]) => ({ sample, symbol }))
    const actual = beatByBeat(of(reference), of(found), { fs, samples })
    const want = expected as Record<'from_5min' | 'from_start', { pairs: BeatPairs }>
    assert.deepEqual(actual, { from_5min: want.from_5min.pairs, from_start: want.from_start.pairs })
  }
})

test('a detector that repeats the reference finds every beat and nothing else', () => {
  fc.assert(
    fc.property(beats, (list) => {
      // Two annotations on one sample would be two beats at once: keep the first.
      const distinct = list.filter(({ sample }, index) => sample !== list[index - 1]?.sample)
      const { from_start } = beatByBeat(distinct, distinct, record)
      const { qrs_se, qrs_ppv, veb_se, veb_ppv } = beatFractions(from_start)
      for (const [hits, of] of [qrs_se, qrs_ppv, veb_se, veb_ppv]) assert.equal(hits, of)
    }),
    { seed: 7 },
  )
})

test('every reference beat is paired or missed, every detection paired or extra', () => {
  fc.assert(
    fc.property(beats, beats, (reference, found) => {
      const { from_start } = beatByBeat(reference, found, record)
      const isBeat = ({ symbol }: BeatAnnotation) => beatClass(symbol, 'bxb') !== null
      const { qrs_se, qrs_ppv } = beatFractions(from_start)
      assert.equal(qrs_se[1], reference.filter(isBeat).length)
      assert.equal(qrs_ppv[1], found.filter(isBeat).length)
    }),
    { seed: 7 },
  )
})

test('the order of annotations in the file does not matter', () => {
  const reference = [100, 500, 900].map((sample) => ({ sample, symbol: 'N' }))
  const found = [110, 505, 1300].map((sample) => ({ sample, symbol: 'V' }))
  assert.deepEqual(beatByBeat(reference.toReversed(), found.toReversed(), record), beatByBeat(reference, found, record))
})

test('a record shorter than five minutes has a figure from its start only', () => {
  const short = beatByBeat([{ sample: 10, symbol: 'N' }], [], { fs: 360, samples: 360 * 299 })
  assert.deepEqual(short, { from_5min: null, from_start: { No: 1 } })
})

test('an empty record has no figure, and is no zero', () => {
  const { from_start } = beatByBeat([], [], record)
  assert.deepEqual(from_start, {})
  assert.equal(beatScore(from_start).qrs_se, null)
  assert.equal(grossBeats('qrs_f1').compute([from_start]).value, null)
})

test('flutter that is never closed lasts to the end', () => {
  const reference = [
    { sample: 100, symbol: 'N' },
    { sample: 300, symbol: '[' },
  ]
  const found = [
    { sample: 100, symbol: 'N' },
    { sample: 9000, symbol: 'V' },
  ]
  assert.deepEqual(beatByBeat(reference, found, record).from_start, { Nn: 1 })
})

test('escape beats are normal in the map of the literature and supraventricular in that of bxb', () => {
  for (const symbol of 'ejn') {
    assert.equal(beatClass(symbol, 'aami'), 'N')
    assert.equal(beatClass(symbol, 'bxb'), 'S')
  }
  assert.equal(beatClass('+', 'aami'), null)
})

test('a beat called Q is missed, a beat that is Q is left out of the main figure', () => {
  const of = (gold: 'N' | 'Q', predicted: 'N' | 'Q') => ({ gold, predicted })
  // N: one hit, one miss, no false alarm: 2 / (2 + 1).
  assert.equal(f1MacroNSVF.compute([of('N', 'N'), of('N', 'Q'), of('Q', 'N')]).value, 2 / 3)
})

test('the split of de Chazal parts 44 records, of which two are one man', () => {
  assert.equal(new Set([...ds1, ...ds2]).size, 44)
  assert.equal(mitdbPatient('202'), mitdbPatient('201'))
})

test('paced records are listed and not counted', () => {
  const parts = withoutPaced([{ record: '100' }, { record: '102' }])
  assert.deepEqual(parts.scored, [{ record: '100' }])
  assert.deepEqual(parts.excluded, [{ id: '102', reason: 'paced (EC57)' }])
})

test('gross figures by summed counts have the digits of summing the records', () => {
  const tables: BeatPairs[] = Array.from({ length: 20 }, (_, index) => ({
    Nn: 100 + index,
    No: index % 3,
    On: index % 4,
    Vv: index % 5,
    Vn: index % 2,
    Nv: index % 3,
  }))
  const gross = grossBeats('veb_f1')
  const whole = metric<BeatPairs>(gross.id, 'higher', (records) => ({ value: beatScore(sumPairs(records)).veb_f1 }))
  assert.deepEqual(bootstrap(gross, singly(tables)).ci, bootstrap(whole, singly(tables)).ci)
  const average = averageBeats('veb_f1').compute(tables)
  assert.equal(average.undefined, tables.filter((pairs) => beatScore(pairs).veb_f1 === null).length)
})
