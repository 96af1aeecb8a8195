import { computeMigrations } from '../compute/index.ts'
import { dataMigrations } from '../data/index.ts'
import { capability, httpProblem, type Predicate, sha256Of, state, type Tx } from '../kernel/index.ts'
import { predicateOf } from '../kernel/evidence/testing.ts'
import { as, type TestBase, type TestPerson, testBase } from '../kernel/testing.ts'
import { openRelease, type ReleasedModels, releaseMigrations, type ReleaseRoom } from './index.ts'

export const weights = sha256Of('weights of 1.0.0')

/** Rules for tests: one figure, one training, and who approves what. */
export const testPolicy = `format: pilotbase.release-policy/1
gates:
  shadow:
    evidence: [{ kind: training }]
    approvals: { count: 1 }
  pilot:
    metrics: [{ task: ecg-beats, metric: qrs_se_gross, atLeast: 0.99, minGroups: 10 }]
    approvals: { count: 1, parties: [hospital] }
  live:
    metrics: [{ task: ecg-beats, metric: qrs_se_gross, atLeast: 0.99, minGroups: 10 }]
    approvals: { count: 2, parties: [hospital, government], distinctOrganisations: true }
`

export interface People {
  readonly owner: TestPerson
  /** Proposes releases. */
  readonly author: TestPerson
  /** Registered the version, and holds the role of approver besides. */
  readonly registrar: TestPerson
  /** Submitted the training, and holds the role of approver besides. */
  readonly trainer: TestPerson
  readonly approver: TestPerson
  readonly second: TestPerson
  /** Of the government. */
  readonly inspector: TestPerson
  /** An approver of a company, which no policy here names. */
  readonly vendor: TestPerson
  readonly clinician: TestPerson
}

/** A base with this room, a registered version, and everyone who has a part in its release. */
export interface ReleaseBase extends TestBase {
  readonly room: ReleaseRoom
  readonly people: People
  readonly versionId: string
  /** Names that are deployed now. */
  readonly deployed: ReadonlySet<string>
  readonly app: Awaited<ReturnType<TestBase['http']>>
  /** A transaction in a person's name, as a handler has it. */
  actAs<T>(person: TestPerson, work: (tx: Tx) => Promise<T>): Promise<T>
  /** Signs a statement with the base's key and keeps it. */
  sign<K extends 'snapshot' | 'training' | 'evaluation-plan' | 'evaluation' | 'decision'>(
    kind: K,
    subject: { readonly name: string; readonly sha256: string },
    said: Partial<Predicate<K>>,
  ): Promise<string>
  /** Data, training, plan and a passing evaluation of the weights. */
  signLineage(low?: number): Promise<void>
  /** Sends a request as a person and gives the answer's JSON, with its status. */
  call(
    person: TestPerson,
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, never> & { code?: string; id?: string; state?: string } }>
}

export async function releaseBase(): Promise<ReleaseBase> {
  let now = Date.UTC(2026, 2, 1, 8)
  const base = await testBase({
    migrations: [
      dataMigrations,
      computeMigrations,
      { room: 'models', folder: new URL('../models/migrations/', import.meta.url) },
      releaseMigrations,
    ],
    clock: () => new Date((now += 1000)),
  })
  const { kernel, project } = base
  const people: People = {
    owner: await base.person('owner', 'owner'),
    author: await base.person('author', 'developer'),
    registrar: await base.person('registrar', 'developer', 'approver'),
    trainer: await base.person('trainer', 'developer', 'approver'),
    approver: await base.person('approver', 'approver'),
    second: await base.person('second', 'approver'),
    inspector: await base.person('inspector', 'approver'),
    vendor: await base.person('vendor', 'approver'),
    clinician: await base.person('clinician', 'clinician'),
  }
  const seed = capability('seed')
  const versionId = await kernel.database.transaction(seed, async (tx) => {
    for (const [kind, name, who] of [
      ['government', 'Inspectorate', people.inspector],
      ['company', 'Vendor Ltd', people.vendor],
    ] as const) {
      const { id } = await tx.one<{ id: string }>(
        'insert into kernel.organisation (kind, name) values ($1, $2) returning id',
        [kind, name],
      )
      await tx.change('update kernel.person set organisation_id = $2 where id = $1', [who.id, id])
    }
    return addVersion(tx, project.id, people)
  })
  const deployed = new Set<string>()
  const models: ReleasedModels = {
    readVersion,
    deployVersion: async (_tx, _project, { name }) => void deployed.add(name),
    stopDeployment: async (_tx, _project, name) => void deployed.delete(name),
    analyse: async (_project, name, input) => ({ answeredBy: name, input }),
  }
  const room = openRelease(kernel, models)
  const app = await base.http(room)
  const actAs: ReleaseBase['actAs'] = async (person, work) => {
    const { organisation_id } = await kernel.database.transaction(seed, (tx) =>
      tx.one<{ organisation_id: string }>('select organisation_id from kernel.person where id = $1', [person.id]),
    )
    const actor = {
      kind: 'person' as const,
      userId: person.id,
      name: person.handle,
      organisationId: organisation_id,
      scopes: null,
    }
    return kernel.database.transaction(actor, work)
  }
  const sign: ReleaseBase['sign'] = (kind, subject, said) =>
    kernel.database.transaction(seed, (tx) =>
      state(
        tx,
        kernel.signer,
        project.id,
        kind,
        [{ name: subject.name, digest: { sha256: subject.sha256 } }],
        predicateOf(kind, said),
      ),
    )
  return {
    ...base,
    room,
    people,
    versionId,
    deployed,
    app,
    actAs,
    sign,
    signLineage: (low = 0.992) => signLineage(sign, low),
    async call(person, method, path, body) {
      const answer = await app.inject(as(person, method, `/api/projects/ward/${path}`, body))
      return { status: answer.statusCode, body: answer.json() }
    },
  }
}

