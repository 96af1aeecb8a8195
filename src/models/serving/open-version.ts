import { join } from 'node:path'
import type { Kernel } from '../../kernel/index.ts'
import type { EcgAnswer } from '../ecg/contract.ts'
import type { EcgInput } from '../ecg/pipeline.ts'
import { weightsFolder } from '../import/weights-folder.ts'
import { problem } from '../problems.ts'
import { openRuntime } from '../runtimes/registry.ts'
import type { InferOptions, Runtime } from '../runtimes/runtime.ts'
import type { Version } from '../version/contract.ts'
import type { RecordingSent } from './ecg/messages.ts'
import { type EcgPool, openEcgPool } from './ecg/pool.ts'

/** What of a version is needed to run it. */
export type RunnableVersion = Pick<Version, 'model' | 'label' | 'kind' | 'snapshotDigest' | 'signature'>

/** A version that runs in this process, without or behind a deployment. Close it after use. */
export interface OpenVersion {
  /** Every beat of a recording with its class, or the problem that says why not. For versions of the kind ecg. */
  analyse(input: EcgInput, options?: InferOptions): Promise<EcgAnswer>
  /** The same as JSON, for a recording in any form in which one is sent. */
  answer(recording: RecordingSent, options?: InferOptions): Promise<Uint8Array>
  /** One of its networks, opened when it is first asked for; undefined where it has none of that name. */
  network(name: string): Promise<Runtime | undefined>
  close(): Promise<void>
}

/** Opens a version: its files are verified against the snapshot's digests before the first byte is loaded. */
export async function openVersion(kernel: Kernel, version: RunnableVersion, replicas = 1): Promise<OpenVersion> {
  const folder = await weightsFolder(kernel, version.snapshotDigest)
  const networks = new Map<string, Promise<Runtime>>()
  const open = (name: string, file: string): Promise<Runtime> => {
    const known = networks.get(name)
    if (known !== undefined) return known
    const opened = openRuntime(join(folder, file), { workers: replicas })
    networks.set(name, opened)
    // One that did not open is tried again when it is next asked for.
    opened.catch(() => networks.delete(name))
    return opened
  }
  const ecg: EcgPool | null = version.kind === 'ecg' ? await openEcgPool(folder, replicas) : null
  // The networks of an ECG model run inside its workers; by themselves they are asked for rarely, and opened then.
  if (ecg === null) for (const { name, file } of version.signature.networks) await open(name, file)

  const answer = (recording: RecordingSent, options?: InferOptions): Promise<Uint8Array> => {
    if (ecg !== null) return ecg.answer(recording, options)
    const { model, label, kind } = version
    return Promise.reject(problem('models.endpoint-absent', { model, label, kind }))
  }
  return {
    answer,
    async analyse(input, options) {
      // The worker writes what the pipeline's own type says; it is not parsed by schema a second time.
      return JSON.parse(Buffer.from(await answer({ form: 'samples', input }, options)).toString('utf8')) as EcgAnswer
    },
    async network(name) {
      const found = version.signature.networks.find((one) => one.name === name)
      return found === undefined ? undefined : open(found.name, found.file)
    },
    async close() {
      const opened = await Promise.allSettled(networks.values())
      await Promise.all([
        ecg?.close(),
        ...opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])),
      ])
    },
  }
}
