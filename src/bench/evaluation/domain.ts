export const evaluationStates = ['planned', 'running', 'paused', 'complete', 'void'] as const
export type EvaluationState = (typeof evaluationStates)[number]

/** A plan runs, may pause, and ends either with every sample scored or void, with the reason and no score. */
export const evaluationMoves = {
  planned: ['running', 'void'],
  running: ['paused', 'complete', 'void'],
  paused: ['running', 'void'],
  complete: [],
  void: [],
} as const satisfies Record<EvaluationState, readonly EvaluationState[]>

export function canMoveEvaluation(from: EvaluationState, to: EvaluationState): boolean {
  return (evaluationMoves[from] as readonly EvaluationState[]).includes(to)
}

/** What a sample can be. Only the first is an answer; none of the others ever turns into a figure by itself. */
export const answerStates = ['answered', 'refused', 'failed', 'asking'] as const
export type AnswerState = (typeof answerStates)[number]

export interface Account {
  /** Questions that went to the model, also those asked again. */
  readonly asked: number
  /** Answers taken from an earlier run of the same model, input and parameters. */
  readonly reused: number
  /** Questions that were in flight when a run was killed, and so were asked again. */
  readonly reasked: number
  readonly refused: number
  readonly failed: number
}

/** Adds up what happened to the samples of a run. */
export function accountOf(
  answers: readonly { readonly state: AnswerState; readonly timesAsked: number; readonly isReused: boolean }[],
): Account {
  const count = (keep: (one: (typeof answers)[number]) => boolean) => answers.filter(keep).length
  return {
    asked: answers.reduce((sum, one) => sum + one.timesAsked, 0),
    reused: count((one) => one.isReused),
    reasked: answers.reduce((sum, one) => sum + Math.max(0, one.timesAsked - 1), 0),
    refused: count((one) => one.state === 'refused'),
    failed: count((one) => one.state === 'failed'),
  }
}
