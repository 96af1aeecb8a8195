import { z } from 'zod'
import type { Kernel, MigrationFolder, Room } from '../kernel/index.ts'
import type { StoredVersion } from '../models/index.ts'
import { openVersion } from '../models/index.ts'
import { leadsOf } from './evaluate/models.ts'
import { evaluationRoutes } from './evaluation/routes.ts'
import { runEvaluation } from './evaluation/running.ts'
import type { EvaluatedModel } from './evaluate/models.ts'

export const benchMigrations: MigrationFolder = { room: 'bench', folder: new URL('./migrations/', import.meta.url) }

const runPayload = z.strictObject({ evaluation: z.uuid() })

export function openBench(kernel: Kernel): Room {
  return {
    name: 'bench',
    routes: evaluationRoutes(kernel),
    mounts: [],
    work: {
      'bench.run': (payload) =>
        runEvaluation(kernel, (version) => evaluated(kernel, version), runPayload.parse(payload).evaluation),
    },
  }
}

/** A version of the registry as what an evaluation asks. */
export async function evaluated(kernel: Kernel, version: StoredVersion): Promise<EvaluatedModel> {
  const open = await openVersion(kernel, version)
  return {
    name: version.model,
    version: version.label,
    digest: `sha256:${version.weightsDigest.replace(/^sha256:/, '')}`,
    device: 'cpu',
    tasks: version.kind === 'ecg' ? ['ecg-beats', 'ecg-beat-class'] : [],
    async ask({ recording, beatsAt }) {
      const input = { fs: recording.fs, leads: leadsOf(recording), ...(beatsAt === undefined ? {} : { beatsAt }) }
      const { beats } = await open.analyse(input)
      return { kind: 'ecg', beats: beats.map(({ sample, class: found }) => ({ sample, class: found })) }
    },
    close: () => open.close(),
  }
}
