import assert from 'node:assert/strict'
import { test } from 'node:test'
import { physicalUnitOf, toPhysical } from './recording.ts'
import { subjectOf } from './subject.ts'

test('voltages come in mV whatever unit the file has, other quantities as they are', () => {
  const adc = Int16Array.of(0, 100, -100)
  const scale = { gain: 100, baseline: 0, missing: null }
  for (const [unit, expected] of [
    ['mV', 1],
    ['uV', 0.001],
    ['\u00b5V', 0.001],
    ['V', 1000],
    ['mmHg', 1],
    ['toString', 1],
  ] as const) {
    assert.ok(Math.abs((toPhysical(adc, { ...scale, unit })[1] ?? 0) - expected) < 1e-6 * expected, unit)
  }
  assert.deepEqual(['uV', 'mmHg', ''].map(physicalUnitOf), ['mV', 'mmHg', ''])
})

test('only samples that carry the mark for "missing" are NaN', () => {
  const adc = Int16Array.of(5, -2048, 7, -2048, -2047)
  const values = toPhysical(adc, { unit: 'mV', gain: 1, baseline: 5, missing: -2048 })
  assert.deepEqual([...values], [0, Number.NaN, 2, Number.NaN, -2052])
  assert.deepEqual([...toPhysical(adc, { unit: 'mV', gain: 1, baseline: 0, missing: null })], [...adc])
  assert.equal(toPhysical(new Int16Array(0), { unit: 'mV', gain: 1, baseline: 0, missing: 1 }).length, 0)
})

test('age and sex are read from the comments that databases write, and nothing is guessed', () => {
  const cases = [
    [['75 F 1011 654 x1', 'Diapres'], 75, 'F'],
    [['-1 M 742 654 x1'], null, 'M'],
    [['<age>: 61 <sex>: M <diagnoses> none'], 61, 'M'],
    [['Age: 74', 'Sex: Female', 'Dx: 426783006'], 74, 'F'],
    [['age: 56.0', 'gender: m'], 56, 'M'],
    [['Age: NaN', 'Sex: Unknown'], null, null],
    [['Age: 3 months'], null, null],
    [['Age: 300'], null, null],
    [['average: 7', 'message: F'], null, null],
    [[], null, null],
  ] as const
  for (const [comments, ageYears, sex] of cases)
    assert.deepEqual(subjectOf(comments), { ageYears, sex }, comments.join())
})
