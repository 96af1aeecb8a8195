/** Opens weights/ecg in this process: every file is checked against the manifest before a byte of it is used. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { z } from 'zod'
import { ecgCalibration } from './contract.ts'
import type { EcgModel, Tensor } from './pipeline.ts'
import { problem } from './problems.ts'

const manifestShape = z.object({
  model: z.literal('ecg'),
  files: z.array(z.object({ path: z.string(), sha256: z.string().length(64) })),
})

export interface OpenEcgModel extends EcgModel {
  /** SHA-256 of each file by name, as in the manifest. */
  readonly digests: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** One session a network, one thread each. */
export async function openEcgModel(folder: string): Promise<OpenEcgModel> {
  const manifest = manifestShape.parse(JSON.parse((await file(folder, 'manifest.json')).toString('utf8')))
  const digests = Object.fromEntries(manifest.files.map((entry) => [entry.path, entry.sha256]))
  const verified = async (name: string): Promise<Buffer> => {
    const bytes = await file(folder, name)
    if (createHash('sha256').update(bytes).digest('hex') !== digests[name]) {
      throw problem('models.ecg-weights', { file: name })
    }
    return bytes
  }
  const calibration = ecgCalibration.parse(JSON.parse((await verified('calibration.json')).toString('utf8')))
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 }
  const sessions = {
    detector: await InferenceSession.create(await verified('detector.onnx'), options),
    classifier: await InferenceSession.create(await verified('classifier.onnx'), options),
  }
  return {
    calibration,
    digests,
    run: async (name, inputs) => {
      const feeds = Object.entries(inputs).map(([key, { data, dims }]) => [key, new OrtTensor('float32', data, dims)])
      const outputs = await sessions[name].run(Object.fromEntries(feeds))
      return Object.fromEntries(
        Object.entries(outputs).map(([key, value]): [string, Tensor] => {
          if (!(value.data instanceof Float32Array)) throw new Error(`output ${key} of ${name} is not float32`)
          return [key, { data: value.data, dims: value.dims }]
        }),
      )
    },
    close: async () => {
      await sessions.detector.release()
      await sessions.classifier.release()
    },
  }
}

async function file(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name))
  } catch (cause) {
    throw problem('models.ecg-weights', { file: name }, cause)
  }
}
