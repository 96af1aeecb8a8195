import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  canonicalBytes,
  httpProblem,
  type Kernel,
  recordEvent,
  sha256Of,
  state,
  type Tx,
  referObjects,
} from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import { type Manifest, manifestSchema, type Snapshot } from './contract.ts'
import { countSplits, ordered, repeatedPath, totalBytes, unsafePath } from './domain.ts'
import { findSnapshot, insertSnapshot } from './store.ts'

export interface Project {
  readonly id: string
  readonly slug: string
  readonly isDemo: boolean
}

/** SHA-256 of the manifest in canonical JSON with files by path: the same content has the same digest on any machine. */
export function manifestDigest(manifest: Manifest): string {
  return sha256Of(canonicalBytes(ordered(manifest)))
}

/**
 * Freezes files that are already stored into a snapshot, and states so as evidence. The same content again answers the
 * snapshot that is there.
 */
export async function createSnapshot(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  name: string,
  given: Manifest,
): Promise<Snapshot> {
  const manifest = ordered(given)
  const unsafe = unsafePath(manifest.files)
  if (unsafe !== null) throw problem('data.path-unsafe', { path: unsafe })
  const repeated = repeatedPath(manifest.files)
  if (repeated !== null) throw problem('data.path-twice', { path: repeated })
  const missing = await missingObjects(
    kernel,
    manifest.files.map((file) => file.sha256),
  )
  if (missing.size > 0) {
    const path = manifest.files.find((file) => missing.has(file.sha256))?.path ?? ''
    throw problem('data.content-missing', { count: missing.size, path })
  }
  const stored = await kernel.objects.put(canonicalBytes(manifest))
  const row = {
    name,
    digest: stored.sha256,
    files: manifest.files.length,
    sizeBytes: totalBytes(manifest.files),
    source: manifest.source,
    licence: manifest.licence,
    synthetic: manifest.synthetic,
    splits: countSplits(manifest.files),
  }
  const snapshot = await insertSnapshot(tx, project.id, row)
  if (snapshot === null) return readSnapshot(tx, project.id, stored.sha256)
  await referObjects(tx, { projectId: project.id, kind: 'snapshot', id: snapshot.id }, [
    stored.sha256,
    ...manifest.files.map((file) => file.sha256),
  ])
  await stateSnapshot(tx, kernel, project, snapshot)
  await recordEvent(tx, { projectId: project.id, kind: 'snapshot.created', subjectId: snapshot.id, detail: { name } })
  return snapshot
}

async function stateSnapshot(tx: Tx, kernel: Kernel, project: Project, snapshot: Snapshot): Promise<void> {
  await state(
    tx,
    kernel.signer,
    project.id,
    'snapshot',
    [{ name: snapshot.name, digest: { sha256: snapshot.digest } }],
    {
      at: kernel.clock().toISOString(),
      by: statingActor(tx),
      project: project.slug,
      synthetic: snapshot.synthetic,
      demo: project.isDemo,
      materials: [],
      previous: [],
      snapshotId: snapshot.id,
      sources: [{ name: snapshot.source, licence: snapshot.licence, address: null }],
      contractId: null,
      deidentification: null,
      quality: { verdict: 'not-assessed', reportSha256: null },
      splits: Object.entries(snapshot.splits).map(([split, records]) => ({
        name: split === '' ? 'none' : split,
        records,
        people: null,
      })),
      labels: null,
    },
  )
}

export async function readSnapshot(tx: Tx, projectId: string, key: string): Promise<Snapshot> {
  const snapshot = await findSnapshot(tx, projectId, key)
  if (snapshot === null) throw httpProblem('kernel.not-found', { kind: 'snapshot', id: key })
  return snapshot
}

/** The manifest behind a snapshot, verified against its digest. */
export async function readManifest(kernel: Kernel, digest: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse((await kernel.objects.read(digest)).toString('utf8')))
}

/** Writes the snapshot's files below a folder, each verified on the way; what lies there already is overwritten. */
export async function materialise(kernel: Kernel, digest: string, folder: string): Promise<Manifest> {
  const manifest = await readManifest(kernel, digest)
  for (const file of manifest.files) {
    const path = join(folder, file.path)
    await mkdir(dirname(path), { recursive: true })
    await pipeline(await kernel.objects.get(file.sha256), createWriteStream(path))
  }
  return manifest
}

/** Those of the digests that are not stored here. */
export function missingObjects(kernel: Kernel, digests: readonly string[]): Promise<Set<string>> {
  return kernel.objects.missing(digests)
}

/** Who states something: the person, or the base itself where it acts on its own. */
export function statingActor(tx: Tx) {
  const { actor } = tx
  if (actor.kind === 'person')
    return { kind: 'person' as const, id: actor.userId, name: actor.name, organisation: actor.organisationId }
  return {
    kind: 'system' as const,
    id: actor.kind === 'capability' ? actor.capability : 'base',
    name: 'base',
    organisation: null,
  }
}
