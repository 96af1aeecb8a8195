import { createPrivateKey } from 'node:crypto'
import { type KeyRing, keyRing, loadSigningKey, type SigningKey, trustedKeyOf } from './keys.ts'
import type { Kind, Predicate } from './predicates.ts'
import { sha256Of, type Subject } from './statement.ts'

/** A signing key from a number, so that a test's output is the same every time. PKCS#8 prefix of RFC 8410. */
export function keyFrom(seed: number): SigningKey {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  const der = Buffer.concat([prefix, Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return loadSigningKey(key.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/** A ring that trusts these keys from 2026 on. */
export function ringOf(...keys: readonly SigningKey[]): KeyRing {
  return keyRing(keys.map((key, index) => trustedKeyOf(key, `Party ${index + 1}`, '2026-01-01T00:00:00Z')))
}

export function subjectOf(name: string): Subject {
  return { name, digest: { sha256: sha256Of(name) } }
}

const common = {
  at: '2026-03-01T08:00:00Z',
  by: { kind: 'person' as const, id: 'u1', name: 'Ada', organisation: 'Ward 3' },
  project: 'p1',
  synthetic: true,
  demo: false,
  materials: [],
  previous: [],
}
const task = { id: 'ecg-beats', version: '1' }

const samples: { readonly [K in Kind]: Predicate<K> } = {
  snapshot: {
    ...common,
    snapshotId: 's1',
    sources: [{ name: 'made', licence: 'CC0-1.0', address: null }],
    contractId: null,
    deidentification: null,
    quality: { verdict: 'pass', reportSha256: null },
    splits: [{ name: 'test', records: 10, people: null }],
    labels: null,
  },
  training: {
    ...common,
    job: { id: 'j1', attempt: 1 },
    recipe: { name: 'ecg', sha256: sha256Of('recipe') },
    command: ['python', 'train.py'],
    seed: 7,
    environment: { python: '3.11' },
    hardware: [{ device: 'cpu', count: 1 }],
    startedAt: '2026-03-01T07:00:00Z',
    finishedAt: '2026-03-01T08:00:00Z',
    metrics: { loss: 0.25, auc: null },
  },
  'evaluation-plan': {
    ...common,
    planId: 'pl1',
    task,
    purpose: 'does it find beats',
    scorer: { name: 'beats', version: '1', sha256: null },
    judge: null,
    samplesPlanned: 10,
    metrics: [
      { name: 'f1', primary: true, better: 'higher', threshold: 0.9, interval: { method: 'wilson', level: 0.95 } },
    ],
    subgroups: [],
    exclusions: [],
    stopping: null,
    seed: null,
  },
  evaluation: {
    ...common,
    evaluationId: 'e1',
    task,
    state: 'complete',
    samplesAsked: 10,
    samplesAnswered: 10,
    samplesUngraded: 0,
    startedAt: '2026-03-01T07:00:00Z',
    finishedAt: '2026-03-01T08:00:00Z',
    answersSha256: sha256Of('answers'),
    command: ['pilotbase', 'evaluate'],
    results: [{ metric: 'f1', subgroup: null, n: 10, value: 0.95, low: 0.9, high: 0.99, level: 0.95, missing: null }],
    deviations: [],
  },
  gate: {
    ...common,
    releaseId: 'r1',
    gate: { id: 'pilot', version: '1' },
    from: 'shadow',
    to: 'pilot',
    checks: [
      { id: 'f1', title: 'F1', outcome: 'pass', required: 'at least 0.9', observed: '0.95', evidence: [sha256Of('e')] },
    ],
    outcome: 'open',
    expiresAt: null,
  },
  approval: {
    ...common,
    releaseId: 'r1',
    from: 'shadow',
    to: 'pilot',
    role: 'approver',
    decision: 'approved',
    conditions: [],
    reason: 'evaluated on site',
    expiresAt: null,
  },
  release: {
    ...common,
    releaseId: 'r1',
    purpose: 'beat counting',
    site: 'Ward 3',
    from: null,
    to: 'proposed',
    scope: 'adults, 12 leads',
    reason: 'first proposal',
  },
  decision: {
    ...common,
    caseId: 'c1',
    application: 'ecg',
    releaseId: 'r1',
    findingsSha256: sha256Of('findings'),
    decision: 'accepted',
    correctionSha256: null,
    answeredAt: '2026-03-01T08:00:00Z',
    decidedAt: '2026-03-01T08:01:00Z',
  },
}

/** A whole predicate of the kind, with the given members changed. */
export function predicateOf<K extends Kind>(kind: K, changed: Partial<Predicate<K>> = {}): Predicate<K> {
  return { ...samples[kind], ...changed }
}
