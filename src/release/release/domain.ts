export const stages = ['proposed', 'shadow', 'pilot', 'live', 'withdrawn'] as const
export type Stage = (typeof stages)[number]

/** Stages that are entered through a gate. */
export const gatedStages = ['shadow', 'pilot', 'live'] as const
export type GatedStage = (typeof gatedStages)[number]

/** The lifecycle: what may follow what. The table release.transition holds the same rows. */
export const releaseMoves = {
  proposed: ['shadow', 'withdrawn'],
  shadow: ['pilot', 'withdrawn'],
  pilot: ['live', 'withdrawn'],
  live: ['withdrawn'],
  withdrawn: [],
} as const satisfies Record<Stage, readonly Stage[]>

export function canMoveRelease(from: Stage, to: Stage): boolean {
  return (releaseMoves[from] as readonly Stage[]).includes(to)
}

/** The stage behind the next gate; null where there is none. */
export function nextStage(from: Stage): GatedStage | null {
  return gatedStages.find((stage) => canMoveRelease(from, stage)) ?? null
}

/** Whether a release in this stage is called: in shadow its answers are only kept, from pilot on clinicians see them. */
export function isServed(stage: Stage): boolean {
  return (gatedStages as readonly Stage[]).includes(stage)
}

/** What the release's deployment is called. */
export function deploymentName(releaseId: string): string {
  return `release-${releaseId}`
}
