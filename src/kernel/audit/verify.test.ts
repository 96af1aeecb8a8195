import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '../evidence/canonical-json.ts'
import type { Envelope } from '../evidence/dsse.ts'
import { type SigningKey, trustedKeyOf } from '../evidence/keys.ts'
import { sha256Of } from '../evidence/statement.ts'
import { keyFrom, ringOf } from '../evidence/testing.ts'
import { type AuditRow, auditRowSchema, type ChainHead, type ExportRow, exportLineSchema, firstHead } from './chain.ts'
import { exportAudit, type Link, sealBatch, shownRow, withheldRow } from './seal.ts'
import { verifyAudit } from './verify.ts'

const key = keyFrom(1)
const ring = ringOf(key)
const sealedAt = '2026-02-01T00:00:00Z'

const rowOf = (id: number, changed: Partial<AuditRow> = {}): AuditRow => ({
  id: String(id),
  at: '2026-01-31T23:00:00.123456Z',
  actorKind: 'person',
  actorId: 'u1',
  actorName: '王医生',
  organisationId: 'o1',
  projectId: null,
  action: 'case.read',
  targetKind: 'case',
  targetId: `c${id}`,
  outcome: 'done',
  problem: null,
  requestId: null,
  detail: { n: id / 3 },
  ...changed,
})

interface Stored {
  batches: { rows: ExportRow[]; seal: Envelope }[]
  head: ChainHead
}

/** Seals batches of the given sizes, as a base's store would hold them. */
function sealAll(
  sizes: readonly number[],
  by: SigningKey = key,
  log = 'log-1',
  change: Partial<AuditRow> = {},
): Stored {
  const batches: Stored['batches'] = []
  let head = firstHead(log)
  let id = 0
  for (const size of sizes) {
    const rows = Array.from({ length: size }, () => rowOf(++id, change))
    const sealed = sealBatch(head, rows, by, sealedAt, () => sha256Of(`salt ${id}`).slice(0, 32))
    head = sealed.head
    const shown = rows.map((row, at) => shownRow(row, sealed.links[at] as Link))
    batches.push({ rows: shown, seal: sealed.envelope })
  }
  return { batches, head }
}

async function linesOf(stored: Stored, origin: { from?: number; unsealed?: number } = {}, by = key): Promise<string[]> {
  const from = origin.from ?? 0
  const earlier = stored.batches.slice(0, from).flatMap((batch) => batch.rows)
  const batches = stored.batches.slice(from)
  const source = (async function* () {
    yield* batches
  })()
  const written = exportAudit(
    {
      log: stored.head.log,
      firstSeq: earlier.length + 1,
      previousHash: earlier.at(-1)?.hash ?? null,
      keys: [trustedKeyOf(key, 'Base', '2026-01-01T00:00:00Z')],
      exportedAt: '2026-02-02T00:00:00Z',
      unsealed: origin.unsealed ?? 0,
    },
    source,
    by,
  )
  return Array.fromAsync(written)
}

const check = (text: string | Buffer, options: Parameters<typeof verifyAudit>[1] = { ring }) =>
  verifyAudit(
    (async function* () {
      yield text
    })(),
    options,
  )
const found = async (lines: readonly string[]) => {
  const { refusal } = await check(lines.join(''))
  return refusal === null ? 'ok' : `${refusal.reason} ${refusal.seq}`
}

const stored = sealAll([5, 1, 4])
const lines = await linesOf(stored, { unsealed: 3 })
// Lines from 0: begin, rows 1-5, seal, row 6, seal, rows 7-10, seal, end
const at = (seq: number) => (seq <= 5 ? seq : seq === 6 ? 7 : seq + 2)

test('an untouched export holds, and says what it covers and what was not sealed yet', async () => {
  const report = await check(lines.join(''))
  assert.equal(report.refusal, null)
  assert.deepEqual(
    [report.ok, report.log, report.firstSeq, report.lastSeq, report.rows, report.seals, report.unsealed],
    [true, 'log-1', 1, 10, 10, 3, 3],
  )
  assert.equal(report.headHash, stored.head.hash)
  assert.equal(report.keysFrom, 'ring')
  assert.equal((await check(lines.join(''), {})).keysFrom, 'file')
})

