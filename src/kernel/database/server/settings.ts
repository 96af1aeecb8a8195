import { createHash } from 'node:crypto'
import { chown, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import { type Places, socketPort } from './places.ts'
import type { RunUser } from './run-user.ts'

/** The role that owns the cluster and the tables. */
export const ownerRole = 'pilotbase'

/**
 * Modest: a base with its database stays below 250 MB when idle. All given on the command line, so that neither a file
 * nor `alter system` changes them behind the program's back.
 */
function fixedSettings(isDurable: boolean): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    port: String(socketPort),
    max_connections: '60',
    shared_buffers: '48MB',
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    max_wal_size: '512MB',
    huge_pages: 'off',
    // Three io workers less; on local disks reads come from the page cache.
    io_method: 'sync',
    jit: 'off',
    // A parallel plan needs /dev/shm, of which a container has 64 MB.
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    max_worker_processes: '4',
    max_wal_senders: '0',
    autovacuum_max_workers: '2',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A statement's error reaches its caller; the log is for the server itself and holds no row's content.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
}

export interface Launch {
  readonly args: readonly string[]
  /** The cluster_name that a server with these very settings carries; another one is not adopted. */
  readonly clusterName: string
}

/** Writes the access rules and returns the server's command line. */
export async function launchOf(places: Places, user: RunUser, isDurable: boolean): Promise<Launch> {
  const accessFile = path.join(places.home, 'pg_hba.conf')
  const identityFile = path.join(places.home, 'pg_ident.conf')
  const callers = new Set([user.name, user.switchTo === null ? user.name : userInfo().username])
  await writeFor(user, accessFile, 'local all all peer map=base\n')
  await writeFor(user, identityFile, [...callers].map((name) => `base "${name}" all\n`).join(''))
  const settings = {
    ...fixedSettings(isDurable),
    unix_socket_directories: places.socketFolder,
    unix_socket_permissions: '0700',
    hba_file: accessFile,
    ident_file: identityFile,
  }
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
  const clusterName = `pilotbase-${digest}`
  const all = { ...settings, cluster_name: clusterName }
  return {
    clusterName,
    args: ['-D', places.cluster, ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
  }
}

async function writeFor(user: RunUser, file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 })
  if (user.switchTo !== null) await chown(file, user.switchTo.uid, user.switchTo.gid)
}
