import type { Manifest, Snapshot } from '../../data/contract.ts'
import { ordered } from '../../data/offline.ts'
import { hash } from 'node:crypto'
import { type BaseClient, exit, pages, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { cachedManifest, keepManifest } from './stat-cache.ts'

const digestForm = /^[0-9a-f]{64}$/
const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A manifest's canonical bytes; their SHA-256 is the snapshot's digest on any machine. */
export async function manifestBytes(manifest: Manifest): Promise<{ digest: string; bytes: Uint8Array }> {
  // Loaded when asked for: to check a folder against a manifest that is known here does without it.
  const { canonicalBytes } = await import('../../kernel/offline.ts')
  const bytes = canonicalBytes(ordered(manifest))
  return { digest: hash('sha256', bytes), bytes }
}

/** A snapshot by id, digest, or name (the newest of that name). */
export async function findSnapshot(base: BaseClient, key: string): Promise<Snapshot> {
  if (digestForm.test(key) || idForm.test(key)) return base.get<Snapshot>(`./snapshots/${key}`)
  for await (const snapshot of pages<Snapshot>(base, './snapshots?limit=200', 'snapshots'))
    if (snapshot.name === key) return snapshot
  const en = `There is no snapshot called ${key} in ${base.project}. Those there are: pilotbase data list`
  throw new Stop(
    words(en, `项目 ${base.project} 中没有名为 ${key} 的快照。查看全部：pilotbase data list`),
    exit.refused,
  )
}

/** The manifest of a snapshot, verified against its digest. Asks no base where the digest is given and known here. */
export async function fetchManifest(
  connected: () => BaseClient,
  key: string,
): Promise<{ digest: string; manifest: Manifest }> {
  const digest = digestForm.test(key) ? key : (await findSnapshot(connected(), key)).digest
  const kept = cachedManifest(digest)
  if (kept !== null) return { digest, manifest: JSON.parse(kept.toString('utf8')) as Manifest }
  const manifest = await connected().get<Manifest>(`./snapshots/${digest}/manifest`)
  const { digest: found, bytes } = await manifestBytes(manifest)
  if (found !== digest) {
    const en = `The base answered another manifest (${found}) than was asked for (${digest})`
    throw new Stop(words(en, `系统返回的清单（${found}）与请求的（${digest}）不符`), exit.refused)
  }
  keepManifest(digest, bytes)
  return { digest, manifest }
}
