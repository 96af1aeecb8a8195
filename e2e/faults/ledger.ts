/** What the base has acknowledged to its clients, and what it did wrong: the clients' memory, which no kill touches. */
export interface Ledger {
  /** Request id to operation, of every change answered with 2xx that is written to the audit log. */
  readonly deeds: Map<string, string>
  readonly jobs: Map<string, AcknowledgedJob>
  /** Names of jobs whose submission was never answered: there at most once. */
  readonly unansweredJobs: Set<string>
  readonly batches: MetricBatch[]
  readonly snapshots: AcknowledgedSnapshot[]
  /** Answers 5xx by status and code, and requests that got none. */
  readonly failures: Map<string, number>
  readonly violations: Violation[]
}

export type JobKind = 'works' | 'fails' | 'cancelled'

export interface AcknowledgedJob {
  readonly id: string
  readonly name: string
  readonly kind: JobKind
  isCancelAcknowledged: boolean
  /** The end that a client was shown; it never changes. */
  seenEnd: string | null
}

export interface MetricBatch {
  readonly job: string
  readonly name: string
  readonly values: readonly number[]
  readonly isAcknowledged: boolean
}

export interface AcknowledgedSnapshot {
  readonly id: string
  readonly digest: string
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
}

export interface Violation {
  readonly what: string
  readonly detail: string
}

export function newLedger(): Ledger {
  return {
    deeds: new Map(),
    jobs: new Map(),
    unansweredJobs: new Set(),
    batches: [],
    snapshots: [],
    failures: new Map(),
    violations: [],
  }
}

export function violated(ledger: Ledger, what: string, detail: string): void {
  ledger.violations.push({ what, detail })
  console.log(`VIOLATION ${what}: ${detail}`)
}

export function countFailure(ledger: Ledger, what: string): void {
  ledger.failures.set(what, (ledger.failures.get(what) ?? 0) + 1)
}
