import { z } from 'zod'
import { capability } from '../database/actor.ts'
import type { Database } from '../database/database.ts'
import { problem as httpProblem } from '../http/problems.ts'
import { type Call, type Person, type Route, route } from '../http/route.ts'
import {
  done,
  isDone,
  keyIssued,
  keyList,
  keyWish,
  linkIssued,
  linkWish,
  memberChange,
  memberList,
  meSchema,
  newOrganisation,
  newPerson,
  newProject,
  personSchema,
  projectList,
  projectParams,
} from './contract.ts'
import {
  addMember,
  addOrganisation,
  addPerson,
  addProject,
  issueKey,
  issueLink,
  keys,
  type MemberRow,
  members,
  organisationByName,
  type PersonRow,
  people,
  personByHandle,
  projectsSeen,
  removeMember,
  revokeKey,
} from './store.ts'

const linkValidMs = 24 * 3600_000
const dayMs = 24 * 3600_000

export function identityRoutes(database: Database): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/me',
        operation: 'person.me',
        summary: 'Who you are here',
        access: 'signed-in',
        reply: meSchema,
      },
      async ({ tx, actor }) => {
        const me = await tx.one<{ handle: string; name: string; is_operator: boolean }>(
          'select handle, name, is_operator from kernel.person where id = $1',
          [(actor as Person).userId],
        )
        const projects = await projectsShown(tx)
        return { handle: me.handle, name: me.name, isOperator: me.is_operator, projects }
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects',
        operation: 'project.list',
        summary: 'The projects you can see',
        access: 'signed-in',
        reply: projectList,
      },
      async ({ tx }) => ({ projects: await projectsShown(tx) }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects',
        operation: 'project.create',
        summary: 'Create a project',
        access: 'operator',
        body: newProject,
        reply: done,
        status: 201,
      },
      async ({ tx, body, actor, target }) => {
        const organisationId = await organisationByName(tx, body.organisation)
        const id = await addProject(tx, { slug: body.slug, title: body.title, organisationId, isDemo: false })
        await addMember(tx, id, (actor as Person).userId, 'owner')
        target('project', body.slug)
        return isDone
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/projects/:project/members',
        operation: 'member.list',
        summary: 'Who works here, in which roles',
        access: 'project.read',
        params: projectParams,
        reply: memberList,
      },
      async ({ tx, project }) => ({ members: (await members(tx, project.id)).map(memberOf) }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/projects/:project/members',
        operation: 'member.add',
        summary: 'Give somebody a role',
        access: 'member.manage',
        params: projectParams,
        body: memberChange,
        reply: done,
      },
      async ({ tx, project, body, target }) => {
        const personId = await personIdAnywhere(database, body.handle)
        await addMember(tx, project.id, personId, body.role)
        target('person', body.handle, { role: body.role })
        return isDone
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/api/projects/:project/members',
        operation: 'member.remove',
        summary: 'Take a role away',
        access: 'member.manage',
        params: projectParams,
        body: memberChange,
        reply: done,
      },
      async ({ tx, project, body, target }) => {
        const person = await personByHandle(tx, body.handle)
        target('person', body.handle, { role: body.role })
        if (!(await removeMember(tx, project.id, person.id, body.role)))
          throw httpProblem('kernel.not-found', { kind: 'membership', id: `${body.handle}/${body.role}` })
        return isDone
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/people',
        operation: 'person.list',
        summary: 'The people you can see',
        access: 'signed-in',
        reply: z.strictObject({ people: z.array(personSchema) }),
      },
      async ({ tx }) => ({ people: (await people(tx)).map(personOf) }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/organisations',
        operation: 'organisation.create',
        summary: 'Add an organisation',
        access: 'operator',
        body: newOrganisation,
        reply: done,
        status: 201,
      },
      async ({ tx, body, target }) => {
        target('organisation', body.name)
        await addOrganisation(tx, body.kind, body.name)
        return isDone
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/people',
        operation: 'person.create',
        summary: 'Add a person',
        access: 'operator',
        body: newPerson,
        reply: done,
        status: 201,
      },
      async ({ tx, body, target }) => {
        target('person', body.handle)
        const organisationId = await organisationByName(tx, body.organisation)
        await addPerson(tx, { organisationId, handle: body.handle, name: body.name })
        return isDone
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/sign-in-links',
        operation: 'link.issue',
        summary: 'Make a one-time sign-in link for a person',
        access: 'operator',
        body: linkWish,
        reply: linkIssued,
        status: 201,
      },
      async ({ tx, body, target }) => {
        const person = await personByHandle(tx, body.handle)
        target('person', body.handle)
        return { link: await issueLink(tx, person.id, linkValidMs), expiresInSeconds: linkValidMs / 1000 }
      },
    ),
    ...keyRoutes,
  ]
}

const keyRoutes: Route[] = [
  route(
    {
      method: 'GET',
      path: '/api/keys',
      operation: 'key.list',
      summary: 'Your API keys',
      access: 'signed-in',
      reply: keyList,
    },
    async ({ tx }) => ({
      keys: (await keys(tx)).map((key) => ({
        id: key.id,
        name: key.name,
        scopes: key.scopes,
        expiresAt: key.expires_at.toISOString(),
        revokedAt: key.revoked_at?.toISOString() ?? null,
      })),
    }),
  ),
  route(
    {
      method: 'POST',
      path: '/api/keys',
      operation: 'key.issue',
      summary: 'Make an API key',
      access: 'signed-in',
      body: keyWish,
      reply: keyIssued,
      status: 201,
    },
    async ({ tx, actor, body, target }) => {
      const person = actor as Person
      // A key never hands on more than it holds itself.
      const scopes =
        person.scopes === null ? body.scopes : body.scopes.filter((scope) => person.scopes?.includes(scope))
      const key = await issueKey(tx, { personId: person.userId, name: body.name, scopes, validMs: body.days * dayMs })
      target('key', key.id, { scopes })
      return key
    },
  ),
  route(
    {
      method: 'DELETE',
      path: '/api/keys/:id',
      operation: 'key.revoke',
      summary: 'End an API key',
      access: 'signed-in',
      params: z.strictObject({ id: z.uuid() }),
      reply: done,
    },
    async ({ tx, params, target }) => {
      target('key', params.id)
      if (!(await revokeKey(tx, params.id))) throw httpProblem('kernel.not-found', { kind: 'key', id: params.id })
      return isDone
    },
  ),
]

async function projectsShown(tx: Call<never, never, never>['tx']) {
  const rows = await projectsSeen(tx)
  return rows.map((row) => ({ slug: row.slug, title: row.title, isDemo: row.is_demo, roles: row.roles as never[] }))
}

/** An owner may invite somebody whom they don't share a project with yet: the handle is looked up beyond their sight. */
function personIdAnywhere(database: Database, handle: string): Promise<string> {
  return database.transaction(capability('identity'), async (tx) => (await personByHandle(tx, handle)).id)
}

function personOf(row: PersonRow) {
  const { id, handle, name, organisation } = row
  return { id, handle, name, organisation, organisationKind: row.organisation_kind as 'hospital' }
}

function memberOf(row: MemberRow) {
  return { ...personOf(row), roles: row.roles as never[] }
}
