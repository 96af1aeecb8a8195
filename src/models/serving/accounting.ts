import { Counter, Histogram } from 'prom-client'
import { type Kernel, Problem } from '../../kernel/index.ts'

export interface Inference {
  readonly project: string
  readonly deployment: string
  readonly version: string
  readonly endpoint: 'ecg' | 'oip' | 'call'
  /** `answered`, or the code of the problem. */
  readonly outcome: string
  readonly latencyMs: number
}

/** Counts every inference by who answered it and how. Nothing about the input is kept. */
export interface Accounting {
  note(inference: Inference): void
}

const labels = ['project', 'deployment', 'version', 'endpoint', 'outcome'] as const

export function openAccounting({ metrics: { registry } }: Kernel): Accounting {
  const inferences = new Counter({
    name: 'pilotbase_inferences_total',
    help: 'Inferences by deployment, and how each ended: answered, or the code of its problem',
    labelNames: labels,
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'pilotbase_inference_seconds',
    help: 'Time from an inference’s acceptance to its answer',
    labelNames: ['project', 'deployment', 'endpoint'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    registers: [registry],
  })
  return {
    note({ project, deployment, version, endpoint, outcome, latencyMs }) {
      inferences.inc({ project, deployment, version, endpoint, outcome })
      seconds.observe({ project, deployment, endpoint }, latencyMs / 1000)
    },
  }
}

/** The code under which an error is counted; our own bugs have one too. */
export function outcomeOf(error: unknown): string {
  return error instanceof Problem ? error.code : 'kernel.unexpected'
}
