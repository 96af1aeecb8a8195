import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fastify from 'fastify'
import { catalogue } from '../../kernel/index.ts'
import { inferResponse, modelMetadata } from './contract.ts'
import { type InferenceEvent, oipRoutes, type OipOptions } from './routes.ts'
import { serveFixtures } from './testing.ts'

const denied = catalogue({
  'test.oip-denied': {
    status: 403,
    retry: false,
    en: { title: 'No', fix: 'Ask' },
    zh: { title: '不行', fix: '请询问' },
  },
})
const events: InferenceEvent[] = []
const asked: string[] = []
const app = fastify()
let served: Awaited<ReturnType<typeof serveFixtures>>

before(async () => {
  served = await serveFixtures(['affine', 'lookup', 'datatypes'])
  const options: OipOptions = {
    registry: served,
    authorise: async (request, model, verb) => {
      asked.push(`${verb} ${model}`)
      if (request.headers['x-who'] === 'stranger') throw denied('test.oip-denied')
    },
    observe: (event) => events.push(event),
    bodyLimitBytes: 100_000,
  }
  await oipRoutes(app, options)
  app.post('/elsewhere', (request) => request.body)
})
after(async () => {
  await app.close()
  await served.close()
})

const json = { 'content-type': 'application/json' }
const infer = (model: string, payload: object | string | Buffer, headers: Record<string, string> = json) =>
  app.inject({ method: 'POST', url: `/v2/models/${model}/infer`, payload, headers })
const x = (values: readonly number[]) => ({ name: 'x', shape: [1, values.length], datatype: 'FP32', data: values })

test('the server tells what it is, that it lives and that its models are ready', async () => {
  const about = await app.inject('/v2')
  assert.deepEqual(about.json(), { name: 'pilotbase', version: '2', extensions: ['binary_tensor_data'] })
  assert.equal((await app.inject('/v2/health/live')).statusCode, 200)
  assert.deepEqual((await app.inject('/v2/health/ready')).json(), { ready: true })
})

test('a model’s metadata are its signature', async () => {
  for (const url of ['/v2/models/affine', '/v2/models/affine/versions/1']) {
    assert.deepEqual(modelMetadata.parse((await app.inject(url)).json()), {
      name: 'affine',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
    })
  }
  assert.deepEqual((await app.inject('/v2/models/affine/ready')).json(), { name: 'affine', ready: true })
})

test('JSON in, JSON out: y = 2x + 1', async () => {
  const response = await infer('affine', { id: 'q1', inputs: [x([1, -0.5])] })
  assert.equal(response.statusCode, 200)
  assert.deepEqual(inferResponse.parse(response.json()), {
    model_name: 'affine',
    model_version: '1',
    id: 'q1',
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [3, 0] }],
  })
})

test('binary in, binary out: y = 2x + 1', async () => {
  const header = JSON.stringify({
    inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
    outputs: [{ name: 'y', parameters: { binary_data: true } }],
  })
  const body = Buffer.concat([Buffer.from(header), Buffer.from(Float32Array.of(1, -0.5).buffer)])
  const response = await infer('affine', body, {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(header.length),
  })
  assert.equal(response.statusCode, 200)
  const headerBytes = Number(response.headers['inference-header-content-length'])
  const told = inferResponse.parse(JSON.parse(response.rawPayload.subarray(0, headerBytes).toString()))
  assert.deepEqual(told.outputs, [{ name: 'y', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } }])
  const values = new Float32Array(new Uint8Array(response.rawPayload.subarray(headerBytes)).buffer)
  assert.deepEqual(values, Float32Array.of(3, 0))
})

