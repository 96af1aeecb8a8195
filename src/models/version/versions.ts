import type { Project } from '../../data/index.ts'
import { httpProblem, recordEvent, type Tx } from '../../kernel/index.ts'
import type { AliasMove } from './contract.ts'
import { aliasMoves, findModelId, findVersion, insertAliasMove, type StoredVersion } from './store.ts'

export async function readVersion(tx: Tx, projectId: string, model: string, key: string): Promise<StoredVersion> {
  const version = await findVersion(tx, projectId, model, key)
  if (version === null) throw httpProblem('kernel.not-found', { kind: `version of ${model}`, id: key })
  return version
}

/** Points an alias at a version. Where it pointed before stays in its history. */
export async function moveAlias(
  tx: Tx,
  project: Pick<Project, 'id'>,
  model: string,
  alias: string,
  wish: { readonly version: string; readonly reason?: string | undefined },
): Promise<StoredVersion> {
  const version = await readVersion(tx, project.id, model, wish.version)
  const modelId = await modelIdOf(tx, project.id, model)
  await insertAliasMove(tx, project.id, modelId, { alias, versionId: version.id, reason: wish.reason ?? null })
  await recordEvent(tx, {
    projectId: project.id,
    kind: 'model.alias-moved',
    subjectId: modelId,
    detail: { model, alias, label: version.label },
  })
  return readVersion(tx, project.id, model, version.id)
}

export async function aliasHistoryOf(tx: Tx, projectId: string, model: string): Promise<AliasMove[]> {
  return aliasMoves(tx, await modelIdOf(tx, projectId, model))
}

async function modelIdOf(tx: Tx, projectId: string, model: string): Promise<string> {
  const id = await findModelId(tx, projectId, model)
  if (id === null) throw httpProblem('kernel.not-found', { kind: 'model', id: model })
  return id
}
