/** Stages in which a release may see a case. Shadow: it answers unseen, and nobody acts on what it says. */
export const stages = ['shadow', 'pilot', 'live'] as const
export type Stage = (typeof stages)[number]
