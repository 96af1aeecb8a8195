import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSnapshot, isSafePath, type ManifestFile, type Project } from '../../data/index.ts'
import type { Kernel, Tx } from '../../kernel/index.ts'
import { registerVersion } from '../import/register.ts'
import { problem } from '../problems.ts'
import { type ModelCard, modelCard } from '../version/card.ts'
import { versionLabel } from '../version/contract.ts'
import { issueOf } from '../version/issue.ts'
import type { StoredVersion } from '../version/store.ts'
import { moveAlias } from '../version/versions.ts'

// The program's own folder of weights, as far from the sources as from what is made of them.
const weights = fileURLToPath(new URL('../../../weights/', import.meta.url))

/** A model that comes with the program. */
export interface ShippedModel {
  readonly name: string
  readonly folder: string
  readonly label: string
  readonly card: ModelCard
}

/** The models in the program's `weights/`, by name. A folder without card.json is no finished model. */
export async function shippedModels(root: string = weights): Promise<ShippedModel[]> {
  const models: ShippedModel[] = []
  const entries = await readdir(root, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory()) continue
    const folder = join(root, entry.name)
    const card = await readCardOf(folder)
    if (card === null) continue
    const label = versionLabel.safeParse(card.version)
    if (!label.success) throw problem('models.card-wrong', { issue: `version: ${issueOf(label.error)}` })
    models.push({ name: entry.name, folder, label: label.data, card })
  }
  return models
}

async function readCardOf(folder: string): Promise<ModelCard | null> {
  let text: string
  try {
    text = await readFile(join(folder, 'card.json'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const parsed = modelCard.safeParse(JSON.parse(text))
  if (!parsed.success) throw problem('models.card-wrong', { issue: issueOf(parsed.error) })
  return parsed.data
}

/** Where the shipped version stands in a project that was given it. */
export const shippedAlias = 'shipped'

/**
 * Stores the shipped weights in a project and registers each as a version, under the alias `shipped`. Done again it
 * changes nothing; after an update of the program it adds the new version and moves the alias.
 */
export async function seedShipped(
  kernel: Kernel,
  tx: Tx,
  project: Project,
  root: string = weights,
): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = []
  for (const { name, folder, label, card } of await shippedModels(root)) {
    const snapshot = await createSnapshot(tx, kernel, project, `weights of ${name} ${label}`, {
      schema: 'pilotbase.snapshot/1',
      source: `Pilot Base ${kernel.version}, weights/${name}`,
      licence: card.licence ?? 'Apache-2.0',
      synthetic: card.synthetic === true,
      files: await storeFolder(kernel, folder),
    })
    const version = await registerVersion(tx, kernel, project, { model: name, label, snapshot: snapshot.digest })
    versions.push(
      version.aliases.includes(shippedAlias)
        ? version
        : await moveAlias(tx, project, name, shippedAlias, { version: label, reason: `came with ${kernel.version}` }),
    )
  }
  return versions
}

async function storeFolder(kernel: Kernel, folder: string): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: ManifestFile[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const absolute = join(entry.parentPath, entry.name)
    const path = absolute.slice(folder.length + 1).replaceAll('\\', '/')
    if (!isSafePath(path)) throw new Error(`shipped weights hold a file with the name ${path}`)
    files.push({ path, ...(await kernel.objects.put(await readFile(absolute))) })
  }
  return files
}
