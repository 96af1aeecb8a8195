import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { isSynthetic, type Recording } from '../readers/recording.ts'
import { readRecord } from '../readers/wfdb/record.ts'
import { encodeRecord } from '../readers/wfdb/writer.ts'
import { type EcgSettings, syntheticEcg } from './ecg.ts'
import type { Rhythm } from './rhythm.ts'

const rhythms: readonly Rhythm[] = ['sinus', 'bradycardia', 'tachycardia', 'atrial-fibrillation', 'bigeminy']

function beatsOf({ annotations = [] }: Recording) {
  return annotations.filter(({ symbol }) => 'NVA'.includes(symbol))
}

function leadOf(recording: Recording, index: 0 | 1): Float32Array {
  const lead = recording.leads[index]
  assert.ok(lead !== undefined)
  return lead.physical()
}

/** Intervals between beats, s. */
function intervals(recording: Recording): number[] {
  const beats = beatsOf(recording)
  return beats.slice(1).map(({ sample }, index) => (sample - (beats[index]?.sample ?? 0)) / recording.fs)
}

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, sd: Math.sqrt(variance) }
}

/** How long the main deflection around `peak` stays over half its height, ms. */
function halfWidthMs(samples: Float32Array, peak: number, fs: number): number {
  const half = (samples[peak] ?? 0) / 2
  let [from, to] = [peak, peak]
  while ((samples[from - 1] ?? 0) > half) from--
  while ((samples[to + 1] ?? 0) > half) to++
  return ((to - from + 1) / fs) * 1000
}

for (const rhythm of rhythms) {
  test(`in ${rhythm} every beat is marked at a local peak of lead II, and the mean interval is what was asked for`, () => {
    const recording = syntheticEcg({ seed: 11, seconds: 300, rhythm, heartRateBpm: 80 })
    const ii = leadOf(recording, 0)
    const beats = beatsOf(recording)
    for (const { sample } of beats) {
      const around = ii.subarray(sample - 18, sample + 19).map(Math.abs)
      // f-waves are added on the peak and may move it by a sample or two
      const peak = rhythm === 'atrial-fibrillation' ? Math.max(...around.subarray(16, 21)) : (around[18] ?? 0)
      assert.equal(peak, Math.max(...around))
    }
    const { mean } = moments(intervals(recording))
    // 400 beats: in fibrillation the standard error is 0.22 / 20 = 1.1 % of the mean
    const tolerance = rhythm === 'atrial-fibrillation' ? 0.04 : 0.01
    assert.ok(Math.abs(mean / 0.75 - 1) < tolerance, `${mean}`)
  })
}

test('a beat stands where the model has its R wave, to the end of a long recording', () => {
  // without spread the n-th beat is n intervals after the first; drift of the phase would show at the end
  const recording = syntheticEcg({ seed: 5, seconds: 1200, heartRateBpm: 60, heartRateSdBpm: 0, fs: 250 })
  const beats = beatsOf(recording)
  const first = beats[0]?.sample ?? 0
  assert.ok(beats.length >= 1199)
  for (const [index, { sample }] of beats.entries()) assert.ok(Math.abs(sample - first - 250 * index) <= 1)
})

test('the spread of the rate is what was asked for', () => {
  const rates = intervals(syntheticEcg({ seed: 2, seconds: 900, heartRateBpm: 70, heartRateSdBpm: 3 })).map(
    (rr) => 60 / rr,
  )
  assert.ok(Math.abs(moments(rates).sd - 3) < 0.4, `${moments(rates).sd}`)
})

test('the spectrum of the intervals has the two bands of blood pressure and breathing, and little else', () => {
  const recording = syntheticEcg({ seed: 8, seconds: 600, heartRateBpm: 70, heartRateSdBpm: 3, fs: 500 })
  const beats = beatsOf(recording).map(({ sample }) => sample / 500)
  const rr = intervals(recording)
  const { mean } = moments(rr)
  // power at a frequency, straight from the beat times (irregularly sampled)
  const power = (frequencyHz: number) => {
    let [re, im] = [0, 0]
    for (const [index, value] of rr.entries()) {
      const angle = 2 * Math.PI * frequencyHz * (beats[index] ?? 0)
      re += (value - mean) * Math.cos(angle)
      im += (value - mean) * Math.sin(angle)
    }
    return (re * re + im * im) / rr.length
  }
  const band = (low: number, high: number) => {
    const steps = Array.from({ length: 60 }, (_, index) => power(low + ((high - low) * index) / 60))
    return moments(steps).mean
  }
  const [lf, hf, between] = [band(0.08, 0.12), band(0.23, 0.27), band(0.15, 0.2)]
  assert.ok(lf > 10 * between && hf > 10 * between, `${lf} ${hf} ${between}`)
  assert.ok(lf / hf > 0.25 && lf / hf < 1, `LF/HF ${lf / hf}`)
})

