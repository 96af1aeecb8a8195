import { brokenConstraint, type Tx } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import type { ModelCard } from './card.ts'
import type { AliasMove, Model, VersionDetail, VersionKind, VersionSignature } from './contract.ts'

/** A version with its project and author, who must not be the one to approve it. */
export interface StoredVersion extends VersionDetail {
  readonly projectId: string
  /** Who registered it; null for the base itself. */
  readonly createdBy: string | null
}

interface VersionRow {
  id: string
  project_id: string
  model: string
  label: string
  kind: VersionKind
  snapshot_digest: string
  weights_digest: string
  signature: VersionSignature
  card: ModelCard
  card_sha256: string
  model_sig_sha256: string
  training_job_id: string | null
  is_synthetic: boolean
  is_demo: boolean
  aliases: string[]
  created_by: string | null
  created_at: Date
}

const versions = `select v.id, v.project_id, m.slug as model, v.label, v.kind, v.snapshot_digest, v.weights_digest, v.signature, v.card,
         v.card_sha256, v.model_sig_sha256, v.training_job_id, v.is_synthetic, v.is_demo, v.created_by, v.created_at,
         coalesce((select array_agg(s.alias order by s.alias)
                     from (select distinct on (a.alias) a.alias, a.version_id from models.alias_move a
                            where a.model_id = v.model_id order by a.alias, a.id desc) s
                    where s.version_id = v.id), '{}') as aliases
    from models.version v join models.model m on m.id = v.model_id`

function versionOf(row: VersionRow): StoredVersion {
  return {
    id: row.id,
    projectId: row.project_id,
    model: row.model,
    label: row.label,
    kind: row.kind,
    snapshotDigest: row.snapshot_digest,
    weightsDigest: row.weights_digest,
    signature: row.signature,
    card: row.card,
    cardSha256: row.card_sha256,
    modelSigSha256: row.model_sig_sha256,
    trainingJobId: row.training_job_id,
    synthetic: row.is_synthetic,
    demo: row.is_demo,
    aliases: row.aliases,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  }
}

function personOf(tx: Tx): string | null {
  return tx.actor.kind === 'person' ? tx.actor.userId : null
}

/** The model of that name, made now where the project has none. */
export async function ensureModel(tx: Tx, projectId: string, slug: string, title: string): Promise<string> {
  await tx.change(
    `insert into models.model (project_id, slug, title, created_by) values ($1, $2, $3, $4)
     on conflict on constraint model_slug_once do nothing`,
    [projectId, slug, title, personOf(tx)],
  )
  const row = await tx.one<{ id: string }>('select id from models.model where project_id = $1 and slug = $2', [
    projectId,
    slug,
  ])
  return row.id
}

export async function findModelId(tx: Tx, projectId: string, slug: string): Promise<string | null> {
  const row = await tx.maybe<{ id: string }>('select id from models.model where project_id = $1 and slug = $2', [
    projectId,
    slug,
  ])
  return row?.id ?? null
}

export type NewVersionRow = Omit<StoredVersion, 'id' | 'createdAt' | 'createdBy' | 'aliases' | 'projectId' | 'model'>

export async function insertVersion(tx: Tx, projectId: string, modelId: string, row: NewVersionRow): Promise<string> {
  try {
    const inserted = await tx.one<{ id: string }>(
      `insert into models.version (project_id, model_id, label, kind, snapshot_digest, weights_digest, signature, card, card_sha256,
                                   model_sig_sha256, training_job_id, is_synthetic, is_demo, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id`,
      [
        projectId,
        modelId,
        row.label,
        row.kind,
        row.snapshotDigest,
        row.weightsDigest,
        row.signature,
        row.card,
        row.cardSha256,
        row.modelSigSha256,
        row.trainingJobId,
        row.synthetic,
        row.demo,
        personOf(tx),
      ],
    )
    return inserted.id
  } catch (error) {
    if (brokenConstraint(error) === 'version_label_once')
      throw problem('models.label-taken', { label: row.label }, error)
    throw error
  }
}

