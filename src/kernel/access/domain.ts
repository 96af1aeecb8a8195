export const roles = ['owner', 'steward', 'developer', 'evaluator', 'clinician', 'approver', 'auditor'] as const
export type Role = (typeof roles)[number]

const everyone = roles

/** The one table that says which role may do what in a project. Reading is an action like any other. */
export const actions = {
  'project.read': everyone,
  'member.manage': ['owner'],
  'snapshot.read': everyone,
  'snapshot.create': ['owner', 'steward', 'developer', 'clinician'],
  'job.read': everyone,
  'job.submit': ['developer', 'evaluator'],
  'job.control': ['developer', 'evaluator', 'owner'],
  'model.read': everyone,
  'model.register': ['developer'],
  'deployment.manage': ['developer', 'owner'],
  'model.infer': ['developer', 'evaluator', 'clinician'],
  'evaluation.read': everyone,
  'evaluation.run': ['evaluator'],
  'release.read': everyone,
  'release.propose': ['developer', 'owner'],
  'release.approve': ['approver'],
  'release.advance': ['developer', 'owner', 'approver'],
  'release.withdraw': ['owner', 'approver'],
  'case.read': ['clinician', 'auditor'],
  'case.open': ['clinician'],
  'case.decide': ['clinician'],
  'evidence.read': everyone,
  'evidence.import': ['owner', 'steward'],
  'audit.read': ['owner', 'auditor'],
  'queue.control': ['owner'],
} as const satisfies Record<string, readonly Role[]>

export type Action = keyof typeof actions

/** Whether one of the roles held allows the action, within the scopes of the key in use (null: no key, no narrowing). */
export function may(held: readonly string[], action: Action, scopes: readonly string[] | null = null): boolean {
  const allowed: readonly string[] = actions[action]
  if (!held.some((role) => allowed.includes(role))) return false
  return scopes === null || scopes.some((scope) => covers(scope, action))
}

/** A scope is an action, a noun with a star (`job.*`), or `*`. */
export function covers(scope: string, action: Action): boolean {
  if (scope === '*' || scope === action) return true
  return scope.endsWith('.*') && action.startsWith(scope.slice(0, -1))
}
