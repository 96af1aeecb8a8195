/** Rate, pauses, and what the signal allows to be said. Pure. */
import type { EcgAnswer } from '../contract.ts'
import { clock, type Draft } from './finding.ts'
import { extremeWindow, type Interval, rateBpm } from './intervals.ts'

const window = 8
const longPauseS = 3
const pauseS = 2

export function rateDrafts(answer: EcgAnswer, intervals: readonly Interval[]): Draft[] {
  const bpm = rateBpm(intervals)
  if (bpm === null || intervals.length < window) return []
  const isFast = bpm > 100
  if (!isFast && bpm >= 60) return []
  const extreme = extremeWindow(intervals, window, isFast ? 'fastest' : 'slowest')
  const code = isFast
    ? bpm >= 150
      ? 'tachycardia-marked'
      : 'tachycardia'
    : bpm < 40
      ? 'bradycardia-marked'
      : 'bradycardia'
  const severity = code.endsWith('-marked') ? 'urgent' : !isFast && bpm >= 50 ? 'note' : 'attention'
  const rate = Math.round(bpm)
  const far = extreme === null ? null : Math.round(extreme.bpm)
  const [farEn, farZh] = isFast ? ['fastest', '最快'] : ['slowest', '最慢']
  const placeEn =
    extreme === null ? '' : `; ${farEn} ${window} intervals ${far}/min at ${clock(timeOf(answer, extreme.from))}`
  const placeZh =
    extreme === null ? '' : `；${farZh}的 ${window} 个间期为 ${far} 次/分，位于 ${clock(timeOf(answer, extreme.from))}`
  return [
    {
      code,
      severity,
      places: extreme === null ? [] : [extreme],
      weighed: answer.beats,
      measures: { meanBpm: bpm, extremeBpm: extreme?.bpm ?? null },
      en: `Mean ventricular rate ${rate}/min${placeEn}.`,
      zh: `平均心室率 ${rate} 次/分${placeZh}。`,
    },
  ]
}

/** Pauses, the longest first; gaps in which the signal is as steep as a beat are told apart from them. */
export function pauseDrafts(
  answer: EcgAnswer,
  intervals: readonly Interval[],
  isSilent: (from: number, to: number) => boolean,
): Draft[] {
  const long = intervals.filter(({ seconds }) => seconds > pauseS).toSorted((a, b) => b.seconds - a.seconds)
  const sampleOf = (beat: number) => answer.beats[beat]?.sample ?? 0
  const silent = new Set(long.filter(({ beat }) => isSilent(sampleOf(beat - 1), sampleOf(beat))))
  const pauses = long.filter((one) => silent.has(one))
  const draft = (code: 'pause' | 'pause-long' | 'gap-unclear', found: readonly Interval[]): Draft[] => {
    const longest = found[0]
    if (longest === undefined) return []
    const seconds = longest.seconds.toFixed(1)
    const when = clock(timeOf(answer, longest.beat - 1))
    return [
      {
        code,
        severity: code === 'pause-long' ? 'urgent' : code === 'pause' ? 'attention' : 'note',
        places: found.map(({ beat }) => ({ from: beat - 1, to: beat })),
        // a small beat that was not found looks the same
        atMost: 'moderate',
        measures: { count: found.length, longestS: longest.seconds },
        en: `${found.length} in all, the longest ${seconds} s at ${when}.`,
        zh: `共 ${found.length} 次，最长 ${seconds} 秒，位于 ${when}。`,
      },
    ]
  }
  return [
    ...draft(
      'pause-long',
      pauses.filter(({ seconds }) => seconds > longPauseS),
    ),
    ...draft(
      'pause',
      pauses.filter(({ seconds }) => seconds <= longPauseS),
    ),
    ...draft(
      'gap-unclear',
      long.filter((one) => !silent.has(one)),
    ),
  ]
}

export function signalDrafts(answer: EcgAnswer, intervals: readonly Interval[]): Draft[] {
  const out: Draft[] = []
  const { beats, unreadable, readableShare } = answer
  if (intervals.length < window) {
    out.push({
      code: 'too-few-beats',
      severity: 'note',
      places: [],
      weighed: beats,
      measures: { beats: beats.length, intervals: intervals.length },
      en: `${beats.length} beats and ${intervals.length} usable intervals; ${window} intervals are needed.`,
      zh: `共 ${beats.length} 个心搏、${intervals.length} 个可用间期；至少需要 ${window} 个间期。`,
    })
  }
  if (unreadable.length > 0) {
    const percent = Math.round(100 * readableShare)
    out.push({
      code: 'poor-signal',
      severity: 'note',
      places: unreadable.flatMap(({ startS, endS }) => {
        const from = beats.findIndex(({ timeS }) => timeS >= startS)
        const to = beats.findLastIndex(({ timeS }) => timeS <= endS)
        return from < 0 || to < from ? [] : [{ from, to }]
      }),
      measures: { pieces: unreadable.length, readableShare },
      en: `${unreadable.length} pieces of 10 s, the first at ${clock(unreadable[0]?.startS ?? 0)}; ${percent} % of the pieces looked at can be read.`,
      zh: `共 ${unreadable.length} 段（每段 10 秒），首段位于 ${clock(unreadable[0]?.startS ?? 0)}；所查各段中 ${percent}% 可判读。`,
    })
  }
  const other = beats.filter((beat) => beat.class === 'Q')
  if (beats.length > 0 && other.length / beats.length >= 0.05) {
    const percent = Math.round((100 * other.length) / beats.length)
    out.push({
      code: 'paced-or-unclassified',
      severity: 'attention',
      places: beats.flatMap((beat, k) => (beat.class === 'Q' ? [{ from: k, to: k }] : [])),
      measures: { count: other.length, share: other.length / beats.length },
      en: `${other.length} of ${beats.length} beats (${percent} %). Statements on rhythm do not hold for a paced rhythm.`,
      zh: `${beats.length} 个心搏中有 ${other.length} 个（${percent}%）。节律判断不适用于起搏心律。`,
    })
  }
  return out
}

function timeOf(answer: EcgAnswer, beat: number): number {
  return answer.beats[beat]?.timeS ?? 0
}
