import type { Beat } from './rhythm.ts'
import { wavesOf } from './waves.ts'

/** Both leads in mV, `[frames]` each, without noise. */
export type TwoLeads = readonly [Float64Array, Float64Array]

const TURN = 2 * Math.PI
const LONGEST_STEP_SECONDS = 0.004
/** Where a Gaussian is below 4e-6 of its height, it is left out. */
const REACH = 5
const WINDOW_SECONDS = 0.5
/** How far breathing lifts the rest line (z0 of the model). */
const BREATHING_MV = 0.02
const BREATHING_HZ = 0.25
/** How far breathing changes the height of all waves: the heart turns and the electrode moves away from it. */
const BREATHING_SHARE = 0.04

/** One Gaussian of one beat: time of its centre from the start, width, heights in both leads. */
interface Placed {
  readonly at: number
  readonly width: number
  readonly ii: number
  readonly v1: number
}

/**
 * The dynamical model of McSharry, Clifford, Tarassenko and Smith, IEEE Trans Biomed Eng 50:289 (2003), by Runge-Kutta
 * of order 4. A point (x, y) is drawn to the unit circle and goes round it once from R wave to R wave; each wave pulls z
 * as the point passes its angle:
 *
 *     x' = (1 - r) x - w y      y' = (1 - r) y + w x
 *     z' = - sum a dtheta exp(-dtheta^2 / (2 b^2)) - (z - z0(t))
 *
 * Two leads are two z on the same circle. Angles and widths are set for each beat from times, theta = w t and b = w s,
 * and a = A w / b^2, so that a wave keeps its duration s and height A (mV) whatever the interval.
 */
export function integrate(beats: readonly Beat[], frames: number, fs: number): TwoLeads {
  const waves = placeWaves(beats)
  const first = new Float64Array(frames)
  const second = new Float64Array(frames)
  const [start] = beats
  if (start === undefined) return [first, second]

  const perFrame = Math.ceil(1 / fs / LONGEST_STEP_SECONDS)
  const step = 1 / fs / perFrame
  // begun at the first R wave, whole steps before the first frame, so that z is settled by then
  const early = Math.floor(-start.atSeconds / step)
  let beat = 0
  let omega = TURN / start.rrSeconds
  const angle = omega * (-early * step - start.atSeconds)
  const state = [Math.cos(angle), Math.sin(angle), 0, 0]
  let from = 0
  const active: Placed[] = []

  for (let n = -early; n < (frames - 1) * perFrame + 1; n++) {
    const time = n * step
    if (n >= 0 && n % perFrame === 0) {
      first[n / perFrame] = state[2] as number // four elements
      second[n / perFrame] = state[3] as number
    }
    // waves are ordered by their centre, and none reaches further than WINDOW_SECONDS
    while (from < waves.length && (waves[from] as Placed).at < time + WINDOW_SECONDS)
      active.push(waves[from++] as Placed)
    if (active.length > 0 && (active[0] as Placed).at < time - WINDOW_SECONDS) active.shift()

    rungeKutta(state, step, time, omega, (beats[beat] as Beat).atSeconds, active)

    const turned = Math.atan2(state[1] as number, state[0] as number)
    const now = beats[beat] as Beat
    if (time + step >= now.atSeconds + now.rrSeconds && beat + 1 < beats.length) {
      // past the R wave: the little angle gone since then was gone at the old speed, and is turned into the new
      const next = TURN / (beats[++beat] as Beat).rrSeconds
      const radius = Math.hypot(state[0] as number, state[1] as number)
      state[0] = radius * Math.cos((turned * next) / omega)
      state[1] = radius * Math.sin((turned * next) / omega)
      omega = next
    }
  }
  return [first, second]
}

function placeWaves(beats: readonly Beat[]): Placed[] {
  const placed = beats.flatMap((beat, index) => {
    const before = beats[index - 1]?.rrSeconds ?? beat.rrSeconds
    return wavesOf[beat.kind].map(({ atSeconds, widthSeconds, amplitudesMv, pace }) => {
      // repolarisation follows the interval before the beat; a heart doesn't know how long the next one will be
      const scale = Math.min(1.15, Math.max(0.5, before)) ** pace
      const at = beat.atSeconds + atSeconds * scale
      const height = 1 + BREATHING_SHARE * Math.sin(TURN * BREATHING_HZ * at)
      return { at, width: widthSeconds * scale, ii: amplitudesMv[0] * height, v1: amplitudesMv[1] * height }
    })
  })
  return placed.sort((a, b) => a.at - b.at)
}

const k1 = new Float64Array(4)
const k2 = new Float64Array(4)
const k3 = new Float64Array(4)
const k4 = new Float64Array(4)
const trial = [0, 0, 0, 0]

/** Moves `state` (x, y, z of lead II, z of V1) on by one step. */
function rungeKutta(
  state: number[],
  step: number,
  time: number,
  omega: number,
  lastR: number,
  active: readonly Placed[],
): void {
  slope(k1, state, time, omega, lastR, active)
  slope(k2, shifted(state, k1, step / 2), time + step / 2, omega, lastR, active)
  slope(k3, shifted(state, k2, step / 2), time + step / 2, omega, lastR, active)
  slope(k4, shifted(state, k3, step), time + step, omega, lastR, active)
  for (let i = 0; i < 4; i++) {
    const mean = ((k1[i] as number) + 2 * (k2[i] as number) + 2 * (k3[i] as number) + (k4[i] as number)) / 6
    state[i] = (state[i] as number) + step * mean
  }
}

function shifted(state: readonly number[], slopes: Float64Array, by: number): number[] {
  for (let i = 0; i < 4; i++) trial[i] = (state[i] as number) + by * (slopes[i] as number)
  return trial
}

function slope(
  out: Float64Array,
  state: readonly number[],
  time: number,
  omega: number,
  lastR: number,
  active: readonly Placed[],
): void {
  const [x, y, z1, z2] = state as [number, number, number, number]
  const pull = 1 - Math.sqrt(x * x + y * y)
  out[0] = pull * x - omega * y
  out[1] = pull * y + omega * x
  const rest = BREATHING_MV * Math.sin(TURN * BREATHING_HZ * time)
  // the angle since the last R wave: of all that differ by whole turns, the one that the clock says
  const turned = Math.atan2(y, x)
  const theta = turned + TURN * Math.round((omega * (time - lastR) - turned) / TURN)
  let pull1 = 0
  let pull2 = 0
  for (let i = 0; i < active.length; i++) {
    const { at, width, ii, v1 } = active[i] as Placed
    const b = omega * width
    const delta = theta - omega * (at - lastR)
    if (delta > REACH * b || delta < -REACH * b) continue
    const a = (omega / (b * b)) * delta * Math.exp((-delta * delta) / (2 * b * b))
    pull1 += ii * a
    pull2 += v1 * a
  }
  out[2] = -pull1 - (z1 - rest)
  out[3] = -pull2 - (z2 - rest)
}