async function addVersion(tx: Tx, projectId: string, people: People): Promise<string> {
  const job = await tx.one<{ id: string }>(
    `insert into compute.job (project_id, name, state, spec, priority, slots, max_attempts, created_by)
     values ($1, 'train', 'succeeded', '{}', 0, 1, 1, $2) returning id`,
    [projectId, people.trainer.id],
  )
  const model = await tx.one<{ id: string }>(
    `insert into models.model (project_id, slug, title, created_by) values ($1, 'ecg-beats', 'ECG', $2) returning id`,
    [projectId, people.registrar.id],
  )
  const { id } = await tx.one<{ id: string }>(
    `insert into models.version (project_id, model_id, label, kind, snapshot_digest, weights_digest, signature, card, card_sha256,
                                 model_sig_sha256, training_job_id, is_synthetic, is_demo, created_by)
     values ($1, $2, '1.0.0', 'ecg', $3, $4, '{}', '{}', $3, $3, $5, false, false, $6) returning id`,
    [projectId, model.id, sha256Of('other'), weights, job.id, people.registrar.id],
  )
  return id
}

async function readVersion(tx: Tx, projectId: string, versionId: string) {
  const row = await tx.maybe<{
    model: string
    label: string
    weights_digest: string
  }>(
    `select m.slug as model, v.label, v.weights_digest
       from models.version v join models.model m on m.id = v.model_id where v.project_id = $1 and v.id = $2`,
    [projectId, versionId],
  )
  if (row === null) throw httpProblem('kernel.not-found', { kind: 'version', id: versionId })
  return {
    id: versionId,
    model: row.model,
    label: row.label,
    weightsDigest: row.weights_digest,
    isSynthetic: false,
    isDemo: false,
  }
}

export const snapshotSubject = { name: 'ward-ecg-2026', sha256: sha256Of('ward-ecg-2026') }
export const weightsSubject = { name: 'ecg-beats 1.0.0', sha256: weights }
const onSnapshot = {
  name: snapshotSubject.name,
  role: 'snapshot' as const,
  digest: { sha256: snapshotSubject.sha256 },
}

/** What a plan says in these tests: the threshold of the policy, asked beforehand. */
export function plannedMetric(threshold: number | null) {
  return {
    name: 'qrs_se_gross',
    primary: true,
    better: 'higher' as const,
    threshold,
    interval: { method: 'bootstrap-percentile', level: 0.95 },
  }
}

/** A figure on `n` beats of `groups` recordings. */
export function figures(low: number | null, groups: number | null = 12) {
  const row = { metric: 'qrs_se_gross', subgroup: null, n: 21_000, missing: null }
  const figure =
    low === null
      ? { ...row, value: 0.995, low: null, high: null, level: null }
      : { ...row, value: Math.min(1, low + 0.003), low, high: Math.min(1, low + 0.005), level: 0.95 }
  const count = {
    metric: 'n_groups',
    subgroup: null,
    n: groups ?? 0,
    value: groups,
    low: null,
    high: null,
    level: null,
  }
  return groups === null ? [figure] : [figure, { ...count, missing: null }]
}

async function signLineage(sign: ReleaseBase['sign'], low: number): Promise<void> {
  const before = '2026-02-20T08:00:00Z'
  const snapshot = await sign('snapshot', snapshotSubject, {
    at: before,
    synthetic: false,
    sources: [{ name: 'Ward 3 Holter recordings', licence: 'contract 17', address: null }],
    splits: [{ name: 'test', records: 12, people: 12 }],
  })
  await sign('training', weightsSubject, {
    at: before,
    synthetic: false,
    materials: [onSnapshot],
    previous: [snapshot],
  })
  const plan = await sign(
    'evaluation-plan',
    { name: 'plan', sha256: sha256Of(`plan ${low}`) },
    {
      at: '2026-02-21T08:00:00Z',
      synthetic: false,
      materials: [onSnapshot],
      metrics: [plannedMetric(0.99)],
    },
  )
  await sign('evaluation', weightsSubject, {
    at: '2026-02-22T09:00:00Z',
    synthetic: false,
    evaluationId: `e ${low}`,
    startedAt: '2026-02-22T08:00:00Z',
    finishedAt: '2026-02-22T09:00:00Z',
    materials: [onSnapshot],
    previous: [plan],
    results: figures(low),
  })
}
