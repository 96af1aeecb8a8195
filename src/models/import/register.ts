import { join } from 'node:path'
import { type Project, readSnapshot, type Snapshot } from '../../data/index.ts'
import { canonicalBytes, type Kernel, recordEvent, type Tx, referObjects } from '../../kernel/index.ts'
import { problem } from '../problems.ts'
import { openRuntime } from '../runtimes/registry.ts'
import { openEcgPool } from '../serving/ecg/pool.ts'
import { type ModelCard, titleOf } from '../version/card.ts'
import { firstDifference } from '../version/domain.ts'
import type { NewVersion, VersionSignature } from '../version/contract.ts'
import { ensureModel, findVersion, insertVersion, type StoredVersion } from '../version/store.ts'
import { readVersion } from '../version/versions.ts'
import { signWeights } from './signing.ts'
import { readCard, readWeights, type Weights } from './weights.ts'
import { weightsFolder } from './weights-folder.ts'

/** What is registered: the model by its slug, and what `newVersion` says. */
export interface Registration extends NewVersion {
  readonly model: string
}

/**
 * Registers the weights folder that a snapshot holds as an immutable version. The folder is compared with its manifest,
 * opened once to learn its signature, and signed. The same weights and card under the same label again answer the
 * version that is there.
 */
export async function registerVersion(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  wish: Registration,
): Promise<StoredVersion> {
  const snapshot = await readSnapshot(tx, project.id, wish.snapshot)
  const weights = await readWeights(kernel, snapshot.digest)
  const { card, sha256: cardSha256 } = await cardOf(kernel, weights, wish.card)
  const before = await findVersion(tx, project.id, wish.model, wish.label)
  if (before !== null) {
    if (before.weightsDigest === weights.digest && before.cardSha256 === cardSha256) return before
    throw problem('models.label-taken', { label: wish.label })
  }
  const signature = await signatureOf(kernel, snapshot, weights)
  const modelSig = await kernel.objects.put(Buffer.from(await signWeights(kernel, wish.model, weights.files)))
  const modelId = await ensureModel(tx, project.id, wish.model, wish.title ?? titleOf(card))
  const id = await insertVersion(tx, project.id, modelId, {
    label: wish.label,
    kind: weights.kind,
    snapshotDigest: snapshot.digest,
    weightsDigest: weights.digest,
    signature,
    card,
    cardSha256,
    modelSigSha256: modelSig.sha256,
    trainingJobId: wish.trainingJobId ?? null,
    synthetic: snapshot.synthetic || card.synthetic === true,
    demo: project.isDemo,
  })
  await referObjects(tx, { projectId: project.id, kind: 'model-version', id }, [cardSha256, modelSig.sha256])
  await recordEvent(tx, {
    projectId: project.id,
    kind: 'version.registered',
    subjectId: id,
    detail: { model: wish.model, label: wish.label },
  })
  return readVersion(tx, project.id, wish.model, wish.label)
}

/** The folder's own card comes first: it is what the weights were made with. */
async function cardOf(
  kernel: Kernel,
  weights: Weights,
  sent: ModelCard | undefined,
): Promise<{ card: ModelCard; sha256: string }> {
  const found = await readCard(kernel, weights)
  const card = found?.card ?? sent
  if (card === undefined) throw problem('models.card-missing')
  const difference = firstDifference(weights.files, card.files ?? [])
  if (difference !== null)
    throw problem('models.card-wrong', {
      issue: `it is about other weights: ${difference.path} is not the file it names`,
    })
  return { card, sha256: found?.sha256 ?? (await kernel.objects.put(canonicalBytes(card))).sha256 }
}

/** What the networks take and give, from the networks themselves; weights that do not open are refused here. */
async function signatureOf(kernel: Kernel, snapshot: Snapshot, weights: Weights): Promise<VersionSignature> {
  const folder = await weightsFolder(kernel, snapshot.digest)
  const networks: VersionSignature['networks'] = []
  for (const { name, path } of weights.networks) {
    const runtime = await openRuntime(join(folder, path))
    const { inputs, outputs } = runtime.signature()
    await runtime.close()
    const told = (specs: typeof inputs) => specs.map((spec) => ({ ...spec, shape: [...spec.shape] }))
    networks.push({ name, file: path, inputs: told(inputs), outputs: told(outputs) })
  }
  if (weights.kind !== 'ecg') return { endpoint: null, networks }
  await (await openEcgPool(folder, 1)).close()
  return { endpoint: 'pilotbase.ecg/1', networks }
}
