/** `--gate "metric>=x"`: the worse end of the interval must reach x. */
import { nearest } from '../../kernel/index.ts'
import { type Gate, judgeGate, parseGate } from '../../statistics/index.ts'
import { problem } from '../problems.ts'
import type { Figure } from '../tasks/figure.ts'
import type { EvaluationGate } from './contract.ts'

export interface WrittenGate extends Gate {
  readonly text: string
}

/** Reads `metric>=x`, with `groups>=n` after it where fewer than 30 groups may carry the decision. */
export function readGate(text: string, metrics: readonly string[]): WrittenGate {
  const parts = /^(.*?)(?:[\s,;]+groups\s*>=\s*(\d+)\s*)?$/.exec(text.trim())
  const gate = parseGate(parts?.[1] ?? '')
  if (gate === null) throw problem('bench.call-gate', { gate: text })
  if (!metrics.includes(gate.metric)) {
    throw problem('bench.call-gate-metric', { metric: gate.metric, nearest: nearest(gate.metric, metrics) })
  }
  return { ...gate, text, ...(parts?.[2] === undefined ? {} : { minGroups: Number(parts[2]) }) }
}

export function judge(gate: WrittenGate, figures: readonly Figure[], unscored: number): EvaluationGate {
  const figure = figures.find(({ metric }) => metric === gate.metric)
  const direction = figure?.direction ?? gate.direction
  if (direction !== gate.direction) {
    const sign = direction === 'higher' ? '>=' : '<='
    throw problem('bench.call-gate-direction', { gate: gate.text, metric: gate.metric, direction, sign })
  }
  const { low, high } = figure?.ci ?? { low: null, high: null }
  const { pass, reason, bound } = judgeGate(gate, { low, high, nGroups: figure?.n_groups ?? 0, unscored })
  return { gate: gate.text, value: figure?.value ?? null, bound, pass, reason }
}
