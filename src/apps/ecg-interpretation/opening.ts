/** Opening a case: of a recording in a snapshot, or of one that is sent. */
import { type Project, readManifest, readSnapshot } from '../../data/index.ts'
import type { Kernel, Tx } from '../../kernel/index.ts'
import { openCase, type ReleaseWish } from '../kit/case/cases.ts'
import type { StoredCase } from '../kit/case/store.ts'
import type { Released } from '../kit/released.ts'
import type { EcgApplication } from './application.ts'
import { filesInSnapshot, type TakenUpload } from './recording/recording.ts'

export interface Opening {
  readonly kernel: Kernel
  readonly released: Released
  readonly application: EcgApplication
}

export interface SnapshotWish extends ReleaseWish {
  /** Id or digest. */
  readonly snapshot: string
  /** Path of the record in it. */
  readonly record: string
  readonly subject: string | null
}

/** The snapshot keeps its source, licence and whether it is synthetic: the case inherits all three. */
export async function openFromSnapshot(
  tx: Tx,
  opening: Opening,
  project: Project,
  wish: SnapshotWish,
): Promise<StoredCase> {
  const snapshot = await readSnapshot(tx, project.id, wish.snapshot)
  const record = wish.record.replace(/\.hea$/, '')
  const files = await filesInSnapshot(opening.kernel, await readManifest(opening.kernel, snapshot.digest), record)
  return openCase(tx, opening, project, {
    releaseId: wish.releaseId,
    site: wish.site,
    subject: wish.subject,
    isSynthetic: snapshot.synthetic,
    input: {
      origin: 'snapshot',
      snapshotId: snapshot.id,
      snapshotDigest: snapshot.digest,
      name: record,
      files: [...files],
      source: snapshot.source,
      licence: snapshot.licence,
    },
  })
}

export interface UploadWish extends ReleaseWish {
  readonly taken: TakenUpload
  readonly subject: string | null
}

/** Nothing is known of an upload's licence: its recording stays within the project until somebody says otherwise. */
export async function openFromUpload(
  tx: Tx,
  opening: Opening,
  project: Project,
  wish: UploadWish,
): Promise<StoredCase> {
  const { taken } = wish
  const stored = await opening.kernel.objects.putMany([...taken.files].map(([name, content]) => ({ name, content })))
  return openCase(tx, opening, project, {
    releaseId: wish.releaseId,
    site: wish.site,
    subject: wish.subject,
    isSynthetic: taken.isSynthetic,
    input: {
      origin: 'upload',
      snapshotId: null,
      snapshotDigest: null,
      name: taken.name,
      files: stored.files.map(({ name, sha256, sizeBytes }) => ({ name, sha256, sizeBytes })),
      source: 'uploaded at the point of care',
      licence: 'not stated: for use within this project only',
    },
  })
}
