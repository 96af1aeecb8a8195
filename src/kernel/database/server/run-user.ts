import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Who the database server runs as. PostgreSQL refuses to run as root. */
export interface RunUser {
  readonly name: string
  /** Set only where the server must run as someone else than this process. */
  readonly switchTo: { readonly uid: number; readonly gid: number } | null
}

const unprivileged = ['pilotbase', 'postgres', 'nobody'] as const

/** This process's own user; for root, the first unprivileged one that the system knows. */
export async function findRunUser(): Promise<RunUser> {
  if (process.getuid?.() !== 0) return { name: ownName(), switchTo: null }
  for (const name of unprivileged) {
    const ids = await idsOf(name)
    if (ids !== null && ids.uid !== 0) return { name, switchTo: ids }
  }
  throw new Error(`root needs one of the users ${unprivileged.join(', ')} to run the database as; none exists here`)
}

async function idsOf(name: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    // `id` exits with 1 where the system has no such user, which is an answer.
    return null
  }
}

/** The user's name, or its number where the system lists none (a container with an arbitrary uid). */
function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}
