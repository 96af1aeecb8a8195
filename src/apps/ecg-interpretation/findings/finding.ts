/** One finding in the making: where it is seen, how sure it is, and its words. Pure. */
import type { NewFinding, Pointer } from '../../kit/case/contract.ts'
import type { Severity, Sureness } from '../../kit/case/domain.ts'
import type { EcgAnswer, EcgBeat } from '../contract.ts'
import { dictionary, type FindingCode } from './words.ts'

/** At most so many places are pointed at; the first is where to look first. */
const pointersShown = 20
const beatsShown = 200

export interface Draft {
  readonly code: FindingCode
  readonly severity: Severity
  /** Beats that it rests on, by index of first and last; the most telling first. */
  readonly places: readonly { readonly from: number; readonly to: number }[]
  /** Of which beats the mean probability counts; by default all of the places. */
  readonly weighed?: readonly EcgBeat[]
  /** The most that may be said where the evidence is indirect. */
  readonly atMost?: 'moderate' | 'low'
  readonly measures: NewFinding['measures']
  readonly en: string
  readonly zh: string
}

/** Steps of our own: nine in ten and seven in ten of the beats are as the model says, by its calibrated probability. */
const highFrom = 0.9
const moderateFrom = 0.7

export function surenessOf(confidence: number | null, readableShare: number, atMost?: 'moderate' | 'low'): Sureness {
  if (confidence === null || confidence < moderateFrom || readableShare < 0.8 || atMost === 'low') return 'low'
  return confidence < highFrom || atMost === 'moderate' ? 'moderate' : 'high'
}

export function findingOf(answer: EcgAnswer, draft: Draft): NewFinding {
  const { code, severity, places, measures } = draft
  const words = dictionary[code]
  const confidence = meanConfidence(draft.weighed ?? places.flatMap(({ from, to }) => answer.beats.slice(from, to + 1)))
  return {
    code,
    severity,
    sureness: surenessOf(confidence, answer.readableShare, draft.atMost),
    confidence,
    words: { en: { title: words.en, detail: draft.en }, zh: { title: words.zh, detail: draft.zh } },
    measures,
    pointers: places.slice(0, pointersShown).map((place) => pointerTo(answer, place)),
  }
}

function pointerTo(answer: EcgAnswer, { from, to }: { readonly from: number; readonly to: number }): Pointer {
  const beats = answer.beats.slice(from, Math.min(to + 1, from + beatsShown)).map(({ sample }) => sample)
  const leads = answer.leads.filter(({ used }) => used).map(({ name }) => name)
  return { leads, startS: answer.beats[from]?.timeS ?? 0, endS: answer.beats[to]?.timeS ?? 0, beats }
}

function meanConfidence(beats: readonly EcgBeat[]): number | null {
  if (beats.length === 0) return null
  return beats.reduce((sum, beat) => sum + beat.confidence, 0) / beats.length
}

/** h:mm:ss of the recording. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}
