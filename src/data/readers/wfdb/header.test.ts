import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../../kernel/index.ts'
import { subjectOf } from '../subject.ts'
import { parseHeader } from './header.ts'

test('fields that a header leaves out have the values of header(5)', () => {
  const header = parseHeader('100 1\n100.dat 212', '100.hea')
  assert.equal(header.fs, 250)
  assert.equal(header.counterFrequency, 250)
  assert.equal(header.frames, null)
  assert.deepEqual(header.signals, [
    {
      line: 2,
      file: '100.dat',
      format: 212,
      samplesPerFrame: 1,
      skew: 0,
      byteOffset: 0,
      gain: 200,
      isCalibrated: false,
      baseline: 0,
      unit: 'mV',
      adcResolution: 12,
      adcZero: 0,
      initialValue: null,
      checksum: null,
      blockSize: 0,
      description: '',
    },
  ])
})

test('a baseline that is left out is the ADC zero', () => {
  const [signal] = parseHeader('r 1 360 10\nr.dat 212 200/mV 11 1024', 'r.hea').signals
  assert.equal(signal?.baseline, 1024)
})

test('counter frequency, base counter, time and date are read; a time may be short', () => {
  const header = parseHeader('r 0 360/24(0.5) 0 7:5 1/2/2004', 'r.hea')
  assert.equal(header.counterFrequency, 24)
  assert.equal(header.baseCounter, 0.5)
  assert.equal(header.startTime, '00:07:05')
  assert.equal(header.startDate, '2004-02-01')
})

test('a field that cannot be read is refused with its name and line', () => {
  const cases = [
    ['r x', 'number of signals', 1],
    ['# c\n\nr 1 fast', 'sampling frequency', 3],
    ['r 1 0', 'sampling frequency', 1],
    ['r 1 360 1e3', 'number of samples', 1],
    ['r 1 360 1 25:00:00', 'base time', 1],
    ['r 1 360 1 0:0:0 30/2/2000', 'base date', 1],
    ['r/0 1', 'number of segments', 1],
    ['r 1\nd 16y', 'format', 2],
    ['r 1\nd 16x0', 'number of samples per frame', 2],
    ['r 1\nd 16 much', 'ADC gain', 2],
    ['r 1\nd 16 1e300', 'ADC gain', 2],
    ['r 1\nd 16 200 a', 'ADC resolution', 2],
    ['r 1\nd 16 200 12 a', 'ADC zero', 2],
    ['r 1\nd 16 200 12 0 a', 'initial value', 2],
    ['r 1\nd 16 200 12 0 0 a', 'checksum', 2],
    ['r 1\nd 16 200 12 0 0 0 a', 'block size', 2],
    ['r/1 1\ns many', 'number of samples', 2],
  ] as const
  for (const [text, field, line] of cases) {
    assert.throws(
      () => parseHeader(text, 'r.hea'),
      (error) =>
        error instanceof Problem &&
        error.code === 'data.wfdb-header-field' &&
        error.params.field === field &&
        error.params.line === line &&
        error.params.file === 'r.hea',
      text,
    )
  }
})

test('a header with too few or too many lines is refused, and an empty one', () => {
  const code = 'data.wfdb-header-lines'
  assert.throws(() => parseHeader('r 2\nr.dat 16', 'r.hea'), {
    code,
    params: { file: 'r.hea', line: 2, expected: 2, found: 1 },
  })
  assert.throws(() => parseHeader('r 0\nr.dat 16', 'r.hea'), { code })
  assert.throws(() => parseHeader('# only words\n', 'r.hea'), { code: 'data.wfdb-header-empty' })
})

test('any text at all is a header or a problem', () => {
  const token = fc.oneof(
    fc.constantFrom(
      'r',
      'r/2',
      '2',
      '1',
      '0',
      '360',
      '360/1(2)',
      '16',
      '16x2:1+3',
      '212',
      '200(0)/mV',
      '~',
      '../x',
      '#',
      '-1',
    ),
    fc.string({ maxLength: 6 }),
  )
  const lines = fc.array(
    fc.array(token, { maxLength: 9 }).map((tokens) => tokens.join(' ')),
    { maxLength: 5 },
  )
  const anything = fc.oneof(
    lines.map((parts) => parts.join('\n')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parseHeader(text, 'r.hea')
      } catch (error) {
        if (!(error instanceof Problem)) throw error
      }
    }),
    { seed: 4, numRuns: 1000 },
  )
})

test('a line of a million digits or blanks is dealt with at once', () => {
  const long = '1'.repeat(1_000_000)
  const blank = ' '.repeat(1_000_000)
  assert.throws(() => parseHeader(`r 1 ${long}x`, 'r.hea'), { code: 'data.wfdb-header-field' })
  assert.throws(() => parseHeader(`r 1\nr.dat 16 ${long}x`, 'r.hea'), { code: 'data.wfdb-header-field' })
  assert.equal(subjectOf(parseHeader(`r 0\n# age${blank}x`, 'r.hea').comments).ageYears, null)
})