test('a ventricular beat is early, twice as wide, has no P wave, and its pause makes up for it', () => {
  const recording = syntheticEcg({ seed: 4, seconds: 240, pvcPerMinute: 8, heartRateSdBpm: 0.5 })
  const { fs } = recording
  const ii = leadOf(recording, 0)
  const beats = beatsOf(recording)
  const rr = intervals(recording)
  const basic = 60 / 70
  const isInside = (index: number) => index > 0 && index < rr.length
  const ventricular = beats.flatMap(({ symbol }, index) => (symbol === 'V' && isInside(index) ? [index] : []))
  const normal = beats.flatMap(({ symbol }, index) => (symbol === 'N' && isInside(index) ? [index] : []))
  // 8 a minute over 4 minutes is 32; Poisson, so 3 SD are 17
  assert.ok(ventricular.length > 15 && ventricular.length < 49, `${ventricular.length}`)
  const widths = (indexes: number[]) =>
    moments(indexes.map((index) => halfWidthMs(ii, beats[index]?.sample ?? 0, fs))).mean
  assert.ok(widths(ventricular) > 2 * widths(normal), `${widths(ventricular)} ${widths(normal)}`)
  for (const index of ventricular) {
    const [before = 0, after = 0] = [rr[index - 1], rr[index]]
    assert.ok(before < 0.7 * basic && after > 1.25 * basic)
    assert.ok(Math.abs(before + after - 2 * basic) < 0.06)
    assert.notEqual(beats[index + 1]?.symbol, 'V')
  }
})

test('an atrial beat is early and narrow, its P wave is turned, and its pause is short of making up for it', () => {
  const recording = syntheticEcg({ seed: 6, seconds: 240, pacPerMinute: 8, heartRateSdBpm: 0.5 })
  const { fs } = recording
  const ii = leadOf(recording, 0)
  const beats = beatsOf(recording)
  const rr = intervals(recording)
  const basic = 60 / 70
  let found = 0
  for (const [index, { symbol, sample }] of beats.entries()) {
    const [before, after] = [rr[index - 1], rr[index]]
    if (symbol !== 'A' || before === undefined || after === undefined) continue
    found++
    assert.ok(before < 0.78 * basic && before + after < 1.95 * basic)
    assert.ok(halfWidthMs(ii, sample, fs) < 35)
    const pWave = ii[sample - Math.round(0.12 * fs)] ?? 0
    const rest = ii[sample - Math.round(0.06 * fs)] ?? 0
    assert.ok(pWave < rest - 0.04)
  }
  assert.ok(found > 15)
})

test('fibrillation is irregular from beat to beat and has no P wave but a restless line; sinus rhythm the other way', () => {
  const shape = (rhythm: Rhythm) => {
    const recording = syntheticEcg({ seed: 9, seconds: 300, rhythm, heartRateBpm: 80 })
    const rr = intervals(recording)
    const successive = rr.slice(1).map((value, index) => value - (rr[index] ?? 0))
    const ii = leadOf(recording, 0)
    const beats = beatsOf(recording)
    // mean over beats of the stretch before QRS: f-waves have no fixed place and cancel, a P wave stays
    const mean = Array.from({ length: 60 }, (_, i) => moments(beats.map(({ sample }) => ii[sample - 80 + i] ?? 0)).mean)
    return { rmssd: Math.sqrt(moments(successive.map((d) => d * d)).mean), p: Math.max(...mean) - Math.min(...mean) }
  }
  const sinus = shape('sinus')
  const fibrillation = shape('atrial-fibrillation')
  assert.ok(fibrillation.rmssd > 0.15 && sinus.rmssd < 0.05)
  assert.ok(sinus.p > 0.08 && fibrillation.p < 0.5 * sinus.p, `${sinus.p} ${fibrillation.p}`)
})

test('bigeminy has a ventricular beat after each normal one', () => {
  const symbols = beatsOf(syntheticEcg({ seed: 1, seconds: 60, rhythm: 'bigeminy' })).map(({ symbol }) => symbol)
  for (let i = 1; i < symbols.length; i++) assert.notEqual(symbols[i], symbols[i - 1])
})

