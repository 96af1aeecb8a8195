import { randomUUID } from 'node:crypto'
import { statingActor, type Project, readSnapshot } from '../../data/index.ts'
import { httpProblem, type Kernel, state, type Tx } from '../../kernel/index.ts'
import { findVersionById, type StoredVersion } from '../../models/index.ts'
import { readGate } from '../evaluate/gates.ts'
import { openFolder, readPlain } from '../datasets/folder.ts'
import { parseManifest, pickTask } from '../datasets/manifest.ts'
import { readRows } from '../datasets/rows.ts'
import { decode } from '../datasets/table.ts'
import { problem } from '../problems.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { familyOf, taskFamilies } from '../tasks/registry.ts'
import type { NewEvaluation, Plan } from './contract.ts'
import { snapshotFolder } from './folders.ts'
import { findEvaluation, insertEvaluation, type StoredEvaluation } from './store.ts'

const definitionsVersion = '1'

/**
 * Fixes what will be asked, of which model, on which data, and what must come out, and signs it: all before the first
 * question. The plan's statement is what the result builds on.
 */
export async function planEvaluation(
  tx: Tx,
  kernel: Kernel,
  project: Project,
  wish: NewEvaluation,
): Promise<StoredEvaluation> {
  const version = await findVersionById(tx, wish.version)
  if (version === null || version.projectId !== project.id)
    throw httpProblem('kernel.not-found', { kind: 'version', id: wish.version })
  const snapshot = await readSnapshot(tx, project.id, wish.snapshot)
  const { plan, taskId, taskVersion } = await readPlan(await snapshotFolder(kernel, snapshot.digest), wish)
  const id = randomUUID()
  const planStatement = await state(tx, kernel.signer, project.id, 'evaluation-plan', [weightsSubject(version)], {
    at: kernel.clock().toISOString(),
    by: statingActor(tx),
    project: project.slug,
    synthetic: snapshot.synthetic,
    demo: project.isDemo,
    materials: [{ name: taskId, role: 'snapshot', digest: { sha256: snapshot.digest } }],
    previous: [],
    planId: id,
    task: { id: plan.task, version: taskVersion },
    purpose: wish.purpose,
    scorer: { name: plan.task, version: definitionsVersion, sha256: null },
    judge: null,
    samplesPlanned: plan.samples,
    metrics: plannedMetrics(plan),
    subgroups: [],
    exclusions: [],
    stopping: null,
    seed: bootstrapSeed,
  })
  await insertEvaluation(tx, project.id, {
    id,
    versionId: version.id,
    model: `${version.model}@${version.label}`,
    modelDigest: version.weightsDigest,
    snapshotId: snapshot.id,
    taskId,
    split: wish.split ?? null,
    plan,
    planStatement,
  })
  const planned = await findEvaluation(tx, id)
  if (planned === null) throw new Error('an evaluation that was inserted is there')
  return planned
}

// Seed and level of every interval (metrics.md section 9 of the definitions, version 1).
const bootstrapSeed = 20250101
const level = 0.95

function plannedMetrics(plan: Plan) {
  const gates = plan.gates.map((text) => readGate(text, plan.metrics))
  return plan.metrics.map((name) => {
    const gate = gates.find((one) => one.metric === name)
    return {
      name,
      primary: name === plan.headline,
      better: gate?.direction ?? ('higher' as const),
      threshold: gate?.threshold ?? null,
      interval: { method: 'bootstrap-percentile', level },
    }
  })
}

async function readPlan(folder: string, wish: NewEvaluation) {
  const bytes = await readPlain(`${folder}/dataset.json`, 'dataset.json')
  if (bytes === null) throw problem('bench.data-manifest-missing', { file: 'dataset.json' })
  const manifestFile = parseManifest(decode(bytes, 'dataset.json'), 'dataset.json')
  const { task, index } = pickTask(manifestFile, wish.task)
  const family: TaskFamily | null = familyOf(task.task)
  if (family === null)
    throw problem('bench.model-scorer', { task: task.task, known: taskFamilies.map((one) => one.id).join(', ') })
  for (const gate of wish.gates) readGate(gate, family.metrics)
  const { rows } = await readRows(openFolder(folder), manifestFile, index, wish.split)
  const plan: Plan = {
    task: task.task,
    headline: task.metric ?? family.headline,
    metrics: [...family.metrics],
    gates: wish.gates,
    samples: rows.length,
    purpose: wish.purpose,
  }
  return { plan, taskId: task.id, taskVersion: definitionsVersion }
}

/** Statements about a version name its weights: the digest is the one that `evaluate` prints. */
export function weightsSubject(version: Pick<StoredVersion, 'model' | 'label' | 'weightsDigest'>) {
  return {
    name: `${version.model}@${version.label}`,
    digest: { sha256: version.weightsDigest.replace(/^sha256:/, '') },
  }
}
