import type { Kind, Material } from '../predicates.ts'
import type { VerifiedStatement } from '../statement.ts'

/** What follows from a set of statements: which artefacts they are about, were made from, and build on. */
export interface Lineage {
  /** By statement digest. */
  readonly statements: ReadonlyMap<string, VerifiedStatement>
  /** Artefact digest → statements about it. */
  readonly about: ReadonlyMap<string, readonly string[]>
  /** Artefact digest → statements that used it. */
  readonly usedBy: ReadonlyMap<string, readonly string[]>
  /** Statement digest → statements that build on it. */
  readonly followedBy: ReadonlyMap<string, readonly string[]>
}

/** A link into nothing: a statement that is named but not there, or an artefact that nobody states anything about. */
export interface Missing {
  readonly kind: 'statement' | 'artefact'
  readonly digest: string
  /** Name and role of an artefact; null for a statement, of which only the digest is known. */
  readonly name: string | null
  readonly role: Material['role'] | null
  /** Digest of the statement that needs it. */
  readonly neededBy: string
}

/** One way through the graph, in the order of distance. */
export interface Walk {
  /** Digests of the statements met. */
  readonly statements: readonly string[]
  /** Digests of the artefacts met, the start included if it is one. */
  readonly artefacts: readonly string[]
  /** Links of these statements that lead nowhere: while there are any, the story is not whole. */
  readonly missing: readonly Missing[]
}

/**
 * Materials of these roles are made by something that leaves a statement, of the kind named. The others (sources, code,
 * contracts, reports, …) come from outside: their digest is all there is.
 */
const statedRoles: Partial<Record<Material['role'], Kind>> = {
  snapshot: 'snapshot',
  weights: 'training',
  'base-weights': 'training',
  plan: 'evaluation-plan',
}

/** Reads the lineage off statements; it is stored nowhere else. The order in which they come makes no difference. */
export function lineageOf(statements: Iterable<VerifiedStatement>): Lineage {
  const byDigest = new Map<string, VerifiedStatement>()
  for (const statement of statements) byDigest.set(statement.digest, statement)
  const about = new Map<string, string[]>()
  const usedBy = new Map<string, string[]>()
  const followedBy = new Map<string, string[]>()
  for (const digest of [...byDigest.keys()].sort()) {
    const { subjects, materials, previous } = linksOf(byDigest.get(digest))
    for (const subject of subjects) add(about, subject, digest)
    for (const material of new Set(materials.map((one) => one.digest.sha256))) add(usedBy, material, digest)
    for (const earlier of previous) add(followedBy, earlier, digest)
  }
  return { statements: byDigest, about, usedBy, followedBy }
}

/** Everything that an artefact or statement rests on. */
export function walkBack(lineage: Lineage, start: string): Walk {
  return walk(lineage, start, {
    fromArtefact: (artefact) => lineage.about.get(artefact) ?? [],
    fromStatement: (statement) => {
      const { subjects, materials, previous } = linksOf(statement)
      return { artefacts: [...subjects, ...materials.map((one) => one.digest.sha256)], statements: previous }
    },
  })
}

/** Everything that came of an artefact or statement: what must be looked at again when it turns out to be wrong. */
export function walkForward(lineage: Lineage, start: string): Walk {
  return walk(lineage, start, {
    // What is stated about an artefact rests on it too: a gate about a model is void with the model.
    fromArtefact: (artefact) => [...(lineage.usedBy.get(artefact) ?? []), ...(lineage.about.get(artefact) ?? [])],
    fromStatement: (statement) => {
      const made = linksOf(statement).materials.map((one) => one.digest.sha256)
      const subjects = linksOf(statement).subjects.filter((subject) => !made.includes(subject))
      return { artefacts: subjects, statements: lineage.followedBy.get(statement.digest) ?? [] }
    },
  })
}

/** All links of the set that lead nowhere, by the digest of what is missing. */
export function missingLinks(lineage: Lineage): Missing[] {
  return [...lineage.statements.values()]
    .flatMap((statement) => missingOf(lineage, statement))
    .sort((a, b) => (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.neededBy < b.neededBy ? -1 : 1))
}

interface Steps {
  fromArtefact(artefact: string): readonly string[]
  fromStatement(statement: VerifiedStatement): { artefacts: readonly string[]; statements: readonly string[] }
}

function walk(lineage: Lineage, start: string, steps: Steps): Walk {
  const statements = new Set<string>()
  const artefacts = new Set<string>()
  const missing: Missing[] = []
  const queue: { kind: 'statement' | 'artefact'; digest: string }[] = [
    { kind: lineage.statements.has(start) ? 'statement' : 'artefact', digest: start },
  ]
  // The queue grows while it is walked; nothing enters the sets twice, so circles end.
  for (const { kind, digest } of queue) {
    const seen = kind === 'statement' ? statements : artefacts
    if (seen.has(digest)) continue
    const statement = lineage.statements.get(digest)
    if (kind === 'statement' && statement === undefined) continue
    seen.add(digest)
    if (kind === 'artefact' || statement === undefined) {
      for (const next of steps.fromArtefact(digest)) queue.push({ kind: 'statement', digest: next })
      continue
    }
    missing.push(...missingOf(lineage, statement))
    const next = steps.fromStatement(statement)
    for (const earlier of next.statements) queue.push({ kind: 'statement', digest: earlier })
    for (const artefact of next.artefacts) queue.push({ kind: 'artefact', digest: artefact })
  }
  return { statements: [...statements], artefacts: [...artefacts], missing }
}

function missingOf(lineage: Lineage, statement: VerifiedStatement): Missing[] {
  const neededBy = statement.digest
  const { materials, previous } = linksOf(statement)
  const gone = previous
    .filter((digest) => !lineage.statements.has(digest))
    .map((digest): Missing => ({ kind: 'statement', digest, name: null, role: null, neededBy }))
  const unstated = materials
    .filter(({ role, digest }) => {
      const kind = statedRoles[role]
      if (kind === undefined) return false
      return !(lineage.about.get(digest.sha256) ?? []).some((by) => lineage.statements.get(by)?.kind === kind)
    })
    .map(({ name, role, digest }): Missing => ({ kind: 'artefact', digest: digest.sha256, name, role, neededBy }))
  return [...gone, ...unstated]
}

function linksOf(statement: VerifiedStatement | undefined) {
  return {
    subjects: statement?.statement.subject.map((subject) => subject.digest.sha256) ?? [],
    materials: statement?.statement.predicate.materials ?? [],
    previous: statement?.statement.predicate.previous ?? [],
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const present = map.get(key)
  if (present === undefined) map.set(key, [value])
  else if (!present.includes(value)) present.push(value)
}
