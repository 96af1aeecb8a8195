import type { Tx } from '../database/database.ts'
import { recordEvent } from '../events/store.ts'
import type { Envelope } from './dsse.ts'
import type { SigningKey, TrustedKey } from './keys.ts'
import type { Kind, Predicate } from './predicates.ts'
import { makeStatement, signStatement, statementDigest, type Subject } from './statement.ts'

export interface StoredStatement {
  /** SHA-256 of the signed payload: the statement's name. */
  readonly digest: string
  readonly predicateType: string
  readonly envelope: Envelope
  readonly createdAt: string
}

/** Signs a statement with the base's key and keeps it, in the change's own transaction. Returns the statement's digest. */
export async function state<K extends Kind>(
  tx: Tx,
  key: SigningKey,
  projectId: string,
  kind: K,
  subject: readonly Subject[],
  predicate: Predicate<K>,
): Promise<string> {
  const statement = makeStatement(kind, subject, predicate)
  return keep(tx, projectId, statement.predicateType, signStatement(statement, key), subject, false)
}

/** Keeps a statement that was verified before, ours or another party's. */
export async function keep(
  tx: Tx,
  projectId: string,
  predicateType: string,
  envelope: Envelope,
  subject: readonly Subject[],
  isImported: boolean,
): Promise<string> {
  const digest = statementDigest(envelope)
  await tx.change(
    `insert into kernel.statement (project_id, predicate_type, envelope_sha256, envelope, subjects, is_imported)
     values ($1, $2, $3, $4, $5, $6) on conflict on constraint statement_once do nothing`,
    [projectId, predicateType, digest, envelope, subject.map((one) => one.digest.sha256), isImported],
  )
  await recordEvent(tx, { projectId, kind: 'statement.kept', subjectId: digest, detail: { predicateType } })
  return digest
}

interface StatementRow {
  envelope_sha256: string
  predicate_type: string
  envelope: Envelope
  created_at: Date
}

/** Statements of a project, oldest first; about one subject where its SHA-256 is given. */
export async function statements(tx: Tx, projectId: string, subjectSha256?: string): Promise<StoredStatement[]> {
  const rows = await tx.rows<StatementRow>(
    `select envelope_sha256, predicate_type, envelope, created_at from kernel.statement
      where project_id = $1 and ($2::text is null or subjects @> array[$2]) order by id`,
    [projectId, subjectSha256 ?? null],
  )
  return rows.map((row) => ({
    digest: row.envelope_sha256,
    predicateType: row.predicate_type,
    envelope: row.envelope,
    createdAt: row.created_at.toISOString(),
  }))
}

interface TrustedRow {
  keyid: string
  party: string
  public_key_pem: string
  valid_from: Date
  revoked_at: Date | null
}

/** Keys of other parties, as they were added here. */
export async function trustedKeys(tx: Tx): Promise<TrustedKey[]> {
  const rows = await tx.rows<TrustedRow>(
    'select keyid, party, public_key_pem, valid_from, revoked_at from kernel.trusted_key order by valid_from, keyid',
  )
  return rows.map((row) => ({
    keyid: row.keyid,
    party: row.party,
    publicKeyPem: row.public_key_pem,
    validFrom: row.valid_from.toISOString(),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.toISOString() }),
  }))
}

export async function trustKey(tx: Tx, key: TrustedKey): Promise<void> {
  await tx.change(
    `insert into kernel.trusted_key (keyid, party, public_key_pem, valid_from, revoked_at) values ($1, $2, $3, $4, $5)
     on conflict (keyid) do update set revoked_at = excluded.revoked_at`,
    [key.keyid, key.party, key.publicKeyPem, key.validFrom, key.revokedAt ?? null],
  )
}
