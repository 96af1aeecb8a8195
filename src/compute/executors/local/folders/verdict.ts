import { constants } from 'node:os'
import type { EndReason, Observation } from '../../executor.ts'
import { endReasons } from '../../executor.ts'

/** What the supervisor wrote when it took the attempt; `never` when the base took it so that none ever can. */
export type Claim =
  | { readonly kind: 'supervisor'; readonly pid: number; readonly bootId: string; readonly born: string }
  | { readonly kind: 'never' }
  | { readonly kind: 'torn' }

export interface Exit {
  readonly code: number
  readonly cpuSeconds: number | null
}

/** Everything on disk about one attempt, and whether its supervisor still lives. */
export interface Evidence {
  readonly claim: Claim | null
  readonly exit: Exit | null
  readonly baseReason: EndReason | null
  readonly timerReason: EndReason | null
  readonly supervisorAlive: boolean
}

export type Verdict = Omit<Observation, 'usage'>

/**
 * How an attempt stands by its records. An exit is believed first; a supervisor that is gone without one was killed by us
 * (then there is a reason) or else nobody knows how the attempt ended.
 */
export function judge({ claim, exit, baseReason, timerReason, supervisorAlive }: Evidence): Verdict {
  const asked = baseReason ?? timerReason
  if (!claim) return { state: 'starting', exitCode: null, signal: null, reason: null }
  if (claim.kind === 'never') {
    return { state: asked ? 'exited' : 'lost', exitCode: null, signal: null, reason: asked }
  }
  if (exit) {
    const signal = signalOf(exit.code)
    return { state: 'exited', exitCode: exit.code, signal, reason: asked ?? limitOf(signal) }
  }
  if (supervisorAlive) return { state: 'running', exitCode: null, signal: null, reason: null }
  if (asked) return { state: 'exited', exitCode: 137, signal: 'SIGKILL', reason: asked }
  return { state: 'lost', exitCode: null, signal: null, reason: null }
}

/** The kernel's own signal for a file over RLIMIT_FSIZE, or a process over RLIMIT_CPU, names the limit. */
function limitOf(signal: string | null): EndReason | null {
  if (signal === 'SIGXFSZ') return 'disk-limit'
  return signal === 'SIGXCPU' ? 'time-limit' : null
}

/** A shell reports 128 + n for signal n; a program that exits with such a code itself can't be told apart. */
export function signalOf(code: number): string | null {
  return signalNames.get(code - 128) ?? null
}

// the first name of a number wins: SIGABRT before its old name SIGIOT
const signalNames = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number as number, name]),
)

/** pid, boot id, /proc/PID/stat and `end`, a line each. */
export function parseClaim(text: string | null): Claim | null {
  if (text === null) return null
  const [pid = '', bootId = '', stat = '', end] = text.split('\n')
  if (pid === 'never') return { kind: 'never' }
  if (end !== 'end' || !/^[1-9]\d{0,9}$/.test(pid)) return { kind: 'torn' }
  const born = stat === '-' ? '-' : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3] ?? '-')
  return { kind: 'supervisor', pid: Number(pid), bootId, born }
}

/** Exit code, the two lines of the shell's `times` (its own, then its children's user and system time), `end`. */
export function parseExit(text: string | null): Exit | null {
  const [code = '', , children = '', end] = (text ?? '').split('\n')
  if (end !== 'end' || !/^\d{1,3}$/.test(code)) return null
  const times = [...children.matchAll(/(\d+)m(\d+(?:\.\d+)?)s/g)].map((part) => Number(part[1]) * 60 + Number(part[2]))
  return { code: Number(code), cpuSeconds: times.length === 2 ? Math.round((times[0]! + times[1]!) * 1e6) / 1e6 : null } // length checked
}

export function parseReason(text: string | null): EndReason | null {
  const [word, end] = (text ?? '').split('\n')
  return end === 'end' ? (endReasons.find((reason) => reason === word) ?? null) : null
}
