import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import type { Role } from './access/domain.ts'
import { type Kernel, kernelHttp, kernelMigrations, openKernel, type Room } from './base.ts'
import { configSchema } from './config/schema.ts'
import { capability } from './database/actor.ts'
import { type MigrationFolder, migrate, migrationsDigest } from './database/migrate.ts'
import { testDatabase } from './database/server/testing.ts'
import { addMember, addOrganisation, addPerson, addProject, issueKey } from './identity/store.ts'
import { openFolder } from './objects/folder.ts'
import { objectStore } from './objects/store.ts'

export interface TestPerson {
  readonly id: string
  readonly handle: string
  readonly key: string
}

/** A kernel on a real database of its own, with one project; nothing of it is mocked. */
export interface TestBase {
  readonly kernel: Kernel
  readonly databaseUrl: string
  readonly project: { readonly id: string; readonly slug: string }
  /** A new person with these roles in the project, who acts through a key. */
  person(handle: string, ...roles: Role[]): Promise<TestPerson>
  /** The HTTP server over the kernel and these rooms, to inject requests into. */
  http(...rooms: Room[]): Promise<FastifyInstance>
  close(): Promise<void>
}

export interface TestBaseOptions {
  readonly migrations?: readonly MigrationFolder[]
  readonly clock?: () => Date
}

export async function testBase({ migrations = [], clock }: TestBaseOptions = {}): Promise<TestBase> {
  const all = [kernelMigrations, ...migrations]
  const key = await migrationsDigest(all)
  const { url, drop } = await testDatabase({ template: { key, migrate: (admin) => migrate(admin, all) } })
  const folder = await mkdtemp(join(tmpdir(), 'pilotbase-base-'))
  const objects = objectStore(await openFolder(join(folder, 'objects')))
  const kernel = await openKernel({
    config: configSchema.parse({ data: folder, logLevel: 'silent', demo: false }),
    version: '0.0.0-test',
    databaseUrl: url,
    migrations,
    objects,
    log: pino({ level: 'silent' }),
    ...(clock === undefined ? {} : { clock }),
  })
  const seed = capability('seed')
  const { organisationId, projectId } = await kernel.database.transaction(seed, async (tx) => {
    const organisationId = await addOrganisation(tx, 'hospital', 'Test Hospital')
    const projectId = await addProject(tx, { slug: 'ward', title: 'Ward', organisationId, isDemo: false })
    return { organisationId, projectId }
  })
  const servers: FastifyInstance[] = []
  return {
    kernel,
    databaseUrl: url,
    project: { id: projectId, slug: 'ward' },
    async person(handle, ...roles) {
      const id = await kernel.database.transaction(seed, async (tx) => {
        const added = await addPerson(tx, { organisationId, handle, name: handle })
        for (const role of roles) await addMember(tx, projectId, added, role)
        return added
      })
      const { secret } = await kernel.database.transaction(capability('identity'), (tx) =>
        issueKey(tx, { personId: id, name: 'test', scopes: ['*'], validMs: 3600_000 }),
      )
      return { id, handle, key: secret }
    },
    async http(...rooms) {
      const app = await kernelHttp(kernel, rooms)
      servers.push(app)
      return app
    },
    async close() {
      for (const app of servers) await app.close()
      await kernel.bus.close()
      await kernel.database.close()
      await drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A request as a person, by their key. */
export function as(
  person: TestPerson | null,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
): InjectOptions {
  return {
    method,
    url,
    ...(person === null ? {} : { headers: { authorization: `Bearer ${person.key}` } }),
    ...(payload === undefined ? {} : { payload }),
  }
}
