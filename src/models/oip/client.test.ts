import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { oipRoutes } from './routes.ts'
import { serveFixtures } from './testing.ts'

const python = process.env['PILOTBASE_OIP_CLIENT']
const script = fileURLToPath(new URL('./fixtures/client_check.py', import.meta.url))
const skip = python === undefined ? 'PILOTBASE_OIP_CLIENT names no Python with tritonclient[http]' : false

test('a public client of the protocol finds, asks and is refused as the protocol says', { skip }, async () => {
  const served = await serveFixtures(['affine', 'datatypes'])
  const app = fastify()
  await oipRoutes(app, { registry: served, authorise: async () => {} })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    const { stdout } = await promisify(execFile)(python ?? '', [script, address.replace('http://', '')])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; outcome: unknown })
    const {
      'wrong shape': wrongShape,
      'unknown model': unknownModel,
      ...outcomes
    } = Object.fromEntries(lines.map(({ check, outcome }) => [check, outcome]))
    // y = 2x + 1 of 1, -0.5, 3.25.
    const y = [3, 0, 7.5]
    assert.deepEqual(outcomes, {
      server_live: true,
      server_ready: true,
      model_ready: true,
      server_metadata: { name: 'pilotbase', version: '2', extensions: ['binary_tensor_data'] },
      model_metadata: {
        name: 'affine',
        versions: ['1'],
        platform: 'onnxruntime_onnx',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
      },
      'infer in=False out=False': y,
      'infer in=False out=True': y,
      'infer in=True out=False': y,
      'infer in=True out=True': y,
      'default output': [[3], [3]],
      'datatypes json': [],
      'datatypes binary': [],
      async: [1, 3, 5, 7, 9],
    })
    assert.match(String(wrongShape), /^400,models\.shape-wrong.*\[3\].*\[-1,-1\]/)
    assert.match(String(unknownModel), /^404,models\.oip-model-unknown/)
  } finally {
    await app.close()
    await served.close()
  }
})
