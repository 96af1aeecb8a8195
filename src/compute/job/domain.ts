export const jobStates = [
  'queued',
  'starting',
  'running',
  'collecting',
  'succeeded',
  'failed',
  'cancelled',
  'lost',
] as const
export type JobState = (typeof jobStates)[number]

/** The lifecycle: what may follow what. A retry goes back to the queue. */
export const jobMoves = {
  queued: ['starting', 'cancelled', 'failed'],
  starting: ['running', 'collecting', 'queued', 'failed', 'cancelled', 'lost'],
  running: ['collecting', 'queued', 'failed', 'cancelled', 'lost'],
  collecting: ['succeeded', 'failed', 'queued'],
  succeeded: [],
  failed: [],
  cancelled: [],
  lost: ['queued'],
} as const satisfies Record<JobState, readonly JobState[]>

export function canMove(from: JobState, to: JobState): boolean {
  return (jobMoves[from] as readonly JobState[]).includes(to)
}

export function hasEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'lost'
}

/** What an attempt's end means for its job. A command that failed is tried again while attempts are left; a wish to cancel is not. */
export function verdict(end: {
  readonly exitCode: number | null
  readonly isLost: boolean
  readonly isCancelWished: boolean
  readonly attempt: number
  readonly maxAttempts: number
}): 'collecting' | 'queued' | 'failed' | 'cancelled' | 'lost' {
  if (end.exitCode === 0) return 'collecting'
  if (end.isCancelWished) return 'cancelled'
  if (end.attempt < end.maxAttempts) return 'queued'
  return end.isLost ? 'lost' : 'failed'
}

/** The attempt's name for the executor: a DNS label that is never used twice. */
export function attemptId(jobId: string, attempt: number): string {
  return `j${jobId.replaceAll('-', '').slice(0, 24)}-${attempt}`
}
