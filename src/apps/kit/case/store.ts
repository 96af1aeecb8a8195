import { recordEvent, type Tx } from '../../../kernel/index.ts'
import type { ReleasedModel, Stage } from '../released.ts'
import { type Case, type CaseInput, caseInput, type Refusal } from './contract.ts'
import { after, type CaseEvent, type CaseState } from './domain.ts'

/** A case as it is stored: everything of it but its findings and decisions. */
export interface StoredCase extends Omit<Case, 'isWithheld' | 'findings' | 'decisions' | 'limits'> {
  readonly projectId: string
}

interface CaseRow {
  id: string
  project_id: string
  application: string
  state: CaseState
  revision: number
  release_id: string
  version_id: string
  model_label: string
  weights_sha256: string
  stage: Stage
  is_demo: boolean
  is_synthetic: boolean
  is_model_synthetic: boolean
  subject: string | null
  input: unknown
  input_sha256: string
  answer_sha256: string | null
  summary: Case['summary']
  refusal: Refusal | null
  created_at: Date
  answered_at: Date | null
  refused_at: Date | null
  decided_at: Date | null
}

export const caseColumns = `id, project_id, application, state, revision, release_id, version_id, model_label,
  weights_sha256, stage, is_demo, is_synthetic, is_model_synthetic, subject, input, input_sha256, answer_sha256, summary, refusal,
  created_at, answered_at, refused_at, decided_at`

export function caseOf(row: CaseRow): StoredCase {
  return {
    id: row.id,
    projectId: row.project_id,
    application: row.application,
    state: row.state,
    revision: row.revision,
    subject: row.subject,
    releaseId: row.release_id,
    versionId: row.version_id,
    modelLabel: row.model_label,
    weightsSha256: row.weights_sha256,
    stage: row.stage,
    isDemo: row.is_demo,
    isSynthetic: row.is_synthetic,
    isModelSynthetic: row.is_model_synthetic,
    input: caseInput.parse(row.input),
    inputSha256: row.input_sha256,
    answerSha256: row.answer_sha256,
    summary: row.summary,
    refusal: row.refusal,
    createdAt: row.created_at.toISOString(),
    answeredAt: row.answered_at?.toISOString() ?? null,
    refusedAt: row.refused_at?.toISOString() ?? null,
    decidedAt: row.decided_at?.toISOString() ?? null,
  }
}

export interface NewCase {
  readonly application: string
  readonly released: ReleasedModel
  readonly isDemo: boolean
  readonly isSynthetic: boolean
  readonly subject: string | null
  readonly input: CaseInput
  readonly inputSha256: string
}

export async function insertCase(tx: Tx, projectId: string, row: NewCase): Promise<StoredCase> {
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  const { releaseId, versionId, modelLabel, weightsDigest, stage } = row.released
  const inserted = await tx.one<CaseRow>(
    `insert into apps.case (project_id, application, release_id, version_id, model_label, weights_sha256, stage, is_demo,
                            is_synthetic, is_model_synthetic, subject, input, input_sha256, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning ${caseColumns}`,
    [
      projectId,
      row.application,
      releaseId,
      versionId,
      modelLabel,
      weightsDigest,
      stage,
      row.isDemo,
      row.isSynthetic,
      row.released.isSynthetic,
      row.subject,
      row.input,
      row.inputSha256,
      creator,
    ],
  )
  return caseOf(inserted)
}

export async function findCase(tx: Tx, projectId: string, application: string, id: string): Promise<StoredCase | null> {
  const row = await tx.maybe<CaseRow>(
    `select ${caseColumns} from apps.case where project_id = $1 and application = $2 and id = $3`,
    [projectId, application, id],
  )
  return row === null ? null : caseOf(row)
}

/** For background work, which knows a case by its id alone. */
export async function caseById(tx: Tx, id: string): Promise<StoredCase | null> {
  const row = await tx.maybe<CaseRow>(`select ${caseColumns} from apps.case where id = $1`, [id])
  return row === null ? null : caseOf(row)
}

/** Holds the case until the transaction ends, so that two decisions come one after the other. */
export async function lockCase(tx: Tx, id: string): Promise<void> {
  await tx.rows('select id from apps.case where id = $1 for update', [id])
}

/** Newest first; `afterId` is the id of the last one seen. */
export async function pageCases(
  tx: Tx,
  projectId: string,
  application: string,
  wish: { readonly state: CaseState | null; readonly afterId: string | null; readonly limit: number },
): Promise<StoredCase[]> {
  const rows = await tx.rows<CaseRow>(
    `select ${caseColumns} from apps.case
      where project_id = $1 and application = $2 and ($3::text is null or state = $3)
        and ($4::uuid is null or (created_at, id) < (select c.created_at, c.id from apps.case c where c.id = $4))
      order by created_at desc, id desc limit $5`,
    [projectId, application, wish.state, wish.afterId, wish.limit],
  )
  return rows.map(caseOf)
}

export interface CaseChange {
  readonly answerSha256?: string
  readonly summary?: Case['summary']
  readonly refusal?: Refusal
  readonly at: Date
}

/** Moves the case from the state and revision it is known in; false where it is no longer there. Tells those who watch. */
export async function moveCase(tx: Tx, found: StoredCase, event: CaseEvent, change: CaseChange): Promise<boolean> {
  const to = after(found.state, event)
  if (to === null) throw new Error(`a case that is ${found.state} has no ${event}`)
  const moved = await tx.change(
    `update apps.case set state = $4, revision = revision + 1, answer_sha256 = coalesce($5, answer_sha256),
            summary = coalesce($6, summary), refusal = coalesce($7, refusal),
            answered_at = case when $4 = 'answered' then $8::timestamptz else answered_at end,
            refused_at = case when $4 = 'refused' then $8::timestamptz else refused_at end,
            decided_at = case when $4 = 'decided' then $8::timestamptz else decided_at end
      where id = $1 and state = $2 and revision = $3`,
    [
      found.id,
      found.state,
      found.revision,
      to,
      change.answerSha256 ?? null,
      change.summary === undefined ? null : JSON.stringify(change.summary),
      change.refusal ?? null,
      change.at,
    ],
  )
  if (moved === 1) {
    const { projectId, id: subjectId, application } = found
    await recordEvent(tx, { projectId, kind: `case.${to}`, subjectId, detail: { application } })
  }
  return moved === 1
}
