import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newFinding } from '../kit/case/contract.ts'
import { severities } from '../kit/case/domain.ts'
import { beatClasses, type EcgAnswer } from './contract.ts'
import { interpret as interpretIn } from './domain.ts'
import { dictionary } from './findings/words.ts'
import { answerOf } from './testing.ts'

type Beats = Parameters<typeof answerOf>[0]

/** In a signal that is silent between beats. */
const interpret = (answer: EcgAnswer) => interpretIn(answer, () => true)
const codes = (answer: EcgAnswer): string[] => interpret(answer).map(({ code }) => code)
const steady = (count: number, rr: number): Beats => Array.from({ length: count }, () => ['N', rr] as const)
const around = (middle: Beats, rr = 0.8): Beats => [...steady(20, rr), ...middle, ...steady(20, rr)]

/** A fixed series of numbers in 0..1 without order: multiples of the golden ratio, permuted by squaring. */
const scattered = (count: number): number[] =>
  Array.from({ length: count }, (_, k) => (k * k * 0.6180339887 + k * 0.377) % 1)

const expected: readonly (readonly [string, Beats, readonly string[]])[] = [
  ['75/min and regular', steady(40, 0.8), ['regular-rhythm']],
  ['60/min exactly', steady(40, 1), ['regular-rhythm']],
  ['100/min exactly', steady(40, 0.6), ['regular-rhythm']],
  ['58/min', steady(40, 60 / 58), ['bradycardia']],
  ['45/min', steady(40, 60 / 45), ['bradycardia']],
  ['38/min', steady(40, 60 / 38), ['bradycardia-marked']],
  ['120/min', steady(40, 0.5), ['tachycardia']],
  ['160/min', steady(40, 60 / 160), ['tachycardia-marked']],
  ['RR of exactly 2 s is no pause', around([['N', 2]]), ['regular-rhythm']],
  ['RR of 2.5 s', around([['N', 2.5]]), ['pause']],
  ['RR of 3.5 s', around([['N', 3.5]]), ['pause-long']],
  [
    'one early V',
    around([
      ['V', 0.5],
      ['N', 1.1],
    ]),
    ['ventricular-isolated', 'regular-rhythm'],
  ],
  [
    'two V in a row',
    around([
      ['V', 0.5],
      ['V', 0.5],
      ['N', 1],
    ]),
    ['ventricular-couplet', 'ventricular-isolated'],
  ],
  // 2 intervals of 0.4 s: 150/min
  [
    'three V at 150/min',
    around([
      ['V', 0.5],
      ['V', 0.4],
      ['V', 0.4],
      ['N', 1],
    ]),
    ['ventricular-run', 'ventricular-isolated'],
  ],
  [
    'three V at 86/min',
    around([
      ['V', 0.7],
      ['V', 0.7],
      ['V', 0.7],
      ['N', 1],
    ]),
    ['ventricular-slow-run', 'ventricular-isolated'],
  ],
  // 79 intervals of 0.4 s last 31.6 s
  [
    'eighty V at 150/min',
    around(Array.from({ length: 80 }, () => ['V', 0.4] as const)),
    ['ventricular-run-sustained', 'tachycardia', 'ventricular-frequent'],
  ],
  [
    'every second beat V',
    [
      ...steady(20, 0.8),
      ...Array.from(
        { length: 8 },
        () =>
          [
            ['V', 0.5],
            ['N', 1.1],
          ] as const,
      ).flat(),
    ],
    ['ventricular-bigeminy', 'ventricular-frequent'],
  ],
  [
    'every third beat V',
    [
      ...steady(20, 0.8),
      ...Array.from(
        { length: 6 },
        () =>
          [
            ['V', 0.5],
            ['N', 1.1],
            ['N', 0.8],
          ] as const,
      ).flat(),
    ],
    ['ventricular-trigeminy', 'ventricular-frequent'],
  ],
  [
    'one early S',
    around([
      ['S', 0.6],
      ['N', 0.9],
    ]),
    ['supraventricular-isolated', 'regular-rhythm'],
  ],
  [
    'four S at 150/min',
    around([
      ['S', 0.5],
      ['S', 0.4],
      ['S', 0.4],
      ['S', 0.4],
      ['N', 0.9],
    ]),
    ['supraventricular-run', 'supraventricular-isolated'],
  ],
  ['one minute without order', scattered(80).map((u) => ['N', 0.45 + 0.6 * u] as const), ['irregular-suggests-af']],
  [
    'one minute without order above 110/min',
    scattered(120).map((u) => ['N', 0.3 + 0.35 * u] as const),
    ['irregular-suggests-af', 'tachycardia'],
  ],
  ['twenty seconds without order', scattered(26).map((u) => ['N', 0.45 + 0.6 * u] as const), ['irregular-rhythm']],
  [
    // sine of 4 s by a quarter: steps above 5 %, but one turning point every 2 to 3 beats in order
    'breathing',
    Array.from({ length: 80 }, (_, k) => ['N', 0.8 + 0.16 * Math.sin((2 * Math.PI * k) / 7)] as const),
    ['varying-rhythm'],
  ],
  [
    'two short and long by turns',
    Array.from({ length: 80 }, (_, k) => ['N', k % 2 ? 0.6 : 1] as const),
    ['varying-rhythm'],
  ],
  ['a tenth paced', around(Array.from({ length: 5 }, () => ['Q', 0.8] as const)), ['paced-or-unclassified']],
]

