import { type Kernel, type Kind, type Predicate, state, type Tx } from '../../kernel/index.ts'
import type { StoredPolicy } from '../policy/store.ts'
import type { StoredRelease } from './store.ts'

export interface Project {
  readonly id: string
  readonly slug: string
  readonly isDemo: boolean
}

type Said<K extends Kind> = Omit<
  Predicate<K>,
  'at' | 'by' | 'project' | 'synthetic' | 'demo' | 'materials' | 'releaseId'
>

/** Signs a statement about a release: its subject is the weights, and the policy that it stands under is among its materials. */
export async function stateOnRelease<K extends 'gate' | 'approval' | 'release'>(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  release: StoredRelease,
  policy: StoredPolicy,
  kind: K,
  said: Said<K>,
): Promise<string> {
  const subject = { name: `${release.model} ${release.label}`, digest: { sha256: release.weightsDigest } }
  const common = {
    at: kernel.clock().toISOString(),
    by: await actingPerson(tx),
    project: project.slug,
    synthetic: release.synthetic,
    demo: release.demo,
    materials: [
      {
        name: `release policy, version ${policy.version}`,
        role: 'contract' as const,
        digest: { sha256: policy.sourceSha256 },
      },
    ],
    releaseId: release.id,
  }
  return state(tx, kernel.signer, project.id, kind, [subject], { ...common, ...said } as unknown as Predicate<K>)
}

/** The person who acts, with the organisation by its name: a reader outside knows no ids. */
async function actingPerson(tx: Tx) {
  const { actor } = tx
  if (actor.kind !== 'person') throw new Error('a release is only ever acted on by a person')
  const organisation = await tx.maybe<{ name: string }>('select name from kernel.organisation where id = $1', [
    actor.organisationId,
  ])
  return { kind: 'person' as const, id: actor.userId, name: actor.name, organisation: organisation?.name ?? null }
}
