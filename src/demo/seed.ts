import {
  addMember,
  addOrganisation,
  addPerson,
  addProject,
  capability,
  issueLink,
  type Kernel,
  type Tx,
} from '../kernel/index.ts'
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
  return database.transaction(capability('identity'), operatorLink)
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