test('outputs are chosen by name, and binary_data_output holds where an output does not say otherwise', async () => {
  const kinds = [
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP16',
    'FP32',
    'FP64',
  ]
  const inputs = kinds.map((datatype) => ({ name: `in_${datatype}`, shape: [1, 2], datatype, data: [0, 1] }))
  const text = { name: 'in_BYTES', shape: [1, 2], datatype: 'BYTES', data: [['早', 'b']] }
  const response = await infer('datatypes', {
    inputs: [...inputs, text],
    parameters: { binary_data_output: true, some_vendor_setting: 3 },
    outputs: [{ name: 'out_BYTES', parameters: { binary_data: false } }, { name: 'out_INT16' }],
  })
  assert.equal(response.statusCode, 200, response.body)
  const headerBytes = Number(response.headers['inference-header-content-length'])
  const { outputs } = inferResponse.parse(JSON.parse(response.rawPayload.subarray(0, headerBytes).toString()))
  assert.deepEqual(outputs, [
    { name: 'out_BYTES', datatype: 'BYTES', shape: [1, 2], data: ['早', 'b'] },
    { name: 'out_INT16', datatype: 'INT16', shape: [1, 2], parameters: { binary_data_size: 4 } },
  ])
  assert.deepEqual([...response.rawPayload.subarray(headerBytes)], [0, 0, 1, 0])
  const all = await infer('datatypes', { inputs: [...inputs, text] })
  const lists = inferResponse.parse(all.json()).outputs.map((output) => output.data)
  assert.deepEqual(lists, [[false, true], ...kinds.slice(1).map(() => [0, 1]), ['早', 'b']])
})

test('each wrong request has the protocol’s error, its status and what is wrong', async () => {
  const input = x([1, 2])
  const nested = '['.repeat(3000) + ']'.repeat(3000)
  const cases: readonly (readonly [object | string, number, RegExp])[] = [
    ['{', 400, /oip-json/],
    [{}, 400, /oip-request.*inputs/],
    [{ inputs: [{ ...input, shape: [1, -2] }] }, 400, /oip-request.*shape/],
    [{ inputs: [] }, 400, /input-missing.*x/],
    [{ inputs: [input, input] }, 400, /input-twice/],
    [{ inputs: [{ ...input, name: 'z' }] }, 400, /input-unknown.*z/],
    [{ inputs: [{ ...input, datatype: 'FP64' }] }, 400, /datatype-wrong.*FP64.*FP32/],
    [{ inputs: [{ ...input, datatype: 'FP99' }] }, 400, /datatype-wrong.*FP99/],
    [{ inputs: [{ ...input, shape: [2] }] }, 400, /shape-wrong.*\[2\].*\[-1,-1\]/],
    [{ inputs: [{ ...input, shape: [1, 3] }] }, 400, /length-wrong.*2 elements.*3/],
    [{ inputs: [{ ...input, data: undefined }] }, 400, /neither data/],
    [{ inputs: [{ ...input, data: [1, null] }] }, 400, /oip-element.*null/],
    [{ inputs: [{ ...input, data: [1, 1e39] }] }, 400, /value-not-allowed.*Infinity/],
    [`{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":${nested}}]}`, 400, /oip-nesting/],
    [{ inputs: [input], outputs: [{ name: 'nope' }] }, 400, /output-unknown.*nope/],
    [{ inputs: [input], outputs: [{ name: 'y', parameters: { classification: 3 } }] }, 400, /classification/],
    [{ inputs: [{ ...input, data: undefined, parameters: { shared_memory_region: 'r' } }] }, 400, /shared_memory/],
    [{ inputs: [{ ...input, data: undefined, parameters: { binary_data_size: 8 } }] }, 400, /oip-body-length/],
  ]
  for (const [payload, status, says] of cases) {
    const response = await infer('affine', payload)
    assert.equal(response.statusCode, status, response.body)
    assert.deepEqual(Object.keys(response.json()), ['error'])
    assert.match(response.json().error, says)
  }
  const wrongValue = await infer('lookup', { inputs: [{ name: 'index', shape: [1], datatype: 'INT64', data: [99] }] })
  assert.equal(wrongValue.statusCode, 422)
  assert.match(wrongValue.json().error, /inference-failed.*idx=99/)
})

test('a wrong header length, an encoding and a body over the limit are refused', async () => {
  const body = JSON.stringify({ inputs: [x([1])] })
  for (const given of ['-1', 'x', '99999']) {
    const response = await infer('affine', body, { ...json, 'inference-header-content-length': given })
    assert.deepEqual([response.statusCode, /oip-header-length/.test(response.body)], [400, true], given)
  }
  const packed = await infer('affine', body, { ...json, 'content-encoding': 'gzip' })
  assert.deepEqual([packed.statusCode, packed.headers['connection']], [415, 'close'])
  const large = await infer('affine', Buffer.alloc(100_001))
  assert.deepEqual([large.statusCode, large.headers['connection']], [413, 'close'])
  const empty = await app.inject({ method: 'POST', url: '/v2/models/affine/infer' })
  assert.equal(empty.statusCode, 400)
})