test('noise of each kind is there when asked for, and leaves the beats where they are', () => {
  const settings: EcgSettings = { seed: 21, seconds: 60 }
  const clean = syntheticEcg(settings)
  const difference = (noise: EcgSettings['noise']) => {
    const noisy = syntheticEcg({ ...settings, ...(noise === undefined ? {} : { noise }) })
    assert.deepEqual(noisy.annotations, clean.annotations)
    const ii = leadOf(clean, 0)
    return leadOf(noisy, 0).map((value, i) => value - (ii[i] ?? 0))
  }
  const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
  const crossings = (values: Float32Array) =>
    values.filter((value, i) => value > 0 !== (values[i - 1] ?? 0) > 0).length / 60

  const wander = difference({ baselineWanderMv: 0.5 })
  assert.ok(rms(wander) > 0.15 && rms(wander) < 0.5 && crossings(wander) < 3)
  for (const mainsHz of [50, 60] as const) {
    const hum = difference({ mainsMv: 0.2, mainsHz })
    assert.ok(Math.abs(crossings(hum) - 2 * mainsHz) < 6)
  }
  const muscle = difference({ muscleMv: 0.1 })
  assert.ok(Math.abs(rms(muscle) - 0.1) < 0.005 && crossings(muscle) > 60)
  const motion = difference({ electrodeMotionMv: 2 }).map(Math.abs)
  assert.ok(Math.max(...motion) > 0.7 && Math.max(...motion) <= 2.01 && rms(motion) < 0.7)
})

test('a lead that fell off is flat for that time only, and an amplifier that clips gives no more than its limit', () => {
  const noise = { muscleMv: 0.05, flat: { lead: 1, fromSeconds: 2, toSeconds: 4 }, clippingMv: 0.5 } as const
  const recording = syntheticEcg({ seed: 3, seconds: 6, noise })
  const [ii, v1] = [leadOf(recording, 0), leadOf(recording, 1)]
  assert.ok(v1.subarray(720, 1440).every((value) => value === 0))
  assert.ok(v1.subarray(0, 720).some((value) => value !== 0) && ii.subarray(720, 1440).some((value) => value !== 0))
  assert.equal(Math.max(...ii), 0.5)
})

test('the same seed gives the same samples on every machine, another seed others', () => {
  const digest = (settings: EcgSettings) => {
    const hash = createHash('sha256')
    for (const { adc } of syntheticEcg(settings).leads) hash.update(new Uint8Array(adc.buffer))
    return hash.digest('hex').slice(0, 16)
  }
  const noise = { baselineWanderMv: 0.2, mainsMv: 0.05, muscleMv: 0.03, electrodeMotionMv: 1 }
  const settings: EcgSettings = { seed: 42, seconds: 30, rhythm: 'atrial-fibrillation', pvcPerMinute: 4, noise }
  assert.equal(digest(settings), 'eba66f997b913af4')
  assert.notEqual(digest(settings), digest({ ...settings, seed: 43 }))
})

test('it says of itself that it is synthetic, also after it was written as a record and read again', async () => {
  const recording = syntheticEcg({ seed: 1, seconds: 10, id: 'demo', pvcPerMinute: 10 })
  assert.ok(isSynthetic(recording))
  const back = await readRecord({ files: encodeRecord(recording, { format: 212 }), name: 'demo' })
  assert.ok(isSynthetic(back))
  assert.deepEqual(back.annotations, recording.annotations)
  assert.deepEqual(leadOf(back, 0), leadOf(recording, 0))
})

test('a rate, a length or a seed that makes no sense is refused with its bounds', () => {
  for (const [setting, value] of [
    ['seed', 1.5],
    ['seconds', 0],
    ['fs', Number.NaN],
    ['heartRateBpm', 500],
    ['pvcPerMinute', -1],
  ] as const) {
    assert.throws(() => syntheticEcg({ seed: 1, seconds: 10, [setting]: value }), { code: 'data.synthetic-setting' })
  }
})

test('no rhythm at any rate gives anything but finite samples', () => {
  for (const rhythm of rhythms) {
    for (const heartRateBpm of [20, 220]) {
      const recording = syntheticEcg({
        seed: 1,
        seconds: 20,
        rhythm,
        heartRateBpm,
        pvcPerMinute: 60,
        pacPerMinute: 60,
        fs: 50,
      })
      for (const { adc } of recording.leads) assert.ok(Math.max(...adc) < 600 && Math.min(...adc) > -600)
    }
  }
})
