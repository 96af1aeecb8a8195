import { brokenConstraint, type Tx } from '../database/database.ts'
import { problem } from './problems.ts'
import { newToken, tokenSha256 } from './tokens.ts'

export const organisationKinds = ['hospital', 'company', 'research', 'government'] as const
export type OrganisationKind = (typeof organisationKinds)[number]

export async function addOrganisation(tx: Tx, kind: OrganisationKind, name: string): Promise<string> {
  try {
    const row = await tx.one<{ id: string }>(
      'insert into kernel.organisation (kind, name) values ($1, $2) returning id',
      [kind, name],
    )
    return row.id
  } catch (error) {
    throw brokenConstraint(error) === 'organisation_name_once' ? problem('kernel.taken', { name }, error) : error
  }
}

export interface NewPerson {
  readonly organisationId: string
  readonly handle: string
  readonly name: string
  readonly isOperator?: boolean
}

export async function addPerson(tx: Tx, person: NewPerson): Promise<string> {
  try {
    const row = await tx.one<{ id: string }>(
      'insert into kernel.person (organisation_id, handle, name, is_operator) values ($1, $2, $3, $4) returning id',
      [person.organisationId, person.handle, person.name, person.isOperator ?? false],
    )
    return row.id
  } catch (error) {
    if (brokenConstraint(error) === 'person_handle_once') throw problem('kernel.taken', { name: person.handle }, error)
    throw error
  }
}

export interface NewProject {
  readonly slug: string
  readonly title: string
  readonly organisationId: string
  readonly isDemo: boolean
}

export async function addProject(tx: Tx, project: NewProject): Promise<string> {
  try {
    const row = await tx.one<{ id: string }>(
      'insert into kernel.project (slug, title, organisation_id, is_demo) values ($1, $2, $3, $4) returning id',
      [project.slug, project.title, project.organisationId, project.isDemo],
    )
    return row.id
  } catch (error) {
    if (brokenConstraint(error) === 'project_slug_once') throw problem('kernel.taken', { name: project.slug }, error)
    throw error
  }
}

export async function addMember(tx: Tx, projectId: string, personId: string, role: string): Promise<void> {
  await tx.change(
    'insert into kernel.membership (project_id, person_id, role) values ($1, $2, $3) on conflict do nothing',
    [projectId, personId, role],
  )
}

export async function removeMember(tx: Tx, projectId: string, personId: string, role: string): Promise<boolean> {
  const changed = await tx.change(
    'delete from kernel.membership where project_id = $1 and person_id = $2 and role = $3',
    [projectId, personId, role],
  )
  return changed === 1
}

export interface PersonRow {
  readonly id: string
  readonly handle: string
  readonly name: string
  readonly organisation: string
  readonly organisation_kind: string
}

export async function personByHandle(tx: Tx, handle: string): Promise<PersonRow> {
  const row = await tx.maybe<PersonRow>(
    `select p.id, p.handle, p.name, o.name as organisation, o.kind as organisation_kind
       from kernel.person p join kernel.organisation o on o.id = p.organisation_id
      where p.handle = $1 and p.disabled_at is null`,
    [handle],
  )
  if (row === null) throw problem('kernel.unknown-person', { handle })
  return row
}

export async function people(tx: Tx): Promise<PersonRow[]> {
  return tx.rows<PersonRow>(
    `select p.id, p.handle, p.name, o.name as organisation, o.kind as organisation_kind
       from kernel.person p join kernel.organisation o on o.id = p.organisation_id
      where p.disabled_at is null order by p.handle`,
  )
}

export interface MemberRow extends PersonRow {
  readonly roles: string[]
}

export async function members(tx: Tx, projectId: string): Promise<MemberRow[]> {
  return tx.rows<MemberRow>(
    `select p.id, p.handle, p.name, o.name as organisation, o.kind as organisation_kind, array_agg(m.role order by m.role) as roles
       from kernel.membership m join kernel.person p on p.id = m.person_id join kernel.organisation o on o.id = p.organisation_id
      where m.project_id = $1 group by p.id, o.id order by p.handle`,
    [projectId],
  )
}