for (const [what, beats, found] of expected) {
  test(`${what} is ${found.join(' and ')}`, () => assert.deepEqual(codes(answerOf(beats)).toSorted(), found.toSorted()))
}

test('no beat and one beat allow no statement on rhythm, and say so', () => {
  assert.deepEqual(codes(answerOf([])), ['too-few-beats'])
  assert.deepEqual(codes(answerOf([['N', 1]])), ['too-few-beats'])
  assert.equal(interpret(answerOf([]))[0]?.confidence, null)
})

test('a long RR in which the signal is not silent is no pause', () => {
  const found = interpretIn(answerOf(around([['N', 3.5]])), () => false)
  assert.deepEqual(
    found.map(({ code, severity }) => [code, severity]),
    [
      ['gap-unclear', 'note'],
      ['regular-rhythm', 'normal'],
    ],
  )
})

test('a gap inside an unreadable stretch is no pause, and the stretch is named', () => {
  // beats up to 16 s, then none until 26 s
  const beats = around([['N', 10]])
  assert.ok(codes(answerOf(beats)).includes('pause-long'))
  const excluded = answerOf(beats, { unreadable: [{ startS: 16.5, endS: 25.5, score: 0.1 }], readableShare: 0.9 })
  assert.deepEqual(codes(excluded), ['poor-signal', 'regular-rhythm'])
})

test('beats inside an unreadable stretch do not make a run', () => {
  const beats = around([
    ['V', 0.5],
    ['V', 0.4],
    ['V', 0.4],
    ['N', 1],
  ])
  const excluded = answerOf(beats, { unreadable: [{ startS: 16.1, endS: 17.7, score: 0.1 }], readableShare: 0.9 })
  assert.equal(codes(excluded).includes('ventricular-run'), false)
})

test('supraventricular beats are not counted while the rhythm is irregular without a pattern', () => {
  const beats = scattered(80).map((u) => [u < 0.3 ? 'S' : 'N', 0.45 + 0.6 * u] as const)
  assert.deepEqual(codes(answerOf(beats)), ['irregular-suggests-af'])
})

test('what rests on RR alone is never said to be sure', () => {
  const [found] = interpret(answerOf(scattered(80).map((u) => ['N', 0.45 + 0.6 * u] as const)))
  assert.equal(found?.sureness, 'moderate')
})

test('an unsure model makes an unsure finding', () => {
  const run: Beats = around([
    ['V', 0.5],
    ['V', 0.4],
    ['V', 0.4],
    ['N', 1],
  ])
  assert.equal(interpret(answerOf(run))[0]?.sureness, 'high')
  assert.equal(interpret(answerOf(run, { confidence: 0.8 }))[0]?.sureness, 'moderate')
  assert.equal(interpret(answerOf(run, { confidence: 0.5 }))[0]?.sureness, 'low')
})

test('thirty V beats in an hour are isolated and thirty-one are frequent', () => {
  const hour = (v: number) => {
    const beats: [EcgAnswer['beats'][number]['class'], number][] = Array.from({ length: 4500 }, () => ['N', 0.8])
    for (let k = 0; k < v; k++) beats[100 * (k + 1)] = ['V', 0.8]
    return codes(answerOf(beats, { durationS: 3600 }))
  }
  assert.ok(hour(30).includes('ventricular-isolated'))
  assert.ok(hour(31).includes('ventricular-frequent'))
})

const anyBeats = fc.array(fc.tuple(fc.constantFrom(...beatClasses), fc.double({ min: 0.2, max: 4, noNaN: true })), {
  maxLength: 120,
})

test('any beats give findings in order of urgency that point into the recording and hold whole figures', () => {
  fc.assert(
    fc.property(anyBeats, (beats) => {
      const answer = answerOf(beats)
      const findings = newFinding.array().parse(interpret(answer))
      const order = findings.map(({ severity }) => severities.indexOf(severity))
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      )
      assert.equal(new Set(findings.map(({ code }) => code)).size, findings.length, 'each finding is stated once')
      assert.ok(findings.length > 0 || beats.length > 0)
      const samples = new Set(answer.beats.map(({ sample }) => sample))
      for (const { code, pointers, measures } of findings) {
        assert.ok(code in dictionary)
        assert.ok(Object.values(measures).every((value) => value === null || Number.isFinite(value)))
        for (const { startS, endS, beats: named } of pointers) {
          assert.ok(startS <= endS && endS <= answer.durationS)
          assert.ok(named.every((sample) => samples.has(sample)))
        }
      }
    }),
    { seed: 3, numRuns: 500 },
  )
})

test('a normal statement never stands beside an abnormal one on rhythm', () => {
  const harmless = [
    'regular-rhythm',
    'varying-rhythm',
    'ventricular-isolated',
    'supraventricular-isolated',
    'poor-signal',
  ]
  fc.assert(
    fc.property(anyBeats, (beats) => {
      const found = codes(answerOf(beats))
      if (found.includes('regular-rhythm')) assert.ok(found.every((code) => harmless.includes(code)))
    }),
    { seed: 4, numRuns: 500 },
  )
})
