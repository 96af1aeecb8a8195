/** Whether a gap between two beats is silent, or holds something as steep as a beat. Pure. */
import type { EcgAnswer, EcgInput } from '../contract.ts'

/** Steepness is the largest change within this time: a QRS rises within it, T waves and wander do not. */
const riseS = 0.02
const beatHalfWidthS = 0.06
/** After the first beat its T wave, before the second its onset: neither belongs to the gap. */
const afterS = 0.4
const beforeS = 0.15
/** Half of a usual beat's steepness: our own step. */
const steepShare = 0.5
const beatsLookedAt = 200

/**
 * For the beats of an answer: whether the gap after one sample and before another is silent in at least one of the leads
 * that were read. A gap that is steep in each of them holds a beat that was missed, or noise.
 */
export function gapsOf(input: EcgInput, answer: EcgAnswer): (from: number, to: number) => boolean {
  const used = new Set(answer.leads.filter((lead) => lead.used).map(({ name }) => name))
  const half = Math.round(beatHalfWidthS * input.fs)
  const rise = Math.max(1, Math.round(riseS * input.fs))
  const every = Math.max(1, Math.floor(answer.beats.length / beatsLookedAt))
  const leads = input.leads
    .filter(({ name }) => used.has(name))
    .map(({ samplesMv }) => {
      const usual = answer.beats
        .filter((_, k) => k % every === 0)
        .map(({ sample }) => steepest(samplesMv, sample - half, sample + half, rise))
        .toSorted((a, b) => a - b)
      return { samplesMv, usual: usual[Math.floor(usual.length / 2)] ?? 0 }
    })
  return (from, to) => {
    const start = from + Math.round(afterS * input.fs)
    const end = to - Math.round(beforeS * input.fs)
    return leads.some(({ samplesMv, usual }) => usual > 0 && steepest(samplesMv, start, end, rise) < steepShare * usual)
  }
}

/** Largest change over `rise` samples between two places, mV; samples without a value are passed over. */
function steepest(samples: Float32Array, from: number, to: number, rise: number): number {
  let most = 0
  for (let i = Math.max(0, from); i + rise < Math.min(to, samples.length); i++) {
    const change = Math.abs((samples[i + rise] ?? 0) - (samples[i] ?? 0))
    if (change > most) most = change
  }
  return most
}
