import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../kernel/index.ts'
import { type BeatEdit, beatClasses } from './contract.ts'
import { corrected } from './corrections.ts'

const kind = fc.constantFrom(...beatClasses)
const beats = fc.uniqueArray(fc.nat(999), { maxLength: 40 }).map((samples) => {
  const rising = samples.toSorted((a, b) => a - b)
  return rising.map((sample) => ({ sample, class: 'N' as const }))
})
const edit: fc.Arbitrary<BeatEdit> = fc.oneof(
  fc.record({ op: fc.constant('class' as const), sample: fc.nat(1100), class: kind }),
  fc.record({ op: fc.constant('add' as const), sample: fc.nat(1100), class: kind }),
  fc.record({ op: fc.constant('delete' as const), sample: fc.nat(1100) }),
)

test('corrections give rising beats inside the recording that differ only where they say, or are refused', () => {
  fc.assert(
    fc.property(beats, fc.array(edit, { maxLength: 10 }), (given, edits) => {
      try {
        const left = corrected(given, edits, 1000)
        const samples = left.map(({ sample }) => sample)
        assert.deepEqual(
          samples,
          [...new Set(samples)].toSorted((a, b) => a - b),
        )
        assert.ok(samples.every((sample) => sample < 1000))
        const named = new Map(edits.map((one) => [one.sample, one]))
        for (const beat of given) {
          const said = named.get(beat.sample)
          const now = left.find(({ sample }) => sample === beat.sample)
          if (said === undefined) assert.deepEqual(now, beat)
          else assert.equal(now?.class, said.op === 'delete' ? undefined : said.class)
        }
        const added = edits.filter(({ op }) => op === 'add').length
        const deleted = edits.filter(({ op }) => op === 'delete').length
        assert.equal(left.length, given.length + added - deleted)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
      }
    }),
    { seed: 5, numRuns: 500 },
  )
})

test('a beat named twice, one that is not there, and a place that is taken or outside are refused', () => {
  const given = [{ sample: 10, class: 'N' as const }]
  const code = (...edits: BeatEdit[]) => {
    try {
      corrected(given, edits, 100)
      return 'done'
    } catch (error) {
      return (error as Problem).code
    }
  }
  assert.equal(code({ op: 'class', sample: 10, class: 'V' }, { op: 'delete', sample: 10 }), 'apps.ecg-beat-unknown')
  assert.equal(code({ op: 'delete', sample: 11 }), 'apps.ecg-beat-unknown')
  assert.equal(code({ op: 'add', sample: 10, class: 'V' }), 'apps.ecg-beat-place')
  assert.equal(code({ op: 'add', sample: 100, class: 'V' }), 'apps.ecg-beat-place')
  assert.equal(code({ op: 'add', sample: 99, class: 'V' }), 'done')
})
