/**
 * From leads in millivolts to beats with their classes. All arithmetic is here and deterministic; the two networks run
 * through an injected function, so that the command line, the serving worker and the tests share this code.
 */
import type { EcgAnswer, EcgBeat, EcgCalibration } from './contract.ts'
import { beatClasses } from './contract.ts'
import { describeBeats, featureCount, fibrillation, windowLength } from './features.ts'
import { type Peak, pickPeaks, toSample } from './peaks.ts'
import { problem } from './problems.ts'
import { type LeadQuality, leadQuality, readableStretches, type Stretch } from './quality.ts'
import { heartRate, rhythmSummary } from './rhythm.ts'
import { flatMv, type Lead, leadOrder, prepare, rate } from './signal.ts'

export interface Tensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** Runs one of the two networks: named inputs to named outputs. */
export type RunNetwork = (
  model: 'detector' | 'classifier',
  inputs: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Tensor>>>

export interface EcgModel {
  readonly run: RunNetwork
  readonly calibration: EcgCalibration
}

export interface EcgInput {
  readonly fs: number
  readonly leads: readonly Lead[]
  /** Known R positions in samples: they are classified and nothing is detected. */
  readonly beatsAt?: readonly number[]
}

/** Samples at 125 Hz that the detector reads at once, and how far it looks beyond (its field of view is ± 350). */
const chunk = 16384
const margin = 512
/** The strides of the detector multiply to this. */
const stride = 16
/** Beats that the classifier reads at once, and how many it looks beyond (its convolutions reach ± 8). */
const row = 2048
const rowMargin = 16
/** A span of the clean signal that no heart gives at the skin, millivolts. */
const impossibleMv = 30

/** Refuses with a problem of `models.ecg-*`; otherwise every beat with class, probabilities and confidence. */
export async function analyseEcg(input: EcgInput, model: EcgModel): Promise<EcgAnswer> {
  const samples = checkShape(input)
  const quality = checkLeads(input.leads)
  const good = input.leads.filter((_, k) => usable(quality[k]))
  const ready = prepare(good, input.fs)
  if (!ready.present.includes(true)) throw problem('models.ecg-flat')
  const probability = await detect(model.run, ready.signal, ready.length)
  const peaks = pickPeaks(probability, model.calibration.detection)
  const stretches = readableStretches(model.calibration.scope, ready.signal, ready.length, probability, peaks)
  const readable = checkScope(stretches, model.calibration.scope.threshold)
  const found = input.beatsAt
    ? input.beatsAt.map((sample) => ({ at: (sample * rate) / input.fs, probability: 1 }))
    : peaks
  const at = input.beatsAt ?? found.map((peak) => toSample(peak.at, input.fs, samples))
  const beats = await classify(model, ready, found, at, input.fs)
  const used = new Set(ready.order.map((k) => good[k]?.name))
  return {
    schema: 'pilotbase.ecg/1',
    fs: input.fs,
    durationS: samples / input.fs,
    leads: quality.map((lead) => ({ ...lead, ...settle(lead, used.has(lead.name)) })),
    beats,
    rate: heartRate(beats),
    rhythm: rhythmSummary(beats),
    unreadable: stretches.filter((stretch) => stretch.score < model.calibration.scope.threshold),
    readableShare: readable,
  }
}

function settle(lead: LeadQuality, used: boolean): Pick<LeadQuality, 'used' | 'verdict'> {
  return { used, verdict: lead.verdict === 'good' && !used ? 'unused' : lead.verdict }
}

function checkShape(input: EcgInput): number {
  const { fs, leads } = input
  if (!(fs >= 100 && fs <= 1000)) throw problem('models.ecg-rate', { fs: Number.isFinite(fs) ? fs : null })
  const samples = leads[0]?.samplesMv.length ?? 0
  if (leads.length < 1 || leads.length > 12 || leads.some((lead) => lead.samplesMv.length !== samples)) {
    throw problem('models.ecg-leads', { leads: leads.length })
  }
  const seconds = samples / fs
  if (seconds < 10) throw problem('models.ecg-too-short', { seconds: Math.round(seconds * 100) / 100 })
  if (seconds > 26 * 3600) throw problem('models.ecg-too-long', { hours: Math.round(seconds / 360) / 10 })
  const at = input.beatsAt ?? []
  if (at.some((k, i) => !Number.isInteger(k) || k < 0 || k >= samples || (i > 0 && k <= (at[i - 1] ?? -1)))) {
    throw problem('models.ecg-beats')
  }
  return samples
}

function usable(lead: LeadQuality | undefined): boolean {
  return lead !== undefined && lead.verdict === 'good'
}

/** At least one lead must carry a signal; the reason that the first lead gives stands for all. */
function checkLeads(leads: readonly Lead[]): LeadQuality[] {
  const quality = leads.map((lead) => leadQuality(lead, true))
  if (quality.some(usable)) {
    const least = Math.min(...quality.filter(usable).map((lead) => lead.spanMv ?? 0))
    if (least > 50 * impossibleMv) throw problem('models.ecg-unit', { spanMv: Math.round(least) })
    if (quality.every((lead) => (lead.spanMv ?? 0) < flatMv)) throw problem('models.ecg-flat')
    return quality
  }
  const percent = (share: number): number => Math.round(share * 100)
  const chosen = quality[leadOrder(leads.map((lead) => lead.name))[0] ?? 0]
  if (chosen?.verdict === 'missing') throw problem('models.ecg-missing', { percent: percent(chosen.missing) })
  if (chosen?.verdict === 'clipped') throw problem('models.ecg-clipped', { percent: percent(chosen.clipped) })
  throw problem('models.ecg-flat')
}

/** Share of readable pieces; below a half the recording is refused. */
function checkScope(stretches: readonly Stretch[], threshold: number): number {
  const share = stretches.filter((stretch) => stretch.score >= threshold).length / stretches.length
  if (share < 0.15) throw problem('models.ecg-not-an-ecg')
  if (share < 0.5) throw problem('models.ecg-noisy', { percent: Math.round(share * 100) })
  return share
}

/** `signal` [2, length] -> probability [length]; in chunks, with the same result as in one piece. */
async function detect(run: RunNetwork, signal: Float32Array, length: number): Promise<Float32Array> {
  const out = new Float32Array(length)
  for (let start = 0; start < length; start += chunk) {
    const from = Math.max(0, start - margin)
    const to = Math.min(length, start + chunk + margin)
    const size = Math.ceil((to - from) / stride) * stride
    const data = new Float32Array(2 * size)
    data.set(signal.subarray(from, to), 0)
    data.set(signal.subarray(length + from, length + to), size)
    const { probability } = await run('detector', { signal: { data, dims: [1, 2, size] } })
    if (probability === undefined) throw new Error('the detector gave no output `probability`')
    const end = Math.min(length, start + chunk)
    out.set(probability.data.subarray(start - from, end - from), start)
  }
  return out
}

async function classify(
  model: EcgModel,
  ready: ReturnType<typeof prepare>,
  found: readonly Pick<Peak, 'at' | 'probability'>[],
  at: readonly number[],
  fs: number,
): Promise<EcgBeat[]> {
  const peaks = found.map((peak) => Math.floor(peak.at + 0.5))
  const times = at.map((sample) => sample / fs)
  const inputs = describeBeats(ready.signal, ready.length, ready.present, peaks, times)
  const uneven = fibrillation(inputs.features)
  const out: EcgBeat[] = []
  for (let start = 0; start < inputs.count; start += row) {
    const from = Math.max(0, start - rowMargin)
    const to = Math.min(inputs.count, start + row + rowMargin)
    const wide = 4 * windowLength
    const { probability } = await model.run('classifier', {
      windows: { data: inputs.windows.subarray(from * wide, to * wide), dims: [to - from, 4, windowLength] },
      features: {
        data: inputs.features.subarray(from * featureCount, to * featureCount),
        dims: [to - from, featureCount],
      },
    })
    if (probability === undefined) throw new Error('the classifier gave no output `probability`')
    for (let i = start; i < Math.min(inputs.count, start + row); i++) {
      const raw = probability.data.subarray((i - from) * 5, (i - from + 1) * 5)
      out.push(beat(calibrate(raw, uneven[i] ?? 0, model.calibration), at[i] ?? 0, fs, found[i]?.probability ?? 1))
    }
  }
  return out
}

/** softmax(log p / temperature + bias), log p of S lowered first where there is fibrillation (0 to 1). */
export function calibrate(raw: Float32Array, uneven: number, calibration: EcgCalibration): number[] {
  const { temperature, bias } = calibration
  const z = [...raw].map((p, k) => {
    const log = Math.log(p + 1e-9) - (k === 1 ? calibration.fibrillation * uneven : 0)
    return log / temperature + (bias[k] ?? 0)
  })
  const top = Math.max(...z)
  const e = z.map((value) => Math.exp(value - top))
  const sum = e.reduce((a, b) => a + b, 0)
  return e.map((value) => value / sum)
}

function beat(p: readonly number[], sample: number, fs: number, there: number): EcgBeat {
  let best = 0
  for (const [k, value] of p.entries()) if (value > (p[best] ?? 0)) best = k
  const [n = 0, s = 0, v = 0, f = 0, q = 0] = p
  return {
    sample,
    timeS: sample / fs,
    class: beatClasses[best] ?? 'Q',
    probabilities: { N: n, S: s, V: v, F: f, Q: q },
    confidence: Math.min(1, (p[best] ?? 0) * there),
  }
}