test('an unknown model or version is 404, one that is not ready 503', async () => {
  for (const url of ['/v2/models/none', '/v2/models/affine/versions/2', '/v2/models/none/ready']) {
    const response = await app.inject(url)
    assert.equal(response.statusCode, 404)
    assert.match(response.json().error, /oip-model-unknown/)
  }
  const affine = served.models.get('affine')
  assert.ok(affine !== undefined)
  served.models.set('affine', { ...affine, ready: false })
  const response = await infer('affine', { inputs: [x([1])] })
  assert.deepEqual([response.statusCode, response.headers['retry-after']], [503, '1'])
  assert.equal((await app.inject('/v2/models/affine/ready')).statusCode, 503)
  assert.equal((await app.inject('/v2/health/ready')).statusCode, 503)
  served.models.set('affine', affine)
})

test('whoever may not is refused before the body is read and before it is told whether the model exists', async () => {
  asked.length = 0
  const stranger = { ...json, 'x-who': 'stranger' }
  for (const model of ['affine', 'none']) {
    const response = await infer(model, Buffer.alloc(200_000), stranger)
    assert.deepEqual([response.statusCode, response.json()], [403, { error: 'test.oip-denied: No. Ask' }])
  }
  const read = await app.inject({ url: '/v2/models/none', headers: { ...stranger, 'accept-language': 'zh-CN' } })
  assert.deepEqual(read.json(), { error: 'test.oip-denied: 不行. 请询问' })
  assert.deepEqual(asked, ['infer affine', 'infer none', 'read none'])
})

test('each inference is told to the observer, answered or refused', async () => {
  events.length = 0
  const good = await infer('affine', { inputs: [x([1])] })
  await infer('affine', '{')
  await infer('none', '{}')
  const told = events.map(({ model, version, status, code }) => [model, version, status, code])
  assert.deepEqual(told, [
    ['affine', '1', 200, null],
    ['affine', '1', 400, 'models.oip-json'],
    ['none', null, 404, 'models.oip-model-unknown'],
  ])
  assert.equal(events[0]?.responseBytes, good.rawPayload.length)
  assert.ok((events[0]?.latencyMs ?? 0) > 0)
})

test('routes beside the protocol keep their own errors and parsers', async () => {
  const echoed = await app.inject({ method: 'POST', url: '/elsewhere', payload: { kept: true }, headers: json })
  assert.deepEqual(echoed.json(), { kept: true })
  const refused = await app.inject({ method: 'POST', url: '/elsewhere', payload: '{', headers: json })
  assert.equal(refused.json().statusCode, 400)
})

test('an inference whose client has gone is given up', async () => {
  // A clock that stands still: a batch that is not full waits for ever, so only the client's leaving ends the request.
  const clock = { now: () => 0, after: () => () => {} }
  const waiting = await serveFixtures(['lookup'], { maxBatch: 8, maxDelayMs: 1, clock })
  const arrived = Promise.withResolvers<void>()
  const told = Promise.withResolvers<InferenceEvent>()
  const slow = fastify()
  await oipRoutes(slow, {
    registry: {
      list: waiting.list,
      get: (name) => {
        arrived.resolve()
        return waiting.get(name)
      },
    },
    authorise: async () => {},
    observe: told.resolve,
  })
  const address = await slow.listen({ host: '127.0.0.1', port: 0 })
  const client = new AbortController()
  const body = JSON.stringify({ inputs: [{ name: 'index', shape: [1], datatype: 'INT64', data: [0] }] })
  const call = fetch(`${address}/v2/models/lookup/infer`, {
    method: 'POST',
    body,
    headers: json,
    signal: client.signal,
  })
  const ended = assert.rejects(call, { name: 'AbortError' })
  await arrived.promise
  client.abort()
  await ended
  const { status, code } = await told.promise
  assert.deepEqual([status, code], [499, 'models.request-cancelled'])
  assert.equal(waiting.models.get('lookup')?.runtime.stats().runs, 0)
  await slow.close()
  await waiting.close()
})
