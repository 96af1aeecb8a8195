import { httpProblem, type Tx } from '../../kernel/index.ts'
import type { Move, Release } from './contract.ts'
import type { Stage } from './domain.ts'

/** A release with what only this room needs. */
export interface StoredRelease extends Release {
  readonly projectId: string
  readonly policyId: string
  /** Persons who must not approve it. */
  readonly authors: readonly string[]
}

interface ReleaseRow {
  id: string
  project_id: string
  policy_id: string
  policy_version: number
  version_id: string
  model: string
  label: string
  weights_digest: string
  purpose: string
  site: string
  scope: string
  state: Stage
  is_synthetic: boolean
  is_demo: boolean
  proposed_by: string
  authors: string[]
  proposed_at: Date
}

const columns = `r.id, r.project_id, r.policy_id, p.version as policy_version, r.version_id, r.model, r.label, r.weights_digest, r.purpose,
       r.site, r.scope, r.state, r.is_synthetic, r.is_demo, r.proposed_by, r.authors, r.proposed_at`
const source = 'release.release r join release.policy p on p.id = r.policy_id'

function releaseOf(row: ReleaseRow): StoredRelease {
  return {
    id: row.id,
    projectId: row.project_id,
    policyId: row.policy_id,
    policyVersion: row.policy_version,
    versionId: row.version_id,
    model: row.model,
    label: row.label,
    weightsDigest: row.weights_digest,
    purpose: row.purpose,
    site: row.site,
    scope: row.scope,
    state: row.state,
    synthetic: row.is_synthetic,
    demo: row.is_demo,
    proposedBy: row.proposed_by,
    authors: row.authors,
    proposedAt: row.proposed_at.toISOString(),
  }
}

/** What crosses the API of a release. */
export function shownRelease({ projectId: _p, policyId: _i, authors: _a, ...shown }: StoredRelease): Release {
  return shown
}

export interface NewReleaseRow {
  readonly policyId: string
  readonly versionId: string
  readonly model: string
  readonly label: string
  readonly weightsDigest: string
  readonly purpose: string
  readonly site: string
  readonly scope: string
  readonly synthetic: boolean
  readonly demo: boolean
}

