import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { format16, inflate, unpack } from './dzb.ts'
import { pack } from './testing.ts'

test('packed signals come back whole, at the ends of the range too', () => {
  const length = fc.integer({ min: 1, max: 12 })
  const set = fc.tuple(fc.constantFrom(1, 2, 12), length).chain(([channels, n]) => {
    const sample = fc.oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(-32768, 32767, 0))
    const lead = fc.array(sample, { minLength: n, maxLength: n }).map((values) => Int16Array.from(values))
    return fc.array(lead, { minLength: channels, maxLength: channels })
  })
  fc.assert(
    fc.property(set, fc.constantFrom(1, 2), (leads, order) => {
      const isTwelveLead = leads.length === 12
      const planes = inflate(pack(leads, order, isTwelveLead), 'signals.dzb')
      assert.deepEqual(unpack(planes, leads.length, order, isTwelveLead), leads)
    }),
    { seed: 7 },
  )
})

test('format 16 interleaves the leads, low byte first', () => {
  assert.deepEqual([...format16([Int16Array.of(1, -2), Int16Array.of(256, 3)])], [1, 0, 0, 1, 254, 255, 3, 0])
})

test('a broken stream is refused by its name', () => {
  assert.throws(() => inflate(Buffer.from('no brotli'), 'signals.dzb'), /signals\.dzb cannot be read/)
})
