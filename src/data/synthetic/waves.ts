import type { BeatKind } from './rhythm.ts'

/**
 * One Gaussian of the model, as it is at 60 beats a minute. `pace` says how its time and width follow the interval
 * between beats: by its square root for repolarisation (Bazett), by its fourth root for the P wave, not at all for QRS.
 */
export interface Wave {
  /** Relative to the R wave, s. */
  readonly atSeconds: number
  readonly widthSeconds: number
  /** Lead II and lead V1. */
  readonly amplitudesMv: readonly [number, number]
  readonly pace: 0 | 0.25 | 0.5
}

function wave(atSeconds: number, widthSeconds: number, ii: number, v1: number, pace: Wave['pace'] = 0): Wave {
  return { atSeconds, widthSeconds, amplitudesMv: [ii, v1], pace }
}

/** Two Gaussians: a T wave rises slowly and falls fast. */
const T_WAVE = [wave(0.24, 0.05, 0.14, 0.05, 0.5), wave(0.285, 0.031, 0.19, 0.06, 0.5)]

const QRS = [wave(-0.026, 0.008, -0.1, 0), wave(-0.002, 0.0105, 1.12, 0.22), wave(0.026, 0.0105, -0.2, -0.85)]

/** In V1 the right atrium comes first and positive, the left later and negative. */
const P_WAVE = [wave(-0.172, 0.018, 0.08, 0.07, 0.25), wave(-0.148, 0.018, 0.07, -0.06, 0.25)]

/** From a focus low in the atrium: early, small, turned in lead II. */
const ECTOPIC_P_WAVE = [wave(-0.128, 0.017, -0.09, 0.06, 0.25)]

/** From the left ventricle: no P, a notched QRS of 150 ms, ST and T against it. */
const VENTRICULAR = [
  wave(-0.038, 0.02, 0.35, 0.45),
  wave(0, 0.024, 1.45, 0.95),
  wave(0.062, 0.026, -0.5, 0.2),
  wave(0.2, 0.07, -0.16, -0.2, 0.5),
  wave(0.29, 0.048, -0.42, -0.3, 0.5),
]

export const wavesOf: Readonly<Record<BeatKind, readonly Wave[]>> = {
  normal: [...P_WAVE, ...QRS, ...T_WAVE],
  fibrillating: [...QRS, ...T_WAVE],
  atrial: [...ECTOPIC_P_WAVE, ...QRS, ...T_WAVE],
  ventricular: VENTRICULAR,
}
