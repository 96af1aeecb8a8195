import { firstIssue, type KeyRing, keyRing } from '../evidence/keys.ts'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { decodeBase64, openEnvelope } from '../evidence/dsse.ts'
import { parseJson, sha256Of } from '../evidence/statement.ts'
import { Problem } from '../errors/problem.ts'
import { type ExportLine, exportLineSchema, type ExportRow, genesisHash, linkHash, rowDigest } from './chain.ts'
import {
  endPayloadType,
  endSchema,
  markBytes,
  markOf,
  maxBatchRows,
  type Seal,
  sealPayloadType,
  sealSchema,
} from './seal.ts'
import { type AuditReason, type AuditRefusal, refuseAudit } from './verify-problems.ts'

/** What an offline verification found. `refusal` is the first thing that does not fit; null when all holds. */
export interface AuditReport {
  readonly ok: boolean
  readonly log: string | null
  readonly firstSeq: number | null
  /** Last position up to which everything holds, and the chain hash there: note both, outside the base. */
  readonly lastSeq: number
  readonly headHash: string | null
  readonly rows: number
  readonly withheld: number
  readonly seals: number
  /** Rows that the base had written but not sealed; null where the signed end was not reached. */
  readonly unsealed: number | null
  readonly exportedAt: string | null
  /** `file`: no ring was given, so the export vouches for itself only. */
  readonly keysFrom: 'ring' | 'file'
  readonly refusal: AuditRefusal | null
}

export interface AuditVerifyOptions {
  readonly ring?: KeyRing
  /** Heads noted earlier (from a report); history before them must still lead to them. */
  readonly known?: readonly { readonly seq: number; readonly hash: string }[]
}

/** No line of an export comes near this; a longer one is not read into memory. */
const maxLineBytes = 64 * 1024 * 1024

interface Batched {
  readonly row: ExportRow
  readonly digest: string
  readonly line: number
}

class Refused extends Error {
  readonly refusal: AuditRefusal
  constructor(refusal: AuditRefusal) {
    super(refusal.reason)
    this.refusal = refusal
  }
}

/** Verifies an export without a base, as a stream: at most one batch is held in memory. */
export async function verifyAudit(
  bytes: AsyncIterable<Uint8Array | string>,
  options: AuditVerifyOptions = {},
): Promise<AuditReport> {
  const walk = new Walk(options)
  try {
    let number = 0
    for await (const line of linesOf(bytes)) {
      number += 1
      walk.take(line.bytes, number, line.isWhole)
    }
    walk.finish(number)
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    return walk.report(cause.refusal)
  }
  return walk.report(null)
}

/** Where the verification stands in the export; holds the rows of the batch that awaits its seal. */
class Walk {
  private begin: Extract<ExportLine, { kind: 'begin' }> | null = null
  private beginDigest = ''
  private ring: KeyRing = new Map()
  private readonly options: AuditVerifyOptions
  private seq = 0
  private hash = ''
  private sealNumber = 0
  private sealDigest: string | null = null
  private batch: Batched[] = []
  private rows = 0
  private withheld = 0
  private seals = 0
  private end: { unsealed: number; exportedAt: string } | null = null
  /** A gap before a seal: decided once it is seen whether the missing batch stands later in the file. */
  private gap: AuditRefusal | null = null

  constructor(options: AuditVerifyOptions) {
    this.options = options
  }

  take(bytes: Buffer, line: number, isWhole: boolean): void {
    const parsed = readLine(bytes)
    if (this.gap !== null) return this.takeAfterGap(parsed)
    if (typeof parsed === 'string' && !isWhole) throw refused('truncated', this.seq, line)
    if (typeof parsed === 'string') throw refused('malformed', this.seq, line, { detail: parsed })
    if (this.end !== null) throw refused('inserted-row', this.seq + 1, line)
    if (this.begin === null) return this.takeBegin(parsed, line)
    if (parsed.kind === 'begin') throw refused('malformed', this.seq, line, { detail: 'a second begin' })
    if (parsed.kind === 'seal') return this.takeSeal(parsed.envelope, line)
    if (parsed.kind === 'end') return this.takeEnd(parsed.envelope, line)
    if (this.batch.length === maxBatchRows) throw refused('inserted-row', this.seq + maxBatchRows + 1, line)
    const digest = parsed.kind === 'row' ? rowDigest(parsed.row, parsed.salt) : parsed.digest
    this.batch.push({ row: parsed, digest, line })
  }

  finish(line: number): void {
    if (this.gap !== null) throw new Refused(this.gap)
    if (this.end === null) throw refused('truncated', this.seq, line)
  }

