import { readFileSync } from 'node:fs'
import { createSnapshot, type Project, syntheticDataset } from '../data/index.ts'
import type { Kernel, Tx } from '../kernel/index.ts'
import { deployVersion, seedShipped } from '../models/index.ts'
import { setPolicy } from '../release/index.ts'

const policy = readFileSync(new URL('./policy.yaml', import.meta.url), 'utf8')
// Twelve patients in the test part: an interval needs ten groups.
const recordings = { records: 16, seconds: 60, seed: 7, testShare: 0.75 }

/** Fills the demo project: synthetic recordings, the shipped models, a deployment to ask, and a policy to walk through. */
export async function fillDemo(tx: Tx, kernel: Kernel, project: Project): Promise<void> {
  const files = [...syntheticDataset(recordings)].map(([name, content]) => ({ name, content }))
  const stored = await kernel.objects.putMany(files)
  await createSnapshot(tx, kernel, project, 'Synthetic ECG', {
    schema: 'pilotbase.snapshot/1',
    source: 'made by Pilot Base after McSharry et al. 2003, seed 7; no patient',
    licence: 'CC0-1.0',
    synthetic: true,
    files: stored.files.map((file, i) => ({
      path: files[i]?.name ?? '',
      sha256: file.sha256,
      sizeBytes: file.sizeBytes,
    })),
  })
  for (const version of await seedShipped(kernel, tx, project))
    await deployVersion(tx, project, { name: version.model, model: version.model, version: version.label, replicas: 1 })
  await setPolicy(tx, project.id, policy, 'demo policy, comes with the program')
}
