import type { Direction } from './metric.ts'

export interface Gate {
  readonly metric: string
  readonly direction: Direction
  readonly threshold: number
  /** Fewest groups that may carry the decision: 30 unless the gate says otherwise. */
  readonly minGroups?: number
}

export interface GateEvidence {
  readonly low: number | null
  readonly high: number | null
  readonly nGroups: number
  /** Items that could not be scored at all; one is enough to fail. */
  readonly unscored?: number
}

export type GateReason = 'ok' | 'bound' | 'no interval' | 'too few groups' | 'unscored'

export interface GateVerdict {
  readonly pass: boolean
  readonly reason: GateReason
  /** The end of the interval that was compared; null without an interval. */
  readonly bound: number | null
}

/**
 * Passes only if the unfavourable end of the interval reaches the threshold; equality passes and nothing is rounded. Several
 * gates must all pass, without correction, since each guards.
 */
export function judgeGate(gate: Gate, evidence: GateEvidence): GateVerdict {
  const bound = gate.direction === 'higher' ? evidence.low : evidence.high
  if (bound === null) return { pass: false, reason: 'no interval', bound }
  if (evidence.nGroups < (gate.minGroups ?? 30)) return { pass: false, reason: 'too few groups', bound }
  if ((evidence.unscored ?? 0) > 0) return { pass: false, reason: 'unscored', bound }
  const reached = gate.direction === 'higher' ? bound >= gate.threshold : bound <= gate.threshold
  return { pass: reached, reason: reached ? 'ok' : 'bound', bound }
}

/** Reads `span_f1>=0.85` or `rmse<=4`. Null when the text is no gate. */
export function parseGate(text: string): Gate | null {
  const parts = /^\s*([A-Za-z][\w@.-]*)\s*(>=|<=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/.exec(text)
  if (!parts) return null
  const [, metric = '', sign, number] = parts
  return { metric, direction: sign === '>=' ? 'higher' : 'lower', threshold: Number(number) }
}
