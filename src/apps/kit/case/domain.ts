export const caseStates = ['open', 'refused', 'answered', 'decided'] as const
export type CaseState = (typeof caseStates)[number]
export type CaseEvent = 'refuse' | 'answer' | 'decide'

/** The lifecycle. A decided case may be decided again: the new decision stands beside the old one, and holds. */
export const caseMoves = [
  { from: 'open', event: 'refuse', to: 'refused' },
  { from: 'open', event: 'answer', to: 'answered' },
  { from: 'answered', event: 'decide', to: 'decided' },
  { from: 'decided', event: 'decide', to: 'decided' },
] as const satisfies readonly { from: CaseState; event: CaseEvent; to: CaseState }[]

/** The state that the event leads to, or null where it is not allowed. */
export function after(from: CaseState, event: CaseEvent): CaseState | null {
  return caseMoves.find((move) => move.from === from && move.event === event)?.to ?? null
}

/** Most urgent first. Critical: act now; urgent: today; attention: at the next occasion; note: to know; normal. */
export const severities = ['critical', 'urgent', 'attention', 'note', 'normal'] as const
export type Severity = (typeof severities)[number]

/** `stated`: by a clinician, who gives no figure for it. */
export const surenesses = ['high', 'moderate', 'low', 'stated'] as const
export type Sureness = (typeof surenesses)[number]

export const findingStates = ['proposed', 'accepted', 'edited', 'rejected'] as const
export type FindingState = (typeof findingStates)[number]

export const verdicts = ['accept', 'edit', 'reject'] as const
export type Verdict = (typeof verdicts)[number]

export const stateOfVerdict = { accept: 'accepted', edit: 'edited', reject: 'rejected' } as const satisfies Record<
  Verdict,
  FindingState
>

export const outcomes = ['accepted', 'corrected', 'rejected'] as const
export type Outcome = (typeof outcomes)[number]

/**
 * What a decision says as a whole: accepted where every finding stands as proposed, rejected where none stands and
 * nothing was put in its place, else corrected.
 */
export function outcomeOf(given: readonly Verdict[], hasAdded: boolean, hasCorrections: boolean): Outcome {
  if (hasAdded || hasCorrections) return 'corrected'
  if (given.every((verdict) => verdict === 'accept')) return 'accepted'
  return given.every((verdict) => verdict === 'reject') ? 'rejected' : 'corrected'
}

/** By urgency, then by how sure; the given order decides among equals. */
export function ranked<F extends { readonly severity: Severity; readonly confidence: number | null }>(
  findings: readonly F[],
): F[] {
  return [...findings].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) || (b.confidence ?? 0) - (a.confidence ?? 0),
  )
}

/**
 * Why a code must not be kept as a subject, or null. Obvious numbers of persons only: a resident identity number
 * (GB 11643-1999: 17 digits and a check character) and a mobile number. Other codes cannot be told from pseudonyms.
 */
export function identifyingSubject(subject: string): 'identity-number' | 'phone-number' | null {
  const plain = subject.replaceAll('-', '')
  if (/^\d{17}[\dXx]$/.test(plain) && hasIdentityCheck(plain.toUpperCase())) return 'identity-number'
  return /^(?:86)?1[3-9]\d{9}$/.test(plain) ? 'phone-number' : null
}

const identityWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

function hasIdentityCheck(number: string): boolean {
  const sum = identityWeights.reduce((total, weight, i) => total + weight * Number(number[i]), 0)
  return '10X98765432'[sum % 11] === number[17]
}
