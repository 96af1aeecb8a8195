/**
 * Signal preparation, the same arithmetic in the same order as `recipes/ecg/dsp.py`; both are tested on
 * `recipes/ecg/fixtures/cases.json`. A recording of any rate becomes two leads at 125 Hz, without mains and baseline,
 * in units of its own QRS height.
 */

/** Rate inside the model, Hz. */
export const rate = 125
/** Hz: keeps the QRS, leaves out 50 and 60 Hz mains. */
const cutoff = 40
/** s each side of the Hann-windowed sinc: about 10 Hz of transition. */
const halfWidthS = 0.16
/** Sub-sample positions of the kernel table: at 100 Hz a timing error below 0.08 ms. */
const phases = 64
/** Samples (0.6 s) of each of three running means; taking them off is a high-pass near 0.45 Hz. */
const box = 75
/** Samples (2 s). */
const scaleWindow = 250
/** mV: a lead whose typical 2 s span is below is taken as absent. */
export const flatMv = 0.02
/** In units of the typical 2 s span. */
const clip = 3

export interface Lead {
  readonly name: string
  /** Millivolts; NaN where the recorder has no value. */
  readonly samplesMv: Float32Array
}

export interface Prepared {
  /** Two leads of `length` samples at 125 Hz, one after the other. */
  readonly signal: Float32Array
  readonly length: number
  readonly present: readonly [boolean, boolean]
  /** Which leads of the input were read as first and second. */
  readonly order: readonly number[]
}

/** NaN takes the last value before it; at the start the first after it; nothing finite at all gives zeros. */
export function fillGaps(x: Float32Array): Float64Array {
  const out = new Float64Array(x.length)
  const first = x.findIndex(Number.isFinite)
  let last = first < 0 ? 0 : (x[first] as number) // found just above
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number // i < length
    if (Number.isFinite(value)) last = value
    out[i] = last
  }
  return out
}

/** Windowed-sinc resampling from `fs` Hz to 125 Hz; edges repeat the end values. */
export function resample(x: Float64Array, fs: number): Float64Array {
  const half = Math.ceil(halfWidthS * fs)
  const taps = 2 * half + 1
  const kernel = kernelTable(fs, half)
  const padded = new Float64Array(x.length + taps + 1)
  padded.fill(x[0] ?? 0, 0, half)
  padded.set(x, half)
  padded.fill(x.at(-1) ?? 0, half + x.length)
  const count = resampledLength(x.length, fs)
  const out = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const tick = Math.floor(i * (fs / rate) * phases + 0.5)
    const base = Math.floor(tick / phases)
    const row = (tick % phases) * taps
    let sum = 0
    for (let k = 0; k < taps; k++) sum += (padded[base + k] as number) * (kernel[row + k] as number) // inside: padded by taps + 1
    out[i] = sum
  }
  return out
}

export function resampledLength(samples: number, fs: number): number {
  return Math.floor((samples * rate) / fs + 1e-9)
}

/** [phases, 2 * half + 1] weights, each row with sum 1. */
function kernelTable(fs: number, half: number): Float64Array {
  const taps = 2 * half + 1
  const out = new Float64Array(phases * taps)
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0
    for (let k = 0; k < taps; k++) {
      const t = (k - half - phase / phases) / fs
      const angle = Math.PI * 2 * cutoff * t
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle
      const hann = Math.abs(t) < halfWidthS ? 0.5 + 0.5 * Math.cos((Math.PI * t) / halfWidthS) : 0
      out[phase * taps + k] = sinc * hann
      sum += sinc * hann
    }
    for (let k = phase * taps; k < (phase + 1) * taps; k++) out[k] = (out[k] as number) / sum // k is inside the row
  }
  return out
}

/** Mean over `width` (odd) samples around each one, over those that exist at the ends. */
export function runningMean(x: Float64Array, width: number): Float64Array {
  const n = x.length
  const half = Math.floor(width / 2)
  const total = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) total[i + 1] = (total[i] as number) + (x[i] as number) // i < n
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const low = Math.max(i - half, 0)
    const high = Math.min(i + half + 1, n)
    out[i] = ((total[high] as number) - (total[low] as number)) / (high - low) // both within 0..n
  }
  return out
}

export function removeBaseline(x: Float64Array): Float64Array {
  const slow = runningMean(runningMean(runningMean(x, box), box), box)
  return x.map((value, i) => value - (slow[i] as number)) // same length
}

/** Median over whole 2 s windows of max - min; the mean of the middle two when their number is even. */
export function typicalSpan(x: Float64Array): number {
  const width = Math.min(scaleWindow, x.length)
  const count = Math.max(1, Math.floor(x.length / scaleWindow))
  const spans = Array.from({ length: count }, (_, k) => {
    let low = Infinity
    let high = -Infinity
    for (const value of x.subarray(k * width, (k + 1) * width)) {
      if (value < low) low = value
      if (value > high) high = value
    }
    return high - low
  })
  return quantile(Float64Array.from(spans), 0.5)
}

/** Type 7 quantile (linear between order statistics); of nothing NaN. */
export function quantile(values: Float64Array, share: number): number {
  return quantileOfSorted(values.toSorted(), share)
}

export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share
  const low = Math.floor(at)
  const a = sorted[low] ?? Number.NaN
  return a + ((sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN) - a) * (at - low)
}

/** Which leads are read as first and second: limb lead II (MLII) first, V1 second, otherwise in the given order. */
export function leadOrder(names: readonly string[]): number[] {
  const plain = names.map((name) => name.toUpperCase().replace(/[^A-Z0-9]/g, ''))
  const found = plain.findIndex((name) => ['MLII', 'II', 'ML2', 'LEADII', 'LEAD2'].includes(name))
  const first = Math.max(0, found)
  const rest = plain.map((_, i) => i).filter((i) => i !== first)
  const second = rest.find((i) => ['V1', 'MV1', 'C1'].includes(plain[i] ?? '')) ?? rest[0]
  return second === undefined ? [first] : [first, second]
}

/** An absent or flat lead is zero and not `present`. */
export function prepare(leads: readonly Lead[], fs: number): Prepared {
  const order = leadOrder(leads.map((lead) => lead.name))
  const length = resampledLength(leads[0]?.samplesMv.length ?? 0, fs)
  const signal = new Float32Array(2 * length)
  const present: [boolean, boolean] = [false, false]
  for (const [row, index] of order.entries()) {
    const lead = leads[index]
    if (lead === undefined || length === 0) continue
    const clean = removeBaseline(resample(fillGaps(lead.samplesMv), fs))
    const span = typicalSpan(clean)
    if (span < flatMv) continue
    for (let i = 0; i < length; i++) {
      signal[row * length + i] = Math.max(-clip, Math.min(clip, (clean[i] as number) / span)) // clean has `length` samples
    }
    present[row === 0 ? 0 : 1] = true
  }
  return { signal, length, present, order }
}
