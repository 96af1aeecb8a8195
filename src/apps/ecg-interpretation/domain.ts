/** From the model's beats to findings: every rule with its threshold and source stands in `findings/`. Pure. */
import type { NewFinding } from '../kit/case/contract.ts'
import { ranked } from '../kit/case/domain.ts'
import type { EcgAnswer } from './contract.ts'
import { supraventricularDrafts, ventricularDrafts } from './findings/ectopy.ts'
import { fibrillationSeconds, irregularEpisodes, supraventricular } from './findings/fibrillation.ts'
import { clock, type Draft, findingOf } from './findings/finding.ts'
import { type Interval, rateBpm, usableIntervals } from './findings/intervals.ts'
import { irregularityOf, isPatternless } from './findings/irregularity.ts'
import { pauseDrafts, rateDrafts, signalDrafts } from './findings/rate.ts'

/** Above this rate fibrillation is urgent: the lenient limit of rate control (ESC 2020, Eur Heart J 42:373). */
const fastFibrillationBpm = 110

/**
 * Findings of one answer, the most urgent first. Beats in unreadable stretches are not used. `isSilent` tells whether the
 * signal between two samples holds nothing like a beat; only then is a long RR a pause.
 */
export function interpret(given: EcgAnswer, isSilent: (from: number, to: number) => boolean): NewFinding[] {
  const answer = { ...given, beats: readableBeats(given) }
  const intervals = usableIntervals(answer.beats, answer.unreadable)
  const irregular = irregularDrafts(answer, intervals)
  const drafts = [
    ...ventricularDrafts(answer, intervals),
    ...pauseDrafts(answer, intervals, isSilent),
    ...irregular,
    ...rateDrafts(answer, intervals),
    ...(irregular.length === 0 ? supraventricularDrafts(answer, intervals) : []),
    ...signalDrafts(answer, intervals),
  ]
  return ranked([...drafts, ...regularDraft(answer, intervals, drafts)].map((draft) => findingOf(answer, draft)))
}

function readableBeats({ beats, unreadable }: EcgAnswer): EcgAnswer['beats'] {
  return beats.filter(({ timeS }) => !unreadable.some(({ startS, endS }) => timeS >= startS && timeS <= endS))
}

function irregularDrafts(answer: EcgAnswer, intervals: readonly Interval[]): Draft[] {
  const episodes = irregularEpisodes(answer.beats, intervals).toSorted((a, b) => b.seconds - a.seconds)
  const above = supraventricular(answer.beats, intervals)
  const timeOf = (k: number) => answer.beats[k]?.timeS ?? 0
  const longest = episodes[0]
  if (longest !== undefined) {
    const inside = intervals.filter(({ beat }) => episodes.some(({ from, to }) => beat > from && beat <= to))
    const bpm = rateBpm(inside) ?? 0
    const total = episodes.reduce((sum, { seconds }) => sum + seconds, 0)
    const [rate, seconds, when] = [Math.round(bpm), Math.round(longest.seconds), clock(timeOf(longest.from))]
    return [
      {
        code: 'irregular-suggests-af',
        severity: bpm > fastFibrillationBpm ? 'urgent' : 'attention',
        places: episodes,
        // without P waves the rhythm is suspected and not shown
        atMost: 'moderate',
        measures: { episodes: episodes.length, totalS: total, longestS: longest.seconds, meanBpm: bpm },
        en: `${episodes.length} episodes, ${Math.round(total)} s in all; the longest ${seconds} s from ${when}; ventricular rate ${rate}/min. The evidence is RR irregularity alone: P waves are not assessed.`,
        zh: `共 ${episodes.length} 段，合计 ${Math.round(total)} 秒；最长 ${seconds} 秒，始于 ${when}；心室率 ${rate} 次/分。依据仅为 RR 间期不齐，未评估 P 波。`,
      },
    ]
  }
  const [first, last] = [above[0], above.at(-1)]
  if (answer.durationS >= 1.5 * fibrillationSeconds || first === undefined || last === undefined) return []
  const found = isPatternless(above) ? irregularityOf(above) : null
  if (found === null) return []
  const percent = Math.round(100 * found.nrmssd)
  return [
    {
      code: 'irregular-rhythm',
      severity: 'attention',
      places: [{ from: first.beat - 1, to: last.beat }],
      atMost: 'low',
      measures: { nrmssd: found.nrmssd, turningRatio: found.turningRatio, intervals: above.length },
      en: `Successive RR intervals differ by ${percent} % (root mean square). Record 30 s or more to tell.`,
      zh: `相邻 RR 间期差异为 ${percent}%（均方根）。请记录 30 秒以上以便判断。`,
    },
  ]
}

/** Said only where nothing else speaks of rhythm: a normal statement beside an abnormal one would be read first. */
function regularDraft(answer: EcgAnswer, intervals: readonly Interval[], others: readonly Draft[]): Draft[] {
  const harmless = new Set(['ventricular-isolated', 'supraventricular-isolated', 'poor-signal', 'gap-unclear'])
  if (others.some(({ code }) => !harmless.has(code))) return []
  const bpm = rateBpm(intervals)
  const normal = answer.beats.filter((beat) => beat.class === 'N')
  if (bpm === null || normal.length / answer.beats.length < 0.9) return []
  const rate = Math.round(bpm)
  const isVarying = (irregularityOf(intervals)?.changingShare ?? 0) >= 0.5
  return [
    {
      code: isVarying ? 'varying-rhythm' : 'regular-rhythm',
      severity: isVarying ? 'note' : 'normal',
      places: [{ from: 0, to: Math.min(9, answer.beats.length - 1) }],
      weighed: answer.beats,
      atMost: 'moderate',
      measures: { meanBpm: bpm },
      en: `Mean rate ${rate}/min over ${answer.beats.length} beats. P waves are not assessed.`,
      zh: `平均心率 ${rate} 次/分，共 ${answer.beats.length} 个心搏。未评估 P 波。`,
    },
  ]
}
