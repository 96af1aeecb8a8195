import { type Project, statingActor } from '../../../data/index.ts'
import { canonicalBytes, type Kernel, type Material, state, type Tx, referObjects } from '../../../kernel/index.ts'
import { z } from 'zod'
import type { Application } from '../application.ts'
import { readCase } from './cases.ts'
import {
  type AddedFinding,
  addedFinding,
  type Dictionary,
  type Finding,
  type FindingVerdict,
  findingVerdict,
  type NewFinding,
} from './contract.ts'
import { after, outcomeOf, stateOfVerdict } from './domain.ts'
import { decisionsOf, findingsOf, insertDecision, insertFindings, settleFinding } from './finding-store.ts'
import { problem } from './problems.ts'
import { lockCase, moveCase, type StoredCase } from './store.ts'

/** What a clinician sends: a verdict on each finding, what was missed, and corrections of the application's own kind. */
export function decisionWish<Corrections extends z.ZodType>(corrections: Corrections) {
  return z.strictObject({
    revision: z.int().positive().describe('the revision that was read; another one by now is refused'),
    findings: z.array(findingVerdict).max(200),
    added: z.array(addedFinding).max(50).default([]),
    corrections: corrections.nullable().default(null),
    note: z.string().max(4000).default(''),
  })
}
export type DecisionWish = z.infer<ReturnType<typeof decisionWish>>

/** Keeps a clinician's decision, states it as evidence, and turns corrections into a labelled snapshot: all or nothing. */
export async function decideCase(
  tx: Tx,
  kernel: Kernel,
  application: Application,
  project: Project,
  caseId: string,
  wish: DecisionWish,
): Promise<StoredCase> {
  const { actor } = tx
  if (actor.kind !== 'person') throw new Error('only a person decides')
  await lockCase(tx, caseId)
  const found = await readCase(tx, application, project.id, caseId)
  checkDecidable(found, wish.revision)
  const findings = await findingsOf(tx, caseId)
  checkVerdicts(application.dictionary, findings, wish)
  const corrections = wish.corrections === null ? null : application.corrections.parse(wish.corrections)
  const kept = corrections === null ? null : await application.keepCorrections(tx, project, found, corrections)
  const outcome = outcomeOf(
    wish.findings.map(({ verdict }) => verdict),
    wish.added.length > 0,
    kept !== null,
  )
  const decidedAt = kernel.clock()
  const stored = await kernel.objects.put(
    canonicalBytes({
      schema: 'pilotbase.case-decision/1',
      case: caseId,
      application: application.id,
      revision: wish.revision,
      outcome,
      findings: wish.findings,
      added: wish.added,
      corrections: kept === null ? null : corrections,
      correctionSnapshot: kept?.snapshotDigest ?? null,
      note: wish.note,
      by: actor.userId,
      at: decidedAt.toISOString(),
    }),
  )
  await referObjects(tx, { projectId: project.id, kind: 'case', id: caseId }, [stored.sha256])
  const previous = (await decisionsOf(tx, caseId)).at(-1)
  const statementSha256 = await state(
    tx,
    kernel.signer,
    project.id,
    'decision',
    [{ name: `decision on case ${caseId}, revision ${wish.revision}`, digest: { sha256: stored.sha256 } }],
    {
      at: decidedAt.toISOString(),
      by: statingActor(tx),
      project: project.slug,
      synthetic: found.isSynthetic || found.isModelSynthetic,
      demo: found.isDemo,
      materials: materialsOf(found, kept?.snapshotDigest ?? null),
      previous: previous === undefined ? [] : [previous.statementSha256],
      caseId,
      application: application.id,
      releaseId: found.releaseId,
      findingsSha256: found.answerSha256 ?? '',
      decision: outcome,
      correctionSha256: kept?.snapshotDigest ?? null,
      answeredAt: found.answeredAt ?? '',
      decidedAt: decidedAt.toISOString(),
    },
  )
  await insertDecision(tx, {
    caseId,
    projectId: project.id,
    revision: wish.revision,
    outcome,
    findings: wish.findings,
    corrections: kept === null ? null : (corrections as never),
    note: wish.note,
    sha256: stored.sha256,
    statementSha256,
    correctionSnapshotId: kept?.snapshotId ?? null,
    decidedBy: actor.userId,
    decidedAt,
  })
  for (const { id, verdict, edit = null } of wish.findings) await settleFinding(tx, id, stateOfVerdict[verdict], edit)
  const own = wish.added.map((added) => stated(application.dictionary, added))
  if (own.length > 0) {
    const owner = { caseId, projectId: project.id }
    await insertFindings(tx, owner, 'clinician', own, Math.max(0, ...findings.map(({ rank }) => rank)))
  }
  if (!(await moveCase(tx, found, 'decide', { at: decidedAt }))) throw changed(found, wish.revision)
  return readCase(tx, application, project.id, caseId)
}

function checkDecidable(found: StoredCase, revision: number): void {
  if (found.stage === 'shadow') throw problem('apps.case-shadow')
  if (after(found.state, 'decide') === null) throw problem('apps.case-not-answered', { state: found.state })
  if (found.revision !== revision) throw changed(found, revision)
}

function changed(found: StoredCase, given: number) {
  return problem('apps.case-changed', { actual: found.revision, given })
}

/** Each finding is judged exactly once: nothing is accepted by silence. */
function checkVerdicts(dictionary: Dictionary, findings: readonly Finding[], wish: DecisionWish): void {
  const given = new Map(wish.findings.map((verdict) => [verdict.id, verdict]))
  const unknown = wish.findings.find(({ id }) => !findings.some((finding) => finding.id === id))
  if (unknown !== undefined) throw problem('apps.finding-unknown', { id: unknown.id })
  const missing = findings.filter(({ id }) => !given.has(id))
  const first = missing[0]
  if (first !== undefined) throw problem('apps.finding-undecided', { count: missing.length, rank: first.rank })
  if (given.size !== wish.findings.length) throw problem('apps.finding-twice')
  const codes = [...wish.added, ...wish.findings.map((one: FindingVerdict) => one.edit ?? {})].map(({ code }) => code)
  for (const code of codes) {
    if (code === undefined || code === 'other' || dictionary.findings.some((entry) => entry.code === code)) continue
    throw problem('apps.finding-code-unknown', { code })
  }
}

/** A clinician's own finding: in their words in both languages, for nobody translates them. */
function stated(dictionary: Dictionary, { code, severity, text }: AddedFinding): NewFinding {
  const entry = dictionary.findings.find((one) => one.code === code)
  return {
    code,
    severity,
    sureness: 'stated',
    confidence: null,
    words: {
      en: { title: entry?.en ?? text, detail: text },
      zh: { title: entry?.zh ?? text, detail: text },
    },
    measures: {},
    pointers: [],
  }
}

function materialsOf(found: StoredCase, correctionDigest: string | null): Material[] {
  const material = (name: string, role: Material['role'], sha256: string) => ({ name, role, digest: { sha256 } })
  return [
    material('input of the case', 'input', found.inputSha256),
    material(found.modelLabel, 'weights', found.weightsSha256),
    ...(found.answerSha256 === null ? [] : [material('answer of the application', 'answers', found.answerSha256)]),
    ...(found.input.snapshotDigest === null
      ? []
      : [material('snapshot of the input', 'snapshot', found.input.snapshotDigest)]),
    ...(correctionDigest === null ? [] : [material('corrections', 'labels', correctionDigest)]),
  ]
}