  report(refusal: AuditRefusal | null): AuditReport {
    return {
      ok: refusal === null,
      log: this.begin?.log ?? null,
      firstSeq: this.begin?.firstSeq ?? null,
      lastSeq: this.seq,
      headHash: this.begin === null ? null : this.hash,
      rows: this.rows,
      withheld: this.withheld,
      seals: this.seals,
      unsealed: this.end?.unsealed ?? null,
      exportedAt: this.end?.exportedAt ?? null,
      keysFrom: this.options.ring === undefined ? 'file' : 'ring',
      refusal,
    }
  }

  private takeBegin(parsed: ExportLine, line: number): void {
    if (parsed.kind !== 'begin') throw refused('malformed', 0, line, { detail: 'the first line is not the begin' })
    if (parsed.firstSeq === 1 && parsed.previousHash !== genesisHash(parsed.log)) {
      throw refused('malformed', 0, line, { detail: 'the hash before the first row is not that of the log' })
    }
    try {
      this.ring = this.options.ring ?? keyRing(parsed.keys)
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause
      throw refused('malformed', 0, line, { detail: cause.message })
    }
    const known = this.options.known?.find((head) => head.seq === parsed.firstSeq - 1)
    if (known !== undefined && known.hash !== parsed.previousHash) throw refused('rewritten', known.seq, line)
    this.begin = parsed
    this.beginDigest = sha256Of(canonicalJson(parsed))
    this.seq = parsed.firstSeq - 1
    this.hash = parsed.previousHash
  }

  private takeSeal(envelope: unknown, line: number): void {
    const { value: seal, digest } = this.open(envelope, line, sealPayloadType, sealSchema, (found) => found.sealedAt)
    const bad = (detail: string) => this.firstBreak() ?? refused('bad-seal', this.seq, line, { detail })
    if (seal.log !== this.begin?.log) throw bad('it belongs to another log')
    if (seal.firstSeq > this.seq + 1) {
      this.gap = refuseAudit('missing-row', this.seq + 1, this.batch[0]?.line ?? line)
      return
    }
    if (seal.firstSeq < this.seq + 1) throw refused('inserted-row', this.seq + 1, this.batch[0]?.line ?? line)
    const follows = this.seals === 0 || (seal.number === this.sealNumber + 1 && seal.previousSeal === this.sealDigest)
    if (!follows || seal.previousHash !== this.hash) throw bad('it does not follow the seal before it')
    this.compare(seal, line)
    this.seals += 1
    this.sealNumber = seal.number
    this.sealDigest = digest
    this.batch = []
  }

  /** Holds the batch against the rows that the seal lists, and names the first that differs. */
  private compare(seal: Seal, line: number): void {
    const marks = decodeBase64(seal.marks)
    const length = seal.lastSeq - seal.firstSeq + 1
    if (marks === null || marks.length !== length * markBytes) {
      throw refused('bad-seal', this.seq, line, { detail: 'its list of rows is incomplete' })
    }
    const sealed = Array.from({ length }, (_, at) => marks.toString('hex', at * markBytes, (at + 1) * markBytes))
    const found = this.batch.map((entry) => markOf(entry.digest).toString('hex'))
    const differs = firstDifference(sealed, found)
    if (differs !== null) {
      const { reason, at } = differs
      throw refused(reason, seal.firstSeq + at, this.batch[at]?.line ?? line)
    }
    for (const { row, digest, line: rowLine } of this.batch) {
      this.hash = linkHash(this.hash, this.seq + 1, digest)
      if (row.seq !== this.seq + 1 || row.hash !== this.hash) throw refused('changed-row', this.seq + 1, rowLine)
      this.seq += 1
      this.rows += 1
      if (row.kind === 'withheld') this.withheld += 1
      const known = this.options.known?.find((head) => head.seq === this.seq)
      if (known !== undefined && known.hash !== this.hash) throw refused('rewritten', this.seq, rowLine)
    }
    if (seal.headHash !== this.hash)
      throw refused('bad-seal', this.seq, line, { detail: 'its head is not that of the rows' })
  }

  private takeEnd(envelope: unknown, line: number): void {
    if (this.batch[0] !== undefined) throw refused('inserted-row', this.seq + 1, this.batch[0].line)
    const { value: end } = this.open(envelope, line, endPayloadType, endSchema, (found) => found.exportedAt)
    if (end.begin !== this.beginDigest) {
      throw refused('bad-seal', this.seq, line, { detail: 'the end belongs to another export' })
    }
    if (end.lastSeq > this.seq) throw refused('missing-row', this.seq + 1, line)
    if (end.lastSeq !== this.seq || end.headHash !== this.hash || end.seals !== this.seals) {
      throw refused('bad-seal', this.seq, line, { detail: 'the end does not follow the last seal' })
    }
    const ahead = this.options.known?.find((head) => head.seq > this.seq)
    if (ahead !== undefined) throw refused('missing-row', this.seq + 1, line)
    this.end = end
  }

