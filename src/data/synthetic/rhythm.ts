import type { Random } from './random.ts'

export type Rhythm = 'sinus' | 'bradycardia' | 'tachycardia' | 'atrial-fibrillation' | 'bigeminy'

export type BeatKind = 'normal' | 'fibrillating' | 'ventricular' | 'atrial'

export interface Beat {
  readonly kind: BeatKind
  /** Time of the R wave from the start of the recording; the first lies before 0, the last after the end. */
  readonly atSeconds: number
  /** To the next R wave. */
  readonly rrSeconds: number
}

export interface RhythmSettings {
  readonly rhythm: Rhythm
  readonly seconds: number
  readonly heartRateBpm: number
  readonly heartRateSdBpm: number
  readonly pvcPerMinute: number
  readonly pacPerMinute: number
}

/** Heart rate in beats a minute where none is asked for. */
export const usualRateBpm: Readonly<Record<Rhythm, number>> = {
  sinus: 70,
  bradycardia: 45,
  tachycardia: 130,
  'atrial-fibrillation': 95,
  bigeminy: 75,
}

/** Mayer waves and breathing: centre in Hz, width in Hz, share of the variance (LF/HF 0.5), McSharry et al. 2003, III. */
const BANDS = [
  { centreHz: 0.1, widthHz: 0.01, share: 1 / 3 },
  { centreHz: 0.25, widthHz: 0.01, share: 2 / 3 },
]
const LINES_A_BAND = 24

const SHORTEST_RR_SECONDS = 0.25
const SETTLING_SECONDS = 6
/** Variation of RR in fibrillation without treatment, SD over mean: 0.2 to 0.25 (Langley et al. 2005). */
const FIBRILLATION_SPREAD = 0.22

/** The beats of a recording, in order. Ectopic beats come early; what follows them is the pause of their kind. */
export function beatsOf(settings: RhythmSettings, random: Random): Beat[] {
  const meanRr = 60 / settings.heartRateBpm
  const variation = rrVariation(random)
  // the spread of RR that a spread of the rate means: RR = 60 / rate
  const sdRr = (settings.heartRateSdBpm * meanRr * meanRr) / 60
  const basicRr = (at: number): number => {
    if (settings.rhythm !== 'atrial-fibrillation') return meanRr + sdRr * variation(at)
    const spread = FIBRILLATION_SPREAD
    return meanRr * Math.exp(spread * random.normal() - (spread * spread) / 2)
  }
  const usual: BeatKind = settings.rhythm === 'atrial-fibrillation' ? 'fibrillating' : 'normal'
  const pvcShare = settings.pvcPerMinute / settings.heartRateBpm
  const pacShare = usual === 'fibrillating' ? 0 : settings.pacPerMinute / settings.heartRateBpm

  const beats: Beat[] = []
  // the model needs some seconds to settle before the recording begins
  let at = -random.between(SETTLING_SECONDS, SETTLING_SECONDS + meanRr)
  let kind: BeatKind = usual
  let pause: number | null = null
  while (at < settings.seconds + 2) {
    const basic = Math.max(SHORTEST_RR_SECONDS, basicRr(at))
    let rr: number = pause ?? basic
    let next: BeatKind = usual
    pause = null
    const isDue = settings.rhythm === 'bigeminy' && kind === usual
    const draw = random.uniform()
    // never two ectopic beats in a row; at least one basic beat between them
    if (kind === usual && (isDue || draw < pvcShare)) {
      next = 'ventricular'
      rr = basic * random.between(0.55, 0.65)
      // fully compensatory: the sinus node is not reset, so the two intervals make two basic ones
      pause = 2 * basic - rr
    } else if (kind === usual && draw < pvcShare + pacShare) {
      next = 'atrial'
      rr = basic * random.between(0.62, 0.72)
      // not compensatory: the sinus node is reset and starts again a little late
      pause = basic * random.between(1.05, 1.15)
    }
    rr = Math.max(SHORTEST_RR_SECONDS, rr)
    beats.push({ kind, atSeconds: at, rrSeconds: rr })
    at += rr
    kind = next
  }
  return beats
}

/** Variation of RR over time, mean 0 and SD 1, whose spectrum is the two bands: a sum of lines with random phases. */
function rrVariation(random: Random): (atSeconds: number) => number {
  const lines = BANDS.flatMap(({ centreHz, widthHz, share }) => {
    const band = Array.from({ length: LINES_A_BAND }, (_, index) => {
      // spread over 3 widths to either side, jittered so that the sum has no short period
      const offset = ((index + random.uniform()) / LINES_A_BAND) * 6 - 3
      const frequencyHz = centreHz + offset * widthHz
      return { frequencyHz, power: Math.exp((-offset * offset) / 2), phase: random.between(0, 2 * Math.PI) }
    })
    const total = band.reduce((sum, { power }) => sum + power, 0)
    return band.map(({ frequencyHz, phase, power }) => {
      // a cosine of amplitude A has the variance A^2 / 2
      return { frequencyHz, phase, amplitude: Math.sqrt((2 * share * power) / total) }
    })
  })
  return (at) =>
    lines.reduce((sum, line) => sum + line.amplitude * Math.cos(2 * Math.PI * line.frequencyHz * at + line.phase), 0)
}
