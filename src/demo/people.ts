import type { OrganisationKind, Role } from '../kernel/index.ts'

export interface DemoPerson {
  readonly handle: string
  readonly name: string
  readonly organisation: string
  readonly roles: readonly Role[]
}

export const demoOrganisations: readonly { readonly name: string; readonly kind: OrganisationKind }[] = [
  { name: 'Demo Hospital', kind: 'hospital' },
  { name: 'Demo Devices', kind: 'company' },
  { name: 'Demo University', kind: 'research' },
  { name: 'Demo Authority', kind: 'government' },
]

/** Who works in the demo project. The first one operates the base; who develops does not approve. */
export const demoPeople: readonly DemoPerson[] = [
  {
    handle: 'operator',
    name: 'Operator',
    organisation: 'Demo Devices',
    roles: ['owner', 'steward', 'developer', 'evaluator', 'auditor'],
  },
  { handle: 'developer', name: 'Dai, developer', organisation: 'Demo Devices', roles: ['developer'] },
  { handle: 'evaluator', name: 'Ye, evaluator', organisation: 'Demo University', roles: ['evaluator'] },
  { handle: 'clinician', name: 'Dr Lin, cardiologist', organisation: 'Demo Hospital', roles: ['clinician'] },
  { handle: 'approver-hospital', name: 'Dr Qin, hospital', organisation: 'Demo Hospital', roles: ['approver'] },
  { handle: 'approver-authority', name: 'Zhou, authority', organisation: 'Demo Authority', roles: ['approver'] },
  { handle: 'auditor', name: 'Su, auditor', organisation: 'Demo Authority', roles: ['auditor'] },
]
