import { type Artefact, verifyEvidence } from '../../kernel/offline.ts'
import type { KeyRing } from '../../kernel/offline.ts'
import { type Refusal, refuse } from '../../kernel/offline.ts'
import { openStatement, parseJson, type VerifiedStatement } from '../../kernel/offline.ts'
import { words } from '../base/language.ts'

export interface Checked {
  readonly file: string
  readonly form: 'envelope' | 'envelopes' | 'bundle' | 'dossier'
  readonly statements: readonly ShownStatement[]
  readonly refusals: readonly Refusal[]
  readonly exportedBy: readonly string[] | null
  readonly exportedAt: string | null
  readonly note: string | null
}

export interface ShownStatement {
  readonly digest: string
  readonly kind: string
  readonly subject: string
  readonly at: string
  readonly by: string
  readonly signers: string
}

/** Verifies a file of evidence in whatever form it has. */
export async function checkEvidence(
  file: string,
  bytes: Buffer,
  ring: KeyRing,
  artefacts: readonly Artefact[],
): Promise<Checked> {
  const lines = envelopeLines(bytes)
  if (lines !== null) return checkLines(file, lines, ring, artefacts)
  const report = verifyEvidence(bytes, ring, artefacts)
  return {
    file,
    form: report.form,
    statements: report.statements.map(shown),
    refusals: report.refusals,
    exportedBy: report.exportedBy?.map((key) => key.party) ?? null,
    exportedAt: report.exportedAt,
    note: null,
  }
}

/** Several envelopes, one a line, as `evidence export` writes them; null for every other form. */
function envelopeLines(bytes: Buffer): unknown[] | null {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (lines.length < 2) return null
  const values = lines.map((line) => parseJson(Buffer.from(line)))
  const [first] = values
  return typeof first === 'object' && first !== null && 'payload' in first ? values : null
}

function checkLines(file: string, lines: readonly unknown[], ring: KeyRing, artefacts: readonly Artefact[]): Checked {
  const statements: VerifiedStatement[] = []
  const refusals: Refusal[] = []
  for (const [at, value] of lines.entries()) {
    const verdict = openStatement(value, ring, { where: `line ${at + 1}`, line: at + 1 })
    if (verdict.ok) statements.push(verdict.value)
    else refusals.push(verdict.refusal)
  }
  const spoken = new Set(statements.flatMap((one) => one.statement.subject.map((subject) => subject.digest.sha256)))
  for (const { name, sha256 } of artefacts) {
    if (spoken.has(sha256)) continue
    refusals.push(refuse('digest-mismatch', name, null, { detail: `no statement is about ${sha256}` }))
  }
  const note = words(
    'Each line is signed by itself: that none is missing is not known from this file.',
    '每行单独签名：仅凭本文件无法得知是否有缺行。',
  )
  return {
    file,
    form: 'envelopes',
    statements: statements.map(shown),
    refusals,
    exportedBy: null,
    exportedAt: null,
    note,
  }
}

function shown({ digest, kind, statement, signers }: VerifiedStatement): ShownStatement {
  const { at, by } = statement.predicate
  const subject = statement.subject.map((one) => one.name).join(', ')
  return { digest, kind, subject, at, by: by.name, signers: signers.map((key) => key.party).join(', ') }
}
