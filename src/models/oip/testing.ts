import { fileURLToPath } from 'node:url'
import { openRuntime } from '../runtimes/registry.ts'
import type { RuntimeOptions } from '../runtimes/runtime.ts'
import type { ServedModel, ServedModels } from './routes.ts'

/** The path of an ONNX fixture of the runtimes. */
export function onnxFixture(name: string): string {
  return fileURLToPath(new URL(`../runtimes/onnx/fixtures/${name}.onnx`, import.meta.url))
}

/** Serves ONNX fixtures as version 1, each under its file's name; `close` frees them. */
export async function serveFixtures(
  names: readonly string[],
  options?: RuntimeOptions,
): Promise<ServedModels & { readonly models: Map<string, ServedModel>; close(): Promise<void> }> {
  const models = new Map<string, ServedModel>()
  for (const name of names) {
    const runtime = await openRuntime(onnxFixture(name), options)
    models.set(name, {
      runtime,
      metadata: { name, version: '1', versions: ['1'], platform: 'onnxruntime_onnx' },
      ready: true,
    })
  }
  return {
    models,
    list: () => [...models.values()].map(({ metadata, ready }) => ({ name: metadata.name, ready })),
    get: (name, version = '1') => (version === '1' ? models.get(name) : undefined),
    close: async () => {
      await Promise.all([...models.values()].map(({ runtime }) => runtime.close()))
    },
  }
}
