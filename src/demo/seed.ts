import {
  type Actor,
  addMember,
  addOrganisation,
  addPerson,
  addProject,
  capability,
  issueLink,
  type Kernel,
  type Tx,
} from '../kernel/index.ts'
import { fillDemo } from './content.ts'
import { demoOrganisations, demoPeople } from './people.ts'

const linkValidMs = 24 * 3600_000

/**
 * On an empty database: the demo project with its people, or, where the demo is not wanted, one operator. Answers a
 * sign-in link for the operator as long as nobody has signed in.
 */
export async function seedDemo(kernel: Kernel): Promise<string | null> {
  const { database } = kernel
  await database.transaction(capability('seed'), async (tx) => {
    // Two bases on one empty database seed it once.
    await tx.rows('select pg_advisory_xact_lock(7305, 1)')
    const { people } = await tx.one<{ people: number }>('select count(*) as people from kernel.person')
    if (people === 0) await addPeople(tx, kernel.config.demo)
  })
  await fillAsOperator(kernel)
  return database.transaction(capability('identity'), operatorLink)
}

/** The content is the operator's, under the same policies as anybody's; a start that was cut short fills it at the next. */
async function fillAsOperator(kernel: Kernel): Promise<void> {
  const found = await kernel.database.transaction(capability('seed'), (tx) =>
    tx.maybe<{ id: string; person: string; name: string; organisation: string }>(
      `select j.id, p.id as person, p.name, p.organisation_id as organisation
         from kernel.project j cross join kernel.person p
        where j.is_demo and j.slug = 'demo' and p.handle = 'operator'
          and not exists (select from data.snapshot s where s.project_id = j.id)`,
    ),
  )
  if (found === null) return
  const { id, person: userId, name, organisation: organisationId } = found
  const operator: Actor = { kind: 'person', userId, name, organisationId, scopes: null }
  await kernel.database.transaction(operator, (tx) => fillDemo(tx, kernel, { id, slug: 'demo', isDemo: true }))
}

async function addPeople(tx: Tx, isDemo: boolean): Promise<void> {
  const organisations = new Map<string, string>()
  for (const { kind, name } of isDemo ? demoOrganisations : [{ kind: 'hospital' as const, name: 'This organisation' }])
    organisations.set(name, await addOrganisation(tx, kind, name))
  const [first] = organisations.values()
  if (first === undefined) throw new Error('a base has at least one organisation')
  if (!isDemo) {
    await addPerson(tx, { organisationId: first, handle: 'operator', name: 'Operator', isOperator: true })
    return
  }
  const projectId = await addProject(tx, { slug: 'demo', title: 'Demo', organisationId: first, isDemo: true })
  for (const { handle, name, organisation, roles } of demoPeople) {
    const organisationId = organisations.get(organisation) ?? first
    const id = await addPerson(tx, { organisationId, handle, name, isOperator: handle === 'operator' })
    for (const role of roles) await addMember(tx, projectId, id, role)
  }
}

async function operatorLink(tx: Tx): Promise<string | null> {
  const row = await tx.maybe<{ id: string; has_signed_in: boolean }>(
    `select p.id, exists (select from kernel.session s where s.person_id = p.id) as has_signed_in
       from kernel.person p where p.is_operator and p.disabled_at is null order by p.created_at, p.handle limit 1`,
  )
  if (row === null || row.has_signed_in) return null
  return issueLink(tx, row.id, linkValidMs)
}
