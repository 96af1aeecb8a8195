import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Problem } from '../../kernel/index.ts'
import { ecgAnswer } from './contract.ts'
import { openEcgModel } from './model.ts'
import { analyseEcg, calibrate, type EcgInput } from './pipeline.ts'
import type { Lead } from './signal.ts'
import { fixtureBeats, fixtureLeads, lead, noise, weightsFolder } from './testing.ts'

const model = await openEcgModel(weightsFolder)
after(() => model.close())

const fs = 360
const analyse = (leads: readonly Lead[], rate = fs): ReturnType<typeof analyseEcg> =>
  analyseEcg({ fs: rate, leads }, model)

async function refusal(input: EcgInput): Promise<string> {
  try {
    await analyseEcg(input, model)
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'accepted'
}

/** Share of `reference` samples with a beat within 50 ms, and the other way round; the first and last 0.3 s not counted. */
function agreement(reference: readonly number[], found: readonly number[], samples: number): [number, number] {
  const inner = (x: readonly number[]): number[] => x.filter((k) => k > 0.3 * fs && k < samples - 0.3 * fs)
  const near = (x: readonly number[], y: readonly number[]): number =>
    inner(x).filter((k) => y.some((other) => Math.abs(other - k) <= 0.05 * fs)).length / inner(x).length
  return [near(reference, found), near(found, reference)]
}

test('every beat of the fixtures is found where the cardiologists put it', async () => {
  for (const record of ['118s', '119s', '208s', '209s']) {
    const answer = ecgAnswer.parse(await analyse(await fixtureLeads(record)))
    const reference = await fixtureBeats(record)
    const [se, p] = agreement(
      reference,
      answer.beats.map((beat) => beat.sample),
      5400,
    )
    assert.ok(se >= 0.95 && p >= 0.95, `${record}: ${se} ${p}`)
    assert.ok(answer.readableShare === 1)
  }
})

test('probabilities of a beat add up to 1 and the class is the most probable', async () => {
  const { beats } = await analyse(await fixtureLeads('119s'))
  assert.ok(beats.length > 12)
  for (const beat of beats) {
    const values = Object.values(beat.probabilities)
    assert.ok(Math.abs(values.reduce((a, b) => a + b, 0) - 1) < 1e-9)
    assert.equal(beat.probabilities[beat.class], Math.max(...values))
  }
})

test('the eight ventricular beats of record 119, and no other, are called V', async () => {
  const { rhythm } = await analyse(await fixtureLeads('119s'))
  assert.equal(rhythm.counts.V, 8)
})

test('the same recording gives the same answer, bit for bit', async () => {
  const leads = await fixtureLeads('208s')
  assert.deepEqual(await analyse(leads), await analyse(leads))
})

test('swapped, inverted, single and differently sampled leads give the same beats', async () => {
  const [ii, v1] = (await fixtureLeads('119s')) as [Lead, Lead]
  const reference = (await analyse([ii, v1])).beats.map((beat) => beat.sample)
  const invert = (x: Lead): Lead =>
    lead(
      x.name,
      x.samplesMv.map((value) => -value),
    )
  const half = (x: Lead): Lead =>
    lead(
      x.name,
      x.samplesMv.filter((_, i) => i % 2 === 0),
    )
  const variants: [string, readonly Lead[], number][] = [
    ['swapped', [v1, ii], 1],
    ['unnamed and swapped', [lead('ECG1', v1.samplesMv), lead('ECG2', ii.samplesMv)], 1],
    ['inverted', [invert(ii), invert(v1)], 1],
    ['one', [ii], 1],
    ['the other', [v1], 1],
    ['180 Hz', [half(ii), half(v1)], 2],
  ]
  for (const [what, leads, step] of variants) {
    const answer = await analyse(leads, fs / step)
    const [se, p] = agreement(
      reference,
      answer.beats.map((beat) => beat.sample * step),
      5400,
    )
    assert.ok(se >= 0.95 && p >= 0.95, `${what}: ${se} ${p}`)
  }
})

test('given positions are classified as they stand', async () => {
  const beatsAt = (await fixtureBeats('119s')).filter((sample) => sample > 200)
  const answer = await analyseEcg({ fs, leads: await fixtureLeads('119s'), beatsAt }, model)
  assert.deepEqual(
    answer.beats.map((beat) => beat.sample),
    beatsAt,
  )
})

test('what is no readable ECG is refused with its reason', async () => {
  const ten = (f: (t: number, i: number) => number): Lead =>
    lead(
      'II',
      Float32Array.from({ length: 3600 }, (_, i) => f(i / fs, i)),
    )
  const random = noise(3600, 7)
  const wave = (hz: number): Lead => ten((t) => Math.sin(2 * Math.PI * hz * t))
  const good = (await fixtureLeads('119s'))[0] as Lead
  const expected: [string, EcgInput][] = [
    ['models.ecg-rate', { fs: 50, leads: [wave(1)] }],
    ['models.ecg-rate', { fs: Number.NaN, leads: [wave(1)] }],
    ['models.ecg-leads', { fs, leads: [] }],
    ['models.ecg-leads', { fs, leads: [wave(1), good] }],
    ['models.ecg-too-short', { fs, leads: [lead('II', new Float32Array(3599))] }],
    ['models.ecg-flat', { fs, leads: [ten(() => 0.3)] }],
    ['models.ecg-flat', { fs, leads: [ten((_, i) => 0.002 * (random[i] ?? 0))] }],
    ['models.ecg-missing', { fs, leads: [ten((t) => (t > 5 ? Number.NaN : Math.sin(t)))] }],
    ['models.ecg-clipped', { fs, leads: [ten((t) => Math.max(-0.5, Math.min(0.5, 2 * Math.sin(7 * t))))] }],
    [
      'models.ecg-unit',
      {
        fs,
        leads: [
          lead(
            'II',
            good.samplesMv.map((value) => value * 1000),
          ),
        ],
      },
    ],
    ['models.ecg-not-an-ecg', { fs, leads: [wave(1.2)] }],
    ['models.ecg-not-an-ecg', { fs, leads: [wave(10)] }],
    ['models.ecg-not-an-ecg', { fs, leads: [ten((_, i) => random[i] ?? 0)] }],
    ['models.ecg-beats', { fs, leads: [good], beatsAt: [500, 400] }],
    ['models.ecg-beats', { fs, leads: [good], beatsAt: [5400] }],
  ]
  for (const [code, input] of expected) assert.equal(await refusal(input), code)
})

test('a flat second lead is left out and named, and the first is enough', async () => {
  const [ii] = (await fixtureLeads('119s')) as [Lead, Lead]
  const answer = await analyse([ii, lead('V1', new Float32Array(5400).fill(0.1))])
  assert.deepEqual(
    answer.leads.map(({ verdict, used }) => [verdict, used]),
    [
      ['good', true],
      ['flat', false],
    ],
  )
  assert.ok(answer.beats.length > 12)
})

test('a file that is not the one of the manifest is refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ecg-'))
  try {
    await cp(weightsFolder, folder, { recursive: true })
    await writeFile(join(folder, 'calibration.json'), '{}')
    await assert.rejects(
      openEcgModel(folder),
      (error) => error instanceof Problem && error.code === 'models.ecg-weights',
    )
    await rm(join(folder, 'manifest.json'))
    await assert.rejects(openEcgModel(folder), /manifest\.json/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the temperature changes no class, and certain zeros stay finite', () => {
  const calibration = { ...model.calibration, temperature: 2, bias: [0, 0, 0, 0, 0] }
  const p = calibrate(Float32Array.of(0.7, 0.2, 0.1, 0, 0), 0, calibration)
  assert.ok(Math.abs(p.reduce((a, b) => a + b, 0) - 1) < 1e-12)
  assert.equal(p.indexOf(Math.max(...p)), 0)
  assert.ok(p.every(Number.isFinite))
})
