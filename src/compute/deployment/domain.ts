export const deploymentStates = ['pending', 'ready', 'degraded', 'stopped'] as const
export type DeploymentState = (typeof deploymentStates)[number]

/** The lifecycle: what may follow what. What is stopped stays stopped; its name is free for the next. */
export const deploymentMoves = {
  pending: ['ready', 'degraded', 'stopped'],
  ready: ['degraded', 'stopped'],
  degraded: ['ready', 'stopped'],
  stopped: [],
} as const satisfies Record<DeploymentState, readonly DeploymentState[]>

export function canMoveDeployment(from: DeploymentState, to: DeploymentState): boolean {
  return (deploymentMoves[from] as readonly DeploymentState[]).includes(to)
}
