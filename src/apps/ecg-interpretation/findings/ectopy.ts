/** Early beats from the ventricles and from above: alone, in pairs, in runs, in alternation. Pure. */
import type { EcgAnswer } from '../contract.ts'
import { clock, type Draft } from './finding.ts'
import type { Interval } from './intervals.ts'
import { alternations, type Run, runsOf } from './runs.ts'

const sustainedS = 30
const fastBpm = 100
const frequentShare = 0.1
const frequentPerHour = 30

export function ventricularDrafts(answer: EcgAnswer, intervals: readonly Interval[]): Draft[] {
  const runs = runsOf(answer.beats, intervals, 'V')
  const long = runs.filter(({ count }) => count >= 3)
  const fast = long.filter(({ bpm }) => (bpm ?? 0) > fastBpm)
  const bigeminy = alternations(answer.beats, intervals, 2)
  const trigeminy = alternations(answer.beats, intervals, 3)
  return [
    ...runDraft(
      answer,
      'ventricular-run-sustained',
      'critical',
      fast.filter(({ seconds }) => seconds >= sustainedS),
    ),
    ...runDraft(
      answer,
      'ventricular-run',
      'urgent',
      fast.filter(({ seconds }) => seconds < sustainedS),
    ),
    ...runDraft(
      answer,
      'ventricular-slow-run',
      'attention',
      long.filter(({ bpm }) => (bpm ?? 0) <= fastBpm),
    ),
    ...countDraft(
      answer,
      'ventricular-couplet',
      runs.filter(({ count }) => count === 2),
    ),
    ...countDraft(answer, 'ventricular-bigeminy', bigeminy),
    ...countDraft(answer, 'ventricular-trigeminy', trigeminy),
    ...burdenDraft(answer, 'V', runs, 'ventricular-frequent', 'ventricular-isolated', false),
  ]
}

/** Not while the rhythm is irregular without a pattern: early beats have no meaning then. */
export function supraventricularDrafts(answer: EcgAnswer, intervals: readonly Interval[]): Draft[] {
  const runs = runsOf(answer.beats, intervals, 'S')
  const fast = runs.filter(({ count, bpm }) => count >= 3 && (bpm ?? 0) > fastBpm)
  const isExcessive = runs.some(({ count }) => count >= 20)
  return [
    ...runDraft(
      answer,
      'supraventricular-run-long',
      'urgent',
      fast.filter(({ seconds }) => seconds >= sustainedS),
    ),
    ...runDraft(
      answer,
      'supraventricular-run',
      'attention',
      fast.filter(({ seconds }) => seconds < sustainedS),
    ),
    ...burdenDraft(answer, 'S', runs, 'supraventricular-frequent', 'supraventricular-isolated', isExcessive),
  ]
}

function runDraft(answer: EcgAnswer, code: Draft['code'], severity: Draft['severity'], found: readonly Run[]): Draft[] {
  const runs = found.toSorted((a, b) => b.count - a.count)
  const longest = runs[0]
  if (longest === undefined) return []
  const fastest = runs.reduce((most, { bpm }) => Math.max(most, bpm ?? 0), 0)
  const when = clock(answer.beats[longest.from]?.timeS ?? 0)
  return [
    {
      code,
      severity,
      places: runs,
      // early P waves are not looked for
      ...(code.startsWith('supra') ? { atMost: 'moderate' as const } : {}),
      measures: { runs: runs.length, longestBeats: longest.count, longestS: longest.seconds, fastestBpm: fastest },
      en: `${runs.length} in all; the longest ${longest.count} beats in ${longest.seconds.toFixed(1)} s at ${when}, the fastest ${Math.round(fastest)}/min.`,
      zh: `共 ${runs.length} 阵；最长一阵 ${longest.count} 搏，历时 ${longest.seconds.toFixed(1)} 秒，位于 ${when}；最快 ${Math.round(fastest)} 次/分。`,
    },
  ]
}

function countDraft(answer: EcgAnswer, code: Draft['code'], found: readonly Run[]): Draft[] {
  const first = found.toSorted((a, b) => b.count - a.count)
  const [longest] = first
  if (longest === undefined) return []
  const when = clock(answer.beats[longest.from]?.timeS ?? 0)
  return [
    {
      code,
      severity: 'attention',
      places: first,
      measures: { count: found.length, longestBeats: longest.count },
      en: `${found.length} in all; see ${when}.`,
      zh: `共 ${found.length} 处，可见于 ${when}。`,
    },
  ]
}

function burdenDraft(
  answer: EcgAnswer,
  kind: 'S' | 'V',
  runs: readonly Run[],
  frequent: Draft['code'],
  isolated: Draft['code'],
  isExcessive: boolean,
): Draft[] {
  const count = runs.reduce((sum, run) => sum + run.count, 0)
  if (count === 0) return []
  const share = count / answer.beats.length
  const hours = answer.durationS / 3600
  const perHour = hours >= 1 ? count / hours : null
  const isMany = perHour !== null && (kind === 'V' ? perHour > frequentPerHour : perHour >= frequentPerHour)
  // the share counts at any length for V (ESC 2022); for S only where an hourly figure would be an extrapolation
  const isLargeShare = count >= 3 && share >= frequentShare && (kind === 'V' || perHour === null)
  const isFrequent = isMany || isLargeShare || isExcessive
  const percent = (100 * share).toFixed(share < 0.1 ? 1 : 0)
  const [hourEn, hourZh] =
    perHour === null ? ['', ''] : [`, ${Math.round(perHour)} an hour`, `，每小时 ${Math.round(perHour)} 次`]
  return [
    {
      code: isFrequent ? frequent : isolated,
      severity: isFrequent ? 'attention' : 'note',
      places: runs.toSorted((a, b) => b.count - a.count),
      ...(kind === 'S' ? { atMost: 'moderate' as const } : {}),
      measures: { count, share, perHour },
      en: `${count} of ${answer.beats.length} beats (${percent} %)${hourEn}.`,
      zh: `${answer.beats.length} 个心搏中有 ${count} 个（${percent}%）${hourZh}。`,
    },
  ]
}