/** By label, by alias, or by id. Labels begin with a digit and aliases with a letter. */
export async function findVersion(
  tx: Tx,
  projectId: string,
  model: string,
  key: string,
): Promise<StoredVersion | null> {
  const row = await tx.maybe<VersionRow>(
    `${versions}
      where v.project_id = $1 and m.slug = $2 and v.id = coalesce(
        (select l.id from models.version l where l.model_id = m.id and (l.label = $3 or l.id::text = $3)),
        (select a.version_id from models.alias_move a where a.model_id = m.id and a.alias = $3 order by a.id desc limit 1))`,
    [projectId, model, key],
  )
  return row === null ? null : versionOf(row)
}

/** By id alone: for the base, which serves the versions of every project. */
export async function findVersionById(tx: Tx, id: string): Promise<StoredVersion | null> {
  const row = await tx.maybe<VersionRow>(`${versions} where v.id = $1`, [id])
  return row === null ? null : versionOf(row)
}

/** Newest first; `after` is the id of the last one seen. */
export async function pageVersions(
  tx: Tx,
  projectId: string,
  model: string,
  after: string | null,
  limit: number,
): Promise<StoredVersion[]> {
  const rows = await tx.rows<VersionRow>(
    `${versions}
      where v.project_id = $1 and m.slug = $2
        and ($3::uuid is null or (v.created_at, v.id) < (select s.created_at, s.id from models.version s where s.id = $3))
      order by v.created_at desc, v.id desc limit $4`,
    [projectId, model, after, limit],
  )
  return rows.map(versionOf)
}

interface ModelRow {
  id: string
  slug: string
  title: string
  versions: number
  aliases: Model['aliases']
  created_at: Date
}

/** By slug; `after` is the slug of the last one seen. */
export async function pageModels(tx: Tx, projectId: string, after: string | null, limit: number): Promise<Model[]> {
  const rows = await tx.rows<ModelRow>(
    `select m.id, m.slug, m.title, m.created_at,
            (select count(*) from models.version v where v.model_id = m.id) as versions,
            coalesce((select jsonb_agg(jsonb_build_object('alias', s.alias, 'label', v.label) order by s.alias)
                        from (select distinct on (a.alias) a.alias, a.version_id from models.alias_move a
                               where a.model_id = m.id order by a.alias, a.id desc) s
                        join models.version v on v.id = s.version_id), '[]') as aliases
       from models.model m
      where m.project_id = $1 and ($2::text is null or m.slug > $2) order by m.slug limit $3`,
    [projectId, after, limit],
  )
  return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() }))
}

export async function insertAliasMove(
  tx: Tx,
  projectId: string,
  modelId: string,
  move: { readonly alias: string; readonly versionId: string; readonly reason: string | null },
): Promise<void> {
  await tx.change(
    `insert into models.alias_move (project_id, model_id, alias, version_id, reason, moved_by) values ($1, $2, $3, $4, $5, $6)`,
    [projectId, modelId, move.alias, move.versionId, move.reason, personOf(tx)],
  )
}

interface AliasRow {
  alias: string
  label: string
  version_id: string
  reason: string | null
  moved_by: string | null
  moved_at: Date
}

/** Every move of a model's aliases, newest first. */
export async function aliasMoves(tx: Tx, modelId: string, limit = 1000): Promise<AliasMove[]> {
  const rows = await tx.rows<AliasRow>(
    `select a.alias, v.label, a.version_id, a.reason, a.moved_by, a.moved_at
       from models.alias_move a join models.version v on v.id = a.version_id
      where a.model_id = $1 order by a.id desc limit $2`,
    [modelId, limit],
  )
  return rows.map((row) => ({
    alias: row.alias,
    label: row.label,
    versionId: row.version_id,
    reason: row.reason,
    movedBy: row.moved_by,
    movedAt: row.moved_at.toISOString(),
  }))
}
