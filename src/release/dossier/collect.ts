import { type Kernel, type Kind, sha256Of, statements, type Tx } from '../../kernel/index.ts'
import { isLater } from '../gate/instant.ts'
import { keptStatements, saidAs, type Verified } from '../gate/statements.ts'
import type { ReleasedVersion } from '../release/models.ts'
import { releasesOfVersion, type StoredRelease } from '../release/store.ts'
import { type Dossier, lineageOf, makeDossier, missingLinks, walkBack } from '../../kernel/index.ts'

/** What is known about one version: all from signed statements, but for what the register itself says of it. */
export interface Story {
  readonly project: { readonly slug: string; readonly title: string }
  readonly version: ReleasedVersion
  readonly releases: readonly StoredRelease[]
  /** The lineage of the weights, oldest first, with the decisions that were made with its releases. */
  readonly statements: readonly Verified[]
  /** Statements about the weights that are kept here but do not verify. */
  readonly refused: readonly {
    readonly digest: string
    readonly reason: string
    readonly title: { en: string; zh: string }
  }[]
  /** Links that lead nowhere: while there are any, the story is not whole. */
  readonly missing: readonly { readonly kind: string; readonly digest: string; readonly name: string | null }[]
  readonly madeAt: string
}

/** Walks back from the weights over every statement that is kept in the project. */
export async function collectStory(
  tx: Tx,
  kernel: Kernel,
  project: { readonly id: string; readonly slug: string; readonly title: string },
  version: ReleasedVersion,
): Promise<Story> {
  const releases = await releasesOfVersion(tx, project.id, version.id)
  const { verified, refused } = await keptStatements(tx, kernel, project.id)
  const ids = new Set(releases.map((one) => one.id))
  const lineage = lineageOf(verified)
  const behind = new Set(walkBack(lineage, version.weightsDigest).statements)
  for (const one of verified) if (ids.has(saidAs(one, 'decision')?.releaseId ?? '')) behind.add(one.digest)
  const told = verified.filter((one) => behind.has(one.digest)).sort(byTime)
  const about = new Set((await statements(tx, project.id, version.weightsDigest)).map((one) => one.digest))
  return {
    project,
    version,
    releases,
    statements: told,
    refused: refused
      .filter((one) => about.has(one.digest))
      .map(({ digest, refusal: { problem } }) => ({
        digest,
        reason: problem.code,
        title: { en: problem.words('en').title, zh: problem.words('zh').title },
      })),
    missing: missingLinks(lineageOf(told)).map(({ kind, digest, name }) => ({ kind, digest, name })),
    madeAt: kernel.clock().toISOString(),
  }
}

// Statements of the same instant keep the order in which they build on one another.
const order: readonly Kind[] = [
  'snapshot',
  'training',
  'evaluation-plan',
  'evaluation',
  'approval',
  'gate',
  'release',
  'decision',
]

function byTime(a: Verified, b: Verified): number {
  const [one, other] = [a.statement.predicate.at, b.statement.predicate.at]
  if (one !== other) return isLater(one, other) ? 1 : -1
  return order.indexOf(a.kind) - order.indexOf(b.kind)
}

/** The story as a file that anyone verifies without a base: every envelope, chained, under one signed head. */
export async function dossierOf(tx: Tx, kernel: Kernel, projectId: string, story: Story): Promise<Dossier> {
  const envelopes = new Map((await statements(tx, projectId)).map((one) => [one.digest, one.envelope]))
  const about: Dossier['about'] = {
    project: story.project.slug,
    version: {
      id: story.version.id,
      model: story.version.model,
      label: story.version.label,
      weightsSha256: story.version.weightsDigest,
      synthetic: story.version.isSynthetic,
      demo: story.version.isDemo,
    },
    releases: story.releases.map(({ id, purpose, site, scope, state, policyVersion }) => ({
      id,
      purpose,
      site,
      scope,
      state,
      policyVersion,
    })),
    missing: story.missing.map((one) => ({ ...one })),
    refused: story.refused.map(({ digest, reason }) => ({ digest, reason })),
    program: `pilotbase ${kernel.version}`,
  }
  const told = story.statements.flatMap((one) => envelopes.get(one.digest) ?? [])
  return makeDossier(about, told, kernel.signer, story.madeAt)
}

/** Base64 of a SHA-256, as a content security policy names it. */
export function sha256Base64(text: string): string {
  return Buffer.from(sha256Of(text), 'hex').toString('base64')
}
