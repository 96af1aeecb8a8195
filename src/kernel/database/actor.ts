import pg from 'pg'

/**
 * What may see more than one person's rows, by name. A capability is handed out in main.ts and in a room's jobs, nowhere
 * else; `capabilities.test.ts` lists the holders.
 */
export const capabilities = ['identity', 'scheduler', 'sealer', 'collector', 'events', 'seed'] as const
export type Capability = (typeof capabilities)[number]

export type Actor =
  | { readonly kind: 'stranger' }
  | {
      readonly kind: 'person'
      readonly userId: string
      readonly name: string
      readonly organisationId: string
      /** Scopes of the API key in use; null for a session, which may do all that its roles allow. */
      readonly scopes: readonly string[] | null
    }
  | { readonly kind: 'capability'; readonly capability: Capability }

export const stranger: Actor = { kind: 'stranger' }

export function capability(name: Capability): Actor {
  return { kind: 'capability', capability: name }
}

/** What a caller shows at the door: the SHA-256 of a session's or key's token, and the project spoken of. */
export interface Credentials {
  readonly kind: 'credentials'
  readonly tokenSha256: Buffer
  readonly projectSlug: string | null
}

/** Who came in by which credentials, and what they are in the project spoken of (null: not a member, or none named). */
export interface Entered {
  readonly actor: Actor
  readonly handle: string | null
  readonly isOperator: boolean
  readonly via: 'session' | 'key' | null
  readonly project: ProjectSeen | null
}

export interface ProjectSeen {
  readonly id: string
  readonly slug: string
  readonly title: string
  readonly isDemo: boolean
  readonly roles: readonly string[]
}

export const nobody: Entered = { actor: stranger, handle: null, isOperator: false, via: null, project: null }

/** SQL that turns credentials into the transaction's actor in the same round trip as `begin`. */
export function enterSql({ tokenSha256, projectSlug }: Credentials): string {
  const slug = projectSlug === null ? 'null' : pg.escapeLiteral(projectSlug)
  return `select * from kernel.enter('\\x${tokenSha256.toString('hex')}', ${slug})`
}

interface EnteredRow {
  person_id: string
  name: string
  handle: string
  organisation_id: string
  is_operator: boolean
  scopes: string[] | null
  via: 'session' | 'key'
  project_id: string | null
  project_title: string
  is_demo: boolean
  roles: string[]
}

export function enteredFrom(row: EnteredRow | undefined, projectSlug: string | null): Entered {
  if (row === undefined) return nobody
  return {
    actor: {
      kind: 'person',
      userId: row.person_id,
      name: row.name,
      organisationId: row.organisation_id,
      scopes: row.scopes,
    },
    handle: row.handle,
    isOperator: row.is_operator,
    via: row.via,
    project:
      row.project_id === null || projectSlug === null
        ? null
        : {
            id: row.project_id,
            slug: projectSlug,
            title: row.project_title,
            isDemo: row.is_demo,
            roles: row.roles,
          },
  }
}

/** SQL that tells the policies who acts, until the transaction ends. */
export function actorSettings(actor: Actor): string {
  const user = actor.kind === 'person' ? actor.userId : ''
  const held = actor.kind === 'capability' ? actor.capability : ''
  return `select set_config('pilotbase.user', ${pg.escapeLiteral(user)}, true), set_config('pilotbase.capability', ${pg.escapeLiteral(held)}, true)`
}