  private takeAfterGap(parsed: ExportLine | string): void {
    if (typeof parsed === 'string' || parsed.kind !== 'seal' || this.gap === null) return
    const opened = openEnvelope(parsed.envelope, this.ring)
    const seal = sealSchema.safeParse(opened.ok ? parseJson(opened.value.payload) : undefined)
    if (!seal.success || seal.data.firstSeq !== this.seq + 1) return
    throw refused('reordered', this.gap.seq, this.gap.line)
  }

  /** Opens a seal or the end. Where it fails, a row before it that breaks the chain is named first. */
  private open<T>(
    envelope: unknown,
    line: number,
    payloadType: string,
    schema: {
      safeParse(
        value: unknown,
      ): { success: true; data: T } | { success: false; error: Parameters<typeof firstIssue>[0] }
    },
    instantOf: (value: T) => string,
  ): { value: T; digest: string } {
    const atOf = (payload: Buffer) => {
      const found = schema.safeParse(parseJson(payload))
      return found.success ? instantOf(found.data) : null
    }
    const opened = openEnvelope(envelope, this.ring, { where: `line ${line}`, line, atOf })
    const bad = (detail: string) => this.firstBreak() ?? refused('bad-seal', this.seq, line, { detail })
    if (!opened.ok) {
      if (opened.refusal.reason !== 'foreign-key') throw bad(opened.refusal.problem.words('en').title)
      throw this.firstBreak() ?? refused('foreign-key', this.seq, line, opened.refusal.problem.params)
    }
    if (opened.value.payloadType !== payloadType) throw bad(`its payload is ${opened.value.payloadType}`)
    const parsed = schema.safeParse(parseJson(opened.value.payload))
    if (!parsed.success) throw bad(firstIssue(parsed.error))
    return { value: parsed.data, digest: sha256Of(opened.value.payload) }
  }

  private firstBreak(): Refused | null {
    let { seq, hash } = this
    for (const { row, digest, line } of this.batch) {
      seq += 1
      hash = linkHash(hash, seq, digest)
      if (row.seq !== seq || row.hash !== hash) return refused('changed-row', seq, line)
    }
    return null
  }
}

/** Where the rows found first depart from the rows sealed, and what was done there. */
function firstDifference(
  sealed: readonly string[],
  found: readonly string[],
): { reason: AuditReason; at: number } | null {
  const at = sealed.findIndex((mark, index) => found[index] !== mark)
  if (at === -1) return found.length > sealed.length ? { reason: 'inserted-row', at: sealed.length } : null
  const wanted = sealed[at]
  const present = found[at]
  if (present === undefined) return { reason: 'missing-row', at }
  const wantedLater = found.includes(wanted ?? '', at + 1)
  const belongsLater = sealed.includes(present, at + 1)
  if (wantedLater && belongsLater) return { reason: 'reordered', at }
  if (wantedLater)
    return { reason: sealed.includes(present) && found.length === sealed.length ? 'reordered' : 'inserted-row', at }
  if (belongsLater || found.length < sealed.length) return { reason: 'missing-row', at }
  return { reason: 'changed-row', at }
}

function readLine(bytes: Buffer): ExportLine | string {
  const value = parseJson(bytes)
  if (value === undefined) return 'it is not JSON'
  const parsed = exportLineSchema.safeParse(value)
  if (!parsed.success) return firstIssue(parsed.error)
  return Buffer.from(canonicalJson(value)).equals(bytes) ? parsed.data : 'it is not in canonical JSON'
}

function refused(...of: Parameters<typeof refuseAudit>): Refused {
  return new Refused(refuseAudit(...of))
}

/** Splits a stream into lines without their newline. What follows the last newline, if anything, is not whole. */
async function* linesOf(
  bytes: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<{ bytes: Buffer; isWhole: boolean }> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of bytes) {
    let part =
      typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let end = part.indexOf(10); end !== -1; end = part.indexOf(10)) {
      yield { bytes: Buffer.concat([...rest, part.subarray(0, end)]), isWhole: true }
      rest = []
      restBytes = 0
      part = part.subarray(end + 1)
    }
    rest.push(part)
    restBytes += part.length
    if (restBytes > maxLineBytes) break
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest), isWhole: restBytes > maxLineBytes }
}