export interface ProjectRow {
  readonly slug: string
  readonly title: string
  readonly is_demo: boolean
  readonly roles: string[]
}

/** The projects that exist for whoever acts, with the roles held in each. */
export async function projectsSeen(tx: Tx): Promise<ProjectRow[]> {
  return tx.rows<ProjectRow>(
    'select slug, title, is_demo, kernel.roles_in(id) as roles from kernel.project order by slug',
  )
}

export async function projectIdBySlug(tx: Tx, slug: string): Promise<string | null> {
  const row = await tx.maybe<{ id: string }>('select id from kernel.project where slug = $1', [slug])
  return row?.id ?? null
}

/** A link that signs its person in once, within `validMs`. */
export async function issueLink(tx: Tx, personId: string, validMs: number): Promise<string> {
  const token = newToken('link')
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  await tx.change(
    `insert into kernel.sign_in_link (token_sha256, person_id, created_by, expires_at)
     values ($1, $2, $3, now() + make_interval(secs => $4))`,
    [token.sha256, personId, creator, validMs / 1000],
  )
  return token.secret
}

/** Spends a link. Of two who spend it at once, one gets in. */
export async function spendLink(tx: Tx, secret: string): Promise<string> {
  const row = await tx.maybe<{ person_id: string }>(
    `update kernel.sign_in_link set used_at = now()
      where token_sha256 = $1 and used_at is null and expires_at > now() returning person_id`,
    [tokenSha256(secret)],
  )
  if (row === null) throw problem('kernel.link-spent')
  return row.person_id
}

export async function openSession(tx: Tx, personId: string, validMs: number): Promise<string> {
  const token = newToken('session')
  await tx.change(
    `insert into kernel.session (token_sha256, person_id, expires_at) values ($1, $2, now() + make_interval(secs => $3))`,
    [token.sha256, personId, validMs / 1000],
  )
  return token.secret
}

export async function endSession(tx: Tx, sha256: Buffer): Promise<void> {
  await tx.change('update kernel.session set revoked_at = now() where token_sha256 = $1 and revoked_at is null', [
    sha256,
  ])
}

export interface NewKey {
  readonly personId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly validMs: number
}

export async function issueKey(tx: Tx, key: NewKey): Promise<{ id: string; secret: string }> {
  const token = newToken('key')
  const { id } = await tx.one<{ id: string }>(
    `insert into kernel.api_key (person_id, name, token_sha256, scopes, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(secs => $5)) returning id`,
    [key.personId, key.name, token.sha256, key.scopes, key.validMs / 1000],
  )
  return { id, secret: token.secret }
}

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly scopes: string[]
  readonly expires_at: Date
  readonly revoked_at: Date | null
}

export async function keys(tx: Tx): Promise<KeyRow[]> {
  return tx.rows<KeyRow>(
    'select id, name, scopes, expires_at, revoked_at from kernel.api_key where person_id = kernel.actor_user() order by created_at',
  )
}

export async function revokeKey(tx: Tx, id: string): Promise<boolean> {
  const changed = await tx.change(
    'update kernel.api_key set revoked_at = now() where id = $1 and revoked_at is null and person_id = kernel.actor_user()',
    [id],
  )
  return changed === 1
}

export async function organisationByName(tx: Tx, name: string): Promise<string> {
  const row = await tx.maybe<{ id: string }>('select id from kernel.organisation where name = $1', [name])
  if (row === null) throw problem('kernel.unknown-organisation', { name })
  return row.id
}

/** The person with this subject of an issuer; one who has none yet is bound to it by their handle, once. */
export async function bindSubject(tx: Tx, subject: string, handle: string): Promise<string> {
  const known = await tx.maybe<{ id: string }>(
    'select id from kernel.person where oidc_subject = $1 and disabled_at is null',
    [subject],
  )
  if (known !== null) return known.id
  const bound = await tx.maybe<{ id: string }>(
    `update kernel.person set oidc_subject = $1 where handle = $2 and oidc_subject is null and disabled_at is null returning id`,
    [subject, handle],
  )
  if (bound === null) throw problem('kernel.unknown-person', { handle })
  return bound.id
}
