import type { TwoLeads } from './model.ts'
import type { Random } from './random.ts'

/** What disturbs a recording; each is left out unless asked for. Amplitudes in mV, at the electrode. */
export interface EcgNoise {
  /** Slow drift by breathing and skin, peak. */
  readonly baselineWanderMv?: number
  /** Mains hum, peak. */
  readonly mainsMv?: number
  readonly mainsHz?: 50 | 60
  /** Muscle noise, root mean square; comes in bursts. */
  readonly muscleMv?: number
  /** Jumps of a moving electrode, peak; one in `electrodeMotionEverySeconds` on average (default 8). */
  readonly electrodeMotionMv?: number
  readonly electrodeMotionEverySeconds?: number
  /** A lead that fell off: a flat line of 0 mV in between. */
  readonly flat?: { readonly lead: 0 | 1; readonly fromSeconds: number; readonly toSeconds: number }
  /** The amplifier gives no more than this to either side. */
  readonly clippingMv?: number
}

const TURN = 2 * Math.PI

/** Adds noise to both leads, in place, in the order in which it arises: body, skin, cable, amplifier. */
export function disturb(leads: TwoLeads, fs: number, noise: EcgNoise, streamOf: (name: string) => Random): void {
  for (const [index, samples] of leads.entries()) {
    if (noise.baselineWanderMv) addWander(samples, fs, noise.baselineWanderMv, streamOf(`wander ${index}`))
    if (noise.muscleMv) addMuscle(samples, fs, noise.muscleMv, streamOf(`muscle ${index}`))
    if (noise.electrodeMotionMv) {
      const every = noise.electrodeMotionEverySeconds ?? 8
      addMotion(samples, fs, noise.electrodeMotionMv, every, streamOf(`motion ${index}`))
    }
    if (noise.mainsMv) addMains(samples, fs, noise.mainsMv, noise.mainsHz ?? 50, streamOf(`mains ${index}`))
    const { flat, clippingMv } = noise
    if (flat !== undefined && flat.lead === index) {
      samples.fill(0, Math.round(flat.fromSeconds * fs), Math.round(flat.toSeconds * fs))
    }
    if (clippingMv !== undefined) clip(samples, clippingMv)
  }
}

/** Three slow sines below 0.5 Hz, where ECG filters are meant to cut. */
function addWander(samples: Float64Array, fs: number, peakMv: number, random: Random): void {
  const sines = [0.6, 0.25, 0.15].map((share, index) => ({
    height: share * peakMv,
    omega: TURN * random.between(0.05 + 0.12 * index, 0.12 + 0.15 * index),
    phase: random.between(0, TURN),
  }))
  for (let i = 0; i < samples.length; i++) {
    let sum = samples[i] as number
    for (const { height, omega, phase } of sines) sum += height * Math.sin((omega * i) / fs + phase)
    samples[i] = sum
  }
}

/** Hum with a fifth of third harmonic, swelling as the patient's distance to the cable changes. */
function addMains(samples: Float64Array, fs: number, peakMv: number, mainsHz: number, random: Random): void {
  const phase = random.between(0, TURN)
  const omega = (TURN * mainsHz) / fs
  // the third harmonic is left out where it would fold back into the band
  const third = 3 * mainsHz < fs / 2 ? 0.2 : 0
  for (let i = 0; i < samples.length; i++) {
    const swell = 0.9 + 0.1 * Math.sin((TURN * 0.2 * i) / fs + phase)
    const hum = Math.sin(omega * i + phase) + third * Math.sin(3 * omega * i)
    samples[i] = (samples[i] as number) + (peakMv * swell * hum) / (1 + third)
  }
}

/** White noise between about 20 and 150 Hz (two poles at one end, one at the other), in bursts of about a second. */
function addMuscle(samples: Float64Array, fs: number, rmsMv: number, random: Random): void {
  const highPass = Math.exp((-TURN * 20) / fs)
  const lowPass = 1 - Math.exp((-TURN * Math.min(150, fs / 3)) / fs)
  const burst = 1 - Math.exp(-1 / fs)
  const noise = new Float64Array(samples.length)
  let [slow, slower, smooth, strength] = [0, 0, 0, 1]
  let target = 1
  let power = 0
  for (let i = 0; i < noise.length; i++) {
    if (i % Math.max(1, Math.round(fs)) === 0) target = random.between(0.4, 1.8)
    strength += burst * 3 * (target - strength)
    const white = random.normal()
    slow = highPass * slow + (1 - highPass) * white
    slower = highPass * slower + (1 - highPass) * (white - slow)
    smooth += lowPass * (white - slow - slower - smooth)
    const value = strength * smooth
    noise[i] = value
    power += value * value
  }
  const scale = rmsMv / Math.sqrt(power / noise.length || 1)
  for (let i = 0; i < noise.length; i++) samples[i] = (samples[i] as number) + scale * (noise[i] as number)
}

/** A jump within 20 to 60 ms that dies away in 0.2 to 0.8 s, to either side. */
function addMotion(samples: Float64Array, fs: number, peakMv: number, everySeconds: number, random: Random): void {
  for (
    let at = random.between(0, everySeconds);
    at * fs < samples.length;
    at += random.between(0.4, 1.6) * everySeconds
  ) {
    const height = peakMv * random.between(0.4, 1) * (random.uniform() < 0.5 ? -1 : 1)
    const rise = random.between(0.02, 0.06)
    const fall = random.between(0.2, 0.8)
    // difference of two exponentials, scaled so that its peak is 1
    const peakAt = (Math.log(fall / rise) * rise * fall) / (fall - rise)
    const peak = Math.exp(-peakAt / fall) - Math.exp(-peakAt / rise)
    const last = Math.min(samples.length, Math.ceil((at + 8 * fall) * fs))
    for (let i = Math.ceil(at * fs); i < last; i++) {
      const t = i / fs - at
      samples[i] = (samples[i] as number) + (height / peak) * (Math.exp(-t / fall) - Math.exp(-t / rise))
    }
  }
}

function clip(samples: Float64Array, limitMv: number): void {
  for (let i = 0; i < samples.length; i++) samples[i] = Math.max(-limitMv, Math.min(limitMv, samples[i] as number))
}

/**
 * Fibrillatory waves: a saw tooth of four harmonics at 5 to 8 a second whose rate and height wander (Stridh and Sornmo,
 * IEEE Trans Biomed Eng 48:105, 2001). Twice as high in V1, which lies over the right atrium.
 */
export function addFibrillation(leads: TwoLeads, fs: number, random: Random): void {
  const basicHz = random.between(5.5, 7.2)
  const [drift, swell, phase] = [random.between(0, TURN), random.between(0, TURN), random.between(0, TURN)]
  const [ii, v1] = leads
  let angle = phase
  let wandering = 0
  for (let i = 0; i < ii.length; i++) {
    const t = i / fs
    wandering = 0.999 * wandering + 0.02 * random.normal()
    const rateHz = Math.max(4, Math.min(9, basicHz + 0.4 * Math.sin(TURN * 0.15 * t + drift) + wandering))
    angle += (TURN * rateHz) / fs
    let saw = 0
    for (let harmonic = 1; harmonic <= 4; harmonic++) saw += Math.sin(harmonic * angle) / harmonic
    const height = 0.045 * (1 + 0.35 * Math.sin(TURN * 0.3 * t + swell))
    ii[i] = (ii[i] as number) + 0.6 * height * saw
    v1[i] = (v1[i] as number) + 1.2 * height * saw
  }
}
