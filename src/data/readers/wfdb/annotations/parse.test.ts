import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../../../kernel/index.ts'
import { codeOf, symbolOf } from './codes.ts'
import { parseAnnotations } from './parse.ts'
import { expected, fixture } from '../testing.ts'
import { encodeAnnotations } from '../writer.ts'

for (const [file, rows] of Object.entries(expected.annotations)) {
  test(`annotations of ${file} are read as Python's wfdb reads them`, () => {
    const fs = file === 'mixed.own' ? 250 : 125 // 250 ticks a second is what the file itself states
    const { annotations } = parseAnnotations(fixture(file), file, fs)
    const found = annotations.map(({ sample, symbol, subtype, chan, num, aux }) => [
      sample,
      symbol,
      subtype,
      chan,
      num,
      aux,
    ])
    assert.deepEqual(found, rows)
  })
}

test('a file cut anywhere is refused at the byte where it ends', () => {
  const bytes = fixture('mixed.atr')
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => parseAnnotations(bytes.subarray(0, length), 'a.atr', 125), {
      code: 'data.wfdb-annotation-cut',
      params: { file: 'a.atr', offset: length },
    })
  }
})

test('words after the end mark are refused, zeros there are not', () => {
  const bytes = fixture('mitdb101.atr')
  const longer = new Uint8Array(bytes.length + 6)
  longer.set(bytes)
  assert.equal(parseAnnotations(longer, 'a.atr', 360).annotations.length, 7)
  longer[bytes.length + 3] = 4
  assert.throws(() => parseAnnotations(longer, 'a.atr', 360), {
    code: 'data.wfdb-annotation-tail',
    params: { file: 'a.atr', offset: bytes.length + 3 },
  })
})

test('any bytes are annotations or a problem', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        parseAnnotations(bytes, 'a.atr', 100)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
      }
    }),
    { seed: 5, numRuns: 2000 },
  )
})

const symbols = Array.from({ length: 58 }, (_, index) => symbolOf(index + 1))
const annotation = fc.record(
  {
    sample: fc.oneof(fc.integer({ min: -5, max: 5000 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    symbol: fc.constantFrom(...symbols),
    subtype: fc.integer({ min: -128, max: 127 }),
    chan: fc.integer({ min: 0, max: 255 }),
    num: fc.integer({ min: -128, max: 127 }),
    aux: fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/\0$|^##/.test(text)),
  },
  { noNullPrototype: true },
)

test('annotations that are written come back the same, in the order of time', () => {
  fc.assert(
    fc.property(fc.array(annotation, { maxLength: 20 }), (some) => {
      const ordered = [...some].sort((a, b) => a.sample - b.sample || a.chan - b.chan)
      assert.deepEqual(parseAnnotations(encodeAnnotations(some), 'a.atr', 360).annotations, ordered)
    }),
    { seed: 6, numRuns: 500 },
  )
})

test('each symbol has one code, and a code without a symbol is written as its number', () => {
  for (let code = 1; code < 59; code++) assert.equal(codeOf(symbolOf(code)), code)
  assert.equal(symbolOf(42), '[42]')
  assert.equal(codeOf('[1]'), null)
  assert.equal(codeOf('zebra'), null)
})
