import type { Tx } from '../database/database.ts'
import type { Envelope } from '../evidence/dsse.ts'
import type { SigningKey, TrustedKey } from '../evidence/keys.ts'
import type { ExportRow } from './chain.ts'
import { exportAudit, shownRow } from './seal.ts'
import { type AuditColumns, auditColumns, auditRowOf } from './sealer.ts'

interface SealRow {
  number: number
  first_seq: number
  last_seq: number
  envelope: Envelope
}

/** The whole sealed log, line by line, as `pilotbase audit verify` reads it. Runs with the capability `sealer`. */
export async function* exportWholeLog(
  tx: Tx,
  key: SigningKey,
  keys: readonly TrustedKey[],
  at: Date,
): AsyncGenerator<string> {
  const { log } = await tx.one<{ log: string }>('select log from kernel.audit_head')
  const { unsealed } = await tx.one<{ unsealed: number }>(
    `select count(*) as unsealed from kernel.audit_row r where not exists (select from kernel.audit_link l where l.row_id = r.id)`,
  )
  const origin = { log, firstSeq: 1, previousHash: null, keys, exportedAt: at.toISOString(), unsealed }
  yield* exportAudit(origin, batches(tx), key)
}

async function* batches(tx: Tx): AsyncGenerator<{ rows: readonly ExportRow[]; seal: Envelope }> {
  let after = 0
  for (;;) {
    const seal = await tx.maybe<SealRow>(
      'select number, first_seq, last_seq, envelope from kernel.audit_seal where number > $1 order by number limit 1',
      [after],
    )
    if (seal === null) return
    after = seal.number
    const rows = await tx.rows<AuditColumns & { seq: number; salt: string; hash: string }>(
      `select ${auditColumns}, l.seq, l.salt, l.hash from kernel.audit_row r join kernel.audit_link l on l.row_id = r.id
        where l.seq between $1 and $2 order by l.seq`,
      [seal.first_seq, seal.last_seq],
    )
    const shown = rows.map((row) =>
      shownRow(auditRowOf(row), { id: row.id, seq: row.seq, salt: row.salt, hash: row.hash }),
    )
    yield { rows: shown, seal: seal.envelope }
  }
}