/** Adds a proposal. The database writes down its authors: the proposer, who registered the version, who submitted its training. */
export async function insertRelease(tx: Tx, projectId: string, row: NewReleaseRow): Promise<StoredRelease> {
  const proposer = tx.actor.kind === 'person' ? tx.actor.userId : null
  const { id } = await tx.one<{ id: string }>(
    `insert into release.release (project_id, policy_id, version_id, model, label, weights_digest, purpose, site, scope,
                                  is_synthetic, is_demo, proposed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      projectId,
      row.policyId,
      row.versionId,
      row.model,
      row.label,
      row.weightsDigest,
      row.purpose,
      row.site,
      row.scope,
      row.synthetic,
      row.demo,
      proposer,
    ],
  )
  return readRelease(tx, projectId, id)
}

export async function readRelease(tx: Tx, projectId: string, id: string): Promise<StoredRelease> {
  const row = await tx.maybe<ReleaseRow>(`select ${columns} from ${source} where r.project_id = $1 and r.id = $2`, [
    projectId,
    id,
  ])
  if (row === null) throw httpProblem('kernel.not-found', { kind: 'release', id })
  return releaseOf(row)
}

/** By id alone: for the base, which serves the releases of every project. */
export async function releaseById(tx: Tx, id: string): Promise<StoredRelease | null> {
  const row = await tx.maybe<ReleaseRow>(`select ${columns} from ${source} where r.id = $1`, [id])
  return row === null ? null : releaseOf(row)
}

/** Newest first; `after` is the id of the last one seen. */
export async function pageReleases(tx: Tx, projectId: string, after: string | null, limit: number) {
  const rows = await tx.rows<ReleaseRow>(
    `select ${columns} from ${source}
      where r.project_id = $1
        and ($2::uuid is null or (r.proposed_at, r.id) < (select o.proposed_at, o.id from release.release o where o.id = $2))
      order by r.proposed_at desc, r.id desc limit $3`,
    [projectId, after, limit],
  )
  return rows.map(releaseOf)
}

export async function releasesOfVersion(tx: Tx, projectId: string, versionId: string): Promise<StoredRelease[]> {
  const rows = await tx.rows<ReleaseRow>(
    `select ${columns} from ${source} where r.project_id = $1 and r.version_id = $2 order by r.proposed_at, r.id`,
    [projectId, versionId],
  )
  return rows.map(releaseOf)
}

/** Those that are live now for a purpose, one a site. */
export async function liveReleases(tx: Tx, projectId: string, purpose: string): Promise<StoredRelease[]> {
  const rows = await tx.rows<ReleaseRow>(
    `select ${columns} from ${source} where r.project_id = $1 and r.purpose = $2 and r.state = 'live' order by r.site`,
    [projectId, purpose],
  )
  return rows.map(releaseOf)
}

/** Those that were live at an instant, with when they came and went. */
export async function liveAt(tx: Tx, projectId: string, at: string, purpose: string | null) {
  const rows = await tx.rows<ReleaseRow & { live_since: Date; live_until: Date | null }>(
    `select ${columns}, l.moved_at as live_since, w.moved_at as live_until
       from ${source} join release.move l on l.release_id = r.id and l.to_state = 'live'
       left join release.move w on w.release_id = r.id and w.to_state = 'withdrawn'
      where r.project_id = $1 and date_trunc('milliseconds', l.moved_at) <= $2
        and (w.moved_at is null or date_trunc('milliseconds', w.moved_at) > $2) and ($3::text is null or r.purpose = $3)
      order by r.purpose, r.site`,
    [projectId, at, purpose],
  )
  return rows.map((row) => ({
    ...shownRelease(releaseOf(row)),
    liveSince: row.live_since.toISOString(),
    liveUntil: row.live_until?.toISOString() ?? null,
  }))
}

interface MoveRow {
  from_state: Stage | null
  to_state: Stage
  reason: string
  moved_by: string
  moved_by_name: string | null
  statement_digest: string
  moved_at: Date
}

/** How the release went, from its proposal on. */
export async function movesOf(tx: Tx, releaseId: string): Promise<Move[]> {
  const rows = await tx.rows<MoveRow>(
    `select m.from_state, m.to_state, m.reason, m.moved_by, w.name as moved_by_name, m.statement_digest, m.moved_at
       from release.move m left join kernel.person w on w.id = m.moved_by where m.release_id = $1 order by m.id`,
    [releaseId],
  )
  return rows.map((row) => ({
    from: row.from_state,
    to: row.to_state,
    reason: row.reason,
    movedBy: row.moved_by,
    movedByName: row.moved_by_name,
    statement: row.statement_digest,
    movedAt: row.moved_at.toISOString(),
  }))
}

/** Digest of the statement that brought the release where it is. */
export async function lastStatement(tx: Tx, releaseId: string): Promise<string> {
  const row = await tx.one<{ statement_digest: string }>(
    'select statement_digest from release.move where release_id = $1 order by id desc limit 1',
    [releaseId],
  )
  return row.statement_digest
}

export interface NewMove {
  readonly from: Stage | null
  readonly to: Stage
  readonly reason: string
  readonly statementDigest: string
}

/** Moves a release: the row is the move, and the database refuses one that does not fulfil what the stage asks for. */
export async function insertMove(tx: Tx, release: StoredRelease, move: NewMove): Promise<void> {
  const mover = tx.actor.kind === 'person' ? tx.actor.userId : null
  await tx.change(
    `insert into release.move (project_id, release_id, from_state, to_state, reason, moved_by, statement_digest)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [release.projectId, release.id, move.from, move.to, move.reason, mover, move.statementDigest],
  )
}