test('an export may begin at any seal, and an empty log has an export too', async () => {
  assert.equal(await found(await linesOf(stored, { from: 1 })), 'ok')
  assert.equal(await found(await linesOf(stored, { from: 2 })), 'ok')
  assert.equal(await found(await linesOf(sealAll([]))), 'ok')
})

test('rows come in chunks cut anywhere, and the result is the same', () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) => {
      const bytes = Buffer.from(lines.join(''))
      const chunks = (async function* () {
        for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
      })()
      assert.equal((await verifyAudit(chunks, { ring })).ok, true)
    }),
    { seed: 3, numRuns: 20 },
  ))

test('a reader who may not see a row still checks the chain, and its content cannot be put back changed', async () => {
  const [sealed, hidden] = [sealBatch(firstHead('log-1'), [rowOf(1), rowOf(2), rowOf(3)], key, sealedAt), rowOf(2)]
  const rows = [rowOf(1), rowOf(2), rowOf(3)].map((row, index) => {
    const link = sealed.links[index] as Link
    return row.id === hidden.id ? withheldRow(row, link) : shownRow(row, link)
  })
  const text = await linesOf({ batches: [{ rows, seal: sealed.envelope }], head: sealed.head })
  const report = await check(text.join(''))
  assert.deepEqual([report.ok, report.rows, report.withheld], [true, 3, 1])
  assert.doesNotMatch(text[2] ?? '', /case\.read/)
  const shown = `${canonicalJson(shownRow(rowOf(2, { outcome: 'refused' }), sealed.links[1] as Link))}\n`
  assert.equal(await found(text.with(2, shown)), 'changed-row 2')
})

test('the first row that does not fit is named with what was done to it', async () => {
  const row = (seq: number) => lines[at(seq)] ?? ''
  const without = (seq: number) => lines.toSpliced(at(seq), 1)
  for (let seq = 1; seq <= 10; seq += 1) {
    const changed = row(seq).replace('"done"', '"refused"')
    assert.notEqual(changed, row(seq))
    assert.equal(await found(lines.with(at(seq), changed)), `changed-row ${seq}`)
    assert.equal(await found(without(seq)), `missing-row ${seq}`)
    const added = row(seq).replace('"targetId":"c', '"targetId":"x')
    assert.equal(await found(lines.toSpliced(at(seq), 0, added)), `inserted-row ${seq}`)
    assert.equal(await found(lines.toSpliced(at(seq), 0, row(seq))), `inserted-row ${seq + 1}`)
  }
  assert.equal(await found(lines.with(at(2), row(4)).with(at(4), row(2))), 'reordered 2')
  assert.equal(await found(lines.toSpliced(at(6), 2)), 'missing-row 6')
  const first = lines.slice(1, 7)
  assert.equal(await found([lines[0] ?? '', ...lines.slice(7, 9), ...first, ...lines.slice(9)]), 'reordered 1')
  assert.equal(await found([...lines.slice(0, 7), ...first, ...lines.slice(7)]), 'inserted-row 6')
})

test('a forger who computes every hash anew is found at the row he changed, as the seal lists the rows', async () => {
  const forged = sealAll([5, 1, 4], key, 'log-1')
  const [batch] = forged.batches
  assert.ok(batch)
  const rows = [1, 2, 3, 4, 5].map((id) => rowOf(id, id === 3 ? { actorName: 'nobody' } : {}))
  const again = sealBatch(firstHead('log-1'), rows, key, sealedAt, () => sha256Of('salt 5').slice(0, 32))
  batch.rows = rows.map((row, index) => shownRow(row, again.links[index] as Link))
  assert.equal(await found(await linesOf(forged)), 'changed-row 3')
})

