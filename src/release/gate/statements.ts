import {
  type Kernel,
  type Kind,
  keyRing,
  openStatement,
  type Predicate,
  statements,
  trustedKeys,
  type Tx,
} from '../../kernel/index.ts'

type Opening = ReturnType<typeof openStatement>
/** A statement whose signature, form and predicate were checked. */
export type Verified = Extract<Opening, { ok: true }>['value']
export type Refused = Extract<Opening, { ok: false }>['refusal']

export interface Kept {
  readonly verified: readonly Verified[]
  /** Statements that are kept but may not be relied on, by their digest. */
  readonly refused: readonly { readonly digest: string; readonly refusal: Refused }[]
}

/** The keys that statements here are verified with: the base's own and those of the parties it trusts. */
export async function ringOf(tx: Tx, kernel: Kernel) {
  return keyRing([kernel.ownKey, ...(await trustedKeys(tx))])
}

/** Every statement of the project, opened; oldest first. Nothing about a model is read from anywhere else. */
export async function keptStatements(tx: Tx, kernel: Kernel, projectId: string): Promise<Kept> {
  const ring = await ringOf(tx, kernel)
  const verified: Verified[] = []
  const refused: { digest: string; refusal: Refused }[] = []
  for (const { digest, envelope } of await statements(tx, projectId)) {
    const opened = openStatement(envelope, ring)
    if (opened.ok) verified.push(opened.value)
    else refused.push({ digest, refusal: opened.refusal })
  }
  return { verified, refused }
}

/** What it says, where it is of that kind. */
export function saidAs<K extends Kind>(statement: Verified, kind: K): Predicate<K> | null {
  return statement.kind === kind ? (statement.statement.predicate as Predicate<K>) : null
}

export function isAbout(statement: Verified, sha256: string): boolean {
  return statement.statement.subject.some((subject) => subject.digest.sha256 === sha256)
}

/** Evaluations that were declared void, themselves or by a later statement of the same evaluation. */
export function voidEvaluations(all: readonly Verified[]): ReadonlySet<string> {
  const ids = all.flatMap((one) => {
    const said = saidAs(one, 'evaluation')
    return said?.state === 'void' ? [said.evaluationId] : []
  })
  return new Set(ids)
}

/** Everything by which the data of an evaluation can be named: their digests, and what their own statements call them. */
export function snapshotNames(said: Predicate<'evaluation'>, all: readonly Verified[]): string[] {
  const digests = said.materials.filter((one) => one.role === 'snapshot').map((one) => one.digest.sha256)
  const titles = all
    .filter((one) => one.kind === 'snapshot')
    .flatMap((one) => one.statement.subject)
    .filter((subject) => digests.includes(subject.digest.sha256))
    .map((subject) => subject.name)
  return [...new Set([...titles, ...digests])]
}
