import type { Tx } from '../../../kernel/index.ts'
import type { Decision, Finding, FindingEdit, FindingWords, NewFinding } from './contract.ts'
import type { FindingState, Severity } from './domain.ts'

interface FindingRow {
  id: string
  rank: number
  origin: Finding['origin']
  code: string
  severity: Severity
  sureness: Finding['sureness']
  confidence: number | null
  words: FindingWords
  measures: Finding['measures']
  pointers: Finding['pointers']
  state: FindingState
  edit: FindingEdit | null
}

const findingColumns = 'id, rank, origin, code, severity, sureness, confidence, words, measures, pointers, state, edit'

/** Adds findings behind `afterRank`, in their order. A clinician's own stand as accepted. */
export async function insertFindings(
  tx: Tx,
  owner: { readonly caseId: string; readonly projectId: string },
  origin: Finding['origin'],
  findings: readonly NewFinding[],
  afterRank: number,
): Promise<void> {
  const rows = findings.map((finding, i) => ({ ...finding, rank: afterRank + i + 1 }))
  await tx.change(
    `insert into apps.finding (case_id, project_id, rank, origin, code, severity, sureness, confidence, words, measures, pointers, state)
     select $1, $2, f.rank, $3, f.code, f.severity, f.sureness, f.confidence, f.words, f.measures, f.pointers, $4
       from jsonb_to_recordset($5::jsonb) as f(rank int, code text, severity text, sureness text, confidence float8,
                                               words jsonb, measures jsonb, pointers jsonb)`,
    [owner.caseId, owner.projectId, origin, origin === 'clinician' ? 'accepted' : 'proposed', JSON.stringify(rows)],
  )
}

export async function findingsOf(tx: Tx, caseId: string): Promise<Finding[]> {
  return tx.rows<FindingRow>(`select ${findingColumns} from apps.finding where case_id = $1 order by rank`, [caseId])
}

export interface TopFinding {
  readonly caseId: string
  readonly code: string
  readonly severity: Severity
  readonly words: FindingWords
}

/** The most urgent finding of each case that was not rejected. */
export async function topFindings(tx: Tx, caseIds: readonly string[]): Promise<Map<string, TopFinding>> {
  const rows = await tx.rows<{ case_id: string; code: string; severity: Severity; words: FindingWords }>(
    `select distinct on (case_id) case_id, code, coalesce(edit->>'severity', severity) as severity, words
       from apps.finding where case_id = any ($1) and state <> 'rejected' order by case_id, rank`,
    [caseIds],
  )
  return new Map(rows.map(({ case_id: caseId, ...rest }) => [caseId, { caseId, ...rest }]))
}

export async function settleFinding(tx: Tx, id: string, state: FindingState, edit: FindingEdit | null): Promise<void> {
  await tx.change('update apps.finding set state = $2, edit = $3 where id = $1', [id, state, edit])
}

export interface NewDecision extends Omit<Decision, 'id' | 'decidedBy' | 'decidedAt'> {
  readonly caseId: string
  readonly projectId: string
  readonly decidedBy: string
  readonly decidedAt: Date
}

export async function insertDecision(tx: Tx, row: NewDecision): Promise<string> {
  const { id } = await tx.one<{ id: string }>(
    `insert into apps.decision (case_id, project_id, revision, outcome, findings, corrections, note, sha256,
                                statement_sha256, correction_snapshot_id, decided_by, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      row.caseId,
      row.projectId,
      row.revision,
      row.outcome,
      JSON.stringify(row.findings),
      row.corrections === null ? null : JSON.stringify(row.corrections),
      row.note,
      row.sha256,
      row.statementSha256,
      row.correctionSnapshotId,
      row.decidedBy,
      row.decidedAt,
    ],
  )
  return id
}

interface DecisionRow {
  id: string
  revision: number
  outcome: Decision['outcome']
  findings: Decision['findings']
  corrections: Decision['corrections']
  note: string
  sha256: string
  statement_sha256: string
  correction_snapshot_id: string | null
  decided_by: string
  name: string | null
  decided_at: Date
}

/** Oldest first. */
export async function decisionsOf(tx: Tx, caseId: string): Promise<Decision[]> {
  const rows = await tx.rows<DecisionRow>(
    `select d.id, d.revision, d.outcome, d.findings, d.corrections, d.note, d.sha256, d.statement_sha256,
            d.correction_snapshot_id, d.decided_by, p.name, d.decided_at
       from apps.decision d left join kernel.person p on p.id = d.decided_by
      where d.case_id = $1 order by d.revision`,
    [caseId],
  )
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    outcome: row.outcome,
    findings: row.findings,
    corrections: row.corrections,
    note: row.note,
    sha256: row.sha256,
    statementSha256: row.statement_sha256,
    correctionSnapshotId: row.correction_snapshot_id,
    decidedBy: { id: row.decided_by, name: row.name },
    decidedAt: row.decided_at.toISOString(),
  }))
}