test('a seal by another key is foreign, a seal of another log is bad, and so is a seal that was edited', async () => {
  assert.equal(await found(await linesOf(sealAll([2], keyFrom(9)))), 'foreign-key 0')
  const other = sealAll([5], key, 'log-2')
  const seal = `${canonicalJson({ kind: 'seal', envelope: other.batches[0]?.seal })}\n`
  assert.equal(await found(lines.with(6, seal)), 'bad-seal 0')
  const edited = (lines[6] ?? '').replace(/"payload":"(.{40})./, '"payload":"$1A')
  assert.equal(await found(lines.with(6, edited)), 'bad-seal 0')
  const both = lines.with(6, edited).with(at(4), (lines[at(4)] ?? '').replace('"done"', '"refused"'))
  assert.equal(await found(both), 'changed-row 4')
})

test('an export that stops early is truncated, wherever it is cut', async () => {
  const text = lines.join('')
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: text.length - 2 }), async (length) => {
      const { refusal } = await check(text.slice(0, length))
      assert.equal(refusal?.reason, 'truncated')
    }),
    { seed: 4, numRuns: 100 },
  )
  assert.equal(await found(lines.toSpliced(10, 5)), 'truncated 6')
  assert.equal(await found(lines.toSpliced(9, 5)), 'missing-row 7')
})

test('a history rewritten with the real key is found by a head that was noted outside', async () => {
  const known = { seq: 5, hash: stored.batches[0]?.rows[4]?.hash ?? '' }
  assert.equal((await check(lines.join(''), { ring, known: [known] })).ok, true)
  const rewritten = await linesOf(sealAll([5, 1, 4], key, 'log-1', { actorName: 'someone else' }))
  assert.equal((await check(rewritten.join(''))).ok, true)
  assert.equal((await check(rewritten.join(''), { ring, known: [known] })).refusal?.reason, 'rewritten')
  const shortened = await linesOf(sealAll([3]))
  assert.equal((await check(shortened.join(''), { ring, known: [known] })).refusal?.reason, 'missing-row')
})

test('any flipped bit is found', () => {
  const bytes = Buffer.from(lines.join(''))
  return fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
      const flipped = Buffer.from(bytes)
      flipped[place] = (flipped[place] ?? 0) ^ (1 << bit)
      assert.equal((await check(flipped)).ok, false)
    }),
    { seed: 5, numRuns: 800 },
  )
})

test('any line that is left out, doubled, swapped or put in is found', () => {
  const line = fc.nat(lines.length - 1)
  const other = sealAll([3, 3], keyFrom(9), 'log-2')
  return fc.assert(
    fc.asyncProperty(line, line, fc.nat(2), async (a, b, deed) => {
      const [first, second] = [lines[a] ?? '', lines[b] ?? '']
      if (deed === 2 && a === b) return
      const foreign = await linesOf(other)
      const edited = [
        () => lines.toSpliced(a, 1),
        () => lines.toSpliced(b, 0, a % 2 === 0 ? first : (foreign[a % foreign.length] ?? '')),
        () => lines.with(a, second).with(b, first),
      ][deed]?.()
      assert.notEqual(await found(edited ?? lines), 'ok')
    }),
    { seed: 6, numRuns: 400 },
  )
})

test('a sealer takes what was committed, in batches, and gives positions without a gap', () => {
  const first = sealBatch(firstHead('l'), [rowOf(7), rowOf(3)], key, sealedAt)
  const second = sealBatch(first.head, [rowOf(5)], key, sealedAt)
  assert.deepEqual(
    [...first.links, ...second.links].map((link) => [link.id, link.seq]),
    [
      ['7', 1],
      ['3', 2],
      ['5', 3],
    ],
  )
  assert.equal(new Set([...first.links, ...second.links].map((link) => link.salt)).size, 3)
  assert.throws(() => sealBatch(first.head, [], key, sealedAt), RangeError)
})

test('lines and rows say exactly what they hold', () => {
  assert.equal(auditRowSchema.safeParse({ ...rowOf(1), extra: 1 }).success, false)
  assert.equal(auditRowSchema.safeParse({ ...rowOf(1), outcome: 'maybe' }).success, false)
  assert.equal(exportLineSchema.safeParse({ kind: 'note' }).success, false)
})
