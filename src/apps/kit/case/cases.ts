import type { Project } from '../../../data/index.ts'
import {
  canonicalBytes,
  enqueue,
  httpProblem,
  type Kernel,
  recordEvent,
  type Tx,
  referObjects,
} from '../../../kernel/index.ts'
import type { Application } from '../application.ts'
import type { Released } from '../released.ts'
import type { Case, CaseInput } from './contract.ts'
import { identifyingSubject } from './domain.ts'
import { decisionsOf, findingsOf } from './finding-store.ts'
import { problem } from './problems.ts'
import { findCase, insertCase, type StoredCase } from './store.ts'

/** Under which release a case is asked: the live one, or one in shadow or pilot by its id. */
export interface ReleaseWish {
  readonly releaseId?: string | undefined
  readonly site?: string | undefined
}

export interface OpenWish extends ReleaseWish {
  readonly input: CaseInput
  readonly isSynthetic: boolean
  readonly subject: string | null
}

/** Tries of an analysis that fails for a reason that may pass. */
export const analysisAttempts = 5

/** Opens a case under the release in force; the analysis is enqueued in the same transaction, so neither is lost alone. */
export async function openCase(
  tx: Tx,
  { kernel, released, application }: { kernel: Kernel; released: Released; application: Application },
  project: Project,
  wish: OpenWish,
): Promise<StoredCase> {
  const kind = wish.subject === null ? null : identifyingSubject(wish.subject)
  if (kind !== null) throw problem('apps.subject-identifies', { kind })
  const { purpose } = application
  const model =
    wish.releaseId === undefined
      ? await released.live(tx, project.id, purpose, wish.site)
      : await released.served(tx, project.id, wish.releaseId)
  if (model === null || model.purpose !== purpose) throw problem('apps.no-release', { purpose })
  const { name, files } = wish.input
  const input = await kernel.objects.put(canonicalBytes({ schema: 'pilotbase.case-input/1', name, files }))
  const opened = await insertCase(tx, project.id, {
    input: wish.input,
    isSynthetic: wish.isSynthetic,
    subject: wish.subject,
    application: application.id,
    released: model,
    isDemo: project.isDemo || model.isDemo,
    inputSha256: input.sha256,
  })
  await referObjects(tx, { projectId: project.id, kind: 'case', id: opened.id }, [
    input.sha256,
    ...files.map((file) => file.sha256),
  ])
  await enqueue(tx, application.task, { caseId: opened.id }, { key: opened.id, maxAttempts: analysisAttempts })
  await recordEvent(tx, {
    projectId: project.id,
    kind: 'case.opened',
    subjectId: opened.id,
    detail: { application: application.id },
  })
  return opened
}

export async function readCase(tx: Tx, application: Application, projectId: string, id: string): Promise<StoredCase> {
  const found = await findCase(tx, projectId, application.id, id)
  if (found === null) throw httpProblem('kernel.not-found', { kind: 'case', id })
  return found
}

/** Whether the answer is kept from this reader: in shadow only an auditor sees it, so that no care rests on it. */
export function isWithheld(found: Pick<StoredCase, 'stage' | 'answerSha256'>, roles: readonly string[]): boolean {
  return found.stage === 'shadow' && found.answerSha256 !== null && !roles.includes('auditor')
}

/** The case as the reader may see it. */
export async function showCase(
  tx: Tx,
  application: Application,
  found: StoredCase,
  roles: readonly string[],
): Promise<Case> {
  const { projectId: _projectId, ...shown } = found
  const withheld = isWithheld(found, roles)
  return {
    ...shown,
    summary: withheld ? null : shown.summary,
    isWithheld: withheld,
    findings: withheld ? [] : await findingsOf(tx, found.id),
    decisions: await decisionsOf(tx, found.id),
    limits: application.dictionary.limits,
  }
}
