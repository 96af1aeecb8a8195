import { verifyAudit } from '../../src/kernel/audit/verify.ts'
import { keyRing, type KeyRing, openStatement, type TrustedKey } from '../../src/kernel/index.ts'
import type { JobShown } from './check-rooms.ts'
import { bodyOf, type Door, insist } from './door.ts'
import { violated } from './ledger.ts'
import { project } from './load.ts'

/** A stream that says nothing for so long has said all. */
const quietMs = 3_000

export async function ringOf(door: Door): Promise<KeyRing> {
  const { keys } = bodyOf<{ keys: TrustedKey[] }>(await insist(door, '/api/keys/trusted'))
  return keyRing(keys)
}

/** The export verifies offline, and each acknowledged change stands in it once; no request stands in it twice. */
export async function checkAudit(door: Door, ring: KeyRing): Promise<number> {
  const { ledger } = door
  const { bytes } = await insist(door, '/api/audit/export')
  const report = await verifyAudit(chunksOf(bytes), { ring })
  if (!report.ok) {
    const { refusal, lastSeq } = report
    violated(ledger, 'audit', `the export does not hold after row ${lastSeq}: ${refusal?.problem.message ?? ''}`)
  }
  const actions = new Map<string, string[]>()
  for (const line of bytes
    .toString('utf8')
    .split('\n')
    .filter((one) => one.startsWith('{'))) {
    const { row } = JSON.parse(line) as { row?: { requestId?: string | null; action?: string } }
    if (row?.requestId == null) continue
    actions.set(row.requestId, [...(actions.get(row.requestId) ?? []), row.action ?? ''])
  }
  for (const [requestId, found] of actions)
    if (found.length > 1)
      violated(ledger, 'done twice', `request ${requestId} stands in the audit log as ${found.join()}`)
  for (const [requestId, operation] of ledger.deeds) {
    const found = actions.get(requestId)
    if (found?.[0] !== operation)
      violated(
        ledger,
        'lost',
        `${operation} of request ${requestId} stands in the audit log as ${found?.join() ?? 'nothing'}`,
      )
  }
  return report.rows
}

/** Every statement verifies, and each acknowledged snapshot is stated once. */
export async function checkEvidence(door: Door, ring: KeyRing): Promise<number> {
  const { ledger } = door
  const answer = await insist(door, `${project}/evidence`)
  const { statements } = bodyOf<{ statements: { digest: string; envelope: unknown }[] }>(answer)
  const stated: string[] = []
  for (const { digest, envelope } of statements) {
    const opened = openStatement(envelope, ring)
    if (!opened.ok) violated(ledger, 'evidence', `statement ${digest}: ${opened.refusal.problem.message}`)
    else stated.push(...opened.value.statement.subject.map((subject) => subject.digest.sha256))
  }
  const counts = Map.groupBy(stated, (sha256) => sha256)
  for (const { id, digest } of ledger.snapshots) {
    const times = counts.get(digest)?.length ?? 0
    if (times !== 1) violated(ledger, times === 0 ? 'lost' : 'done twice', `snapshot ${id} is stated ${times} times`)
  }
  return statements.length
}

/** Each job's end, and each snapshot, was announced once. */
export async function checkEvents(door: Door, shown: readonly JobShown[]): Promise<number> {
  const { ledger } = door
  const events = await eventsOf(door)
  const counts = new Map<string, number>()
  for (const { kind, subjectId } of events)
    counts.set(`${kind} ${subjectId}`, (counts.get(`${kind} ${subjectId}`) ?? 0) + 1)
  const ends = ['succeeded', 'failed', 'cancelled', 'lost']
  for (const { id, name, state } of shown.filter((job) => ends.includes(job.state))) {
    const told = ends.flatMap((end) => Array.from({ length: counts.get(`job.${end} ${id}`) ?? 0 }, () => end))
    if (told.join() !== state)
      violated(
        ledger,
        told.length > 1 ? 'done twice' : 'lost',
        `${name} ${id} is ${state}, announced as ${told.join()}`,
      )
  }
  for (const { id } of ledger.snapshots) {
    const times = counts.get(`snapshot.created ${id}`) ?? 0
    if (times !== 1)
      violated(ledger, times === 0 ? 'lost' : 'done twice', `snapshot ${id} was announced ${times} times`)
  }
  return events.length
}

/** Reads the stream from its beginning until it falls quiet. */
async function eventsOf(door: Door): Promise<{ kind: string; subjectId: string }[]> {
  const quiet = new AbortController()
  const response = await fetch(`${door.address}${project}/events?after=0-0`, {
    headers: { authorization: `Bearer ${door.session}` },
    signal: quiet.signal,
  })
  let text = ''
  let timer = setTimeout(() => quiet.abort(), quietMs)
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      clearTimeout(timer)
      timer = setTimeout(() => quiet.abort(), quietMs)
    }
  } catch (error) {
    if (!quiet.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {"cursor"'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as { kind: string; subjectId: string })
}

/** Nothing that the base queued for itself has given up. */
export async function checkParked(door: Door): Promise<void> {
  const { work } = bodyOf<{ work: { task: string; lastError: string | null }[] }>(
    await insist(door, '/api/work/parked'),
  )
  for (const { task, lastError } of work) violated(door.ledger, 'given up', `${task}: ${lastError ?? ''}`)
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20))
}
