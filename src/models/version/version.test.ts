import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { jobSpec } from '../../compute/index.ts'
import { openModelBundle } from '../../kernel/index.ts'
import { statements } from '../../kernel/index.ts'
import { as, type TestBase, type TestPerson } from '../../kernel/testing.ts'
import { openModels } from '../index.ts'
import { recordTraining } from '../import/training.ts'
import { weightsDigest } from '../import/weights.ts'
import { affineFiles, card, type Files, modelsBase, projectOf, seed, snapshotOf } from '../testing.ts'
import { aliasHistory, modelPage, versionDetail, versionPage } from './contract.ts'
import { weightsListing } from './domain.ts'
import { findVersionById } from './store.ts'

const models = '/api/projects/ward/models'
let base: TestBase
let app: FastifyInstance
let developer: TestPerson
let auditor: TestPerson

before(async () => {
  base = await modelsBase()
  developer = await base.person('dev', 'developer')
  auditor = await base.person('aud', 'auditor')
  app = await base.http(openModels(base.kernel))
})
after(() => base.close())

const sha = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')
const register = (model: string, body: object, who = developer) =>
  app.inject(as(who, 'POST', `${models}/${model}/versions`, body))
async function registerFiles(model: string, label: string, files: Files) {
  const { digest } = await snapshotOf(base, files)
  return register(model, { label, snapshot: digest })
}
const codeOf = (response: { json(): unknown }) => (response.json() as { code: string }).code
const withManifest = (files: Files, named: readonly (readonly [string, string])[]) => ({
  ...files,
  'manifest.json': JSON.stringify({
    schema: 'pilotbase.weights/1',
    model: 'affine',
    files: named.map(([path, sha256]) => ({ path, sha256, bytes: 1 })),
  }),
})

test('files are listed by the bytes of their names, in whatever order they come', () =>
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 })), (paths) => {
      const files = paths.map((path) => ({ path, sha256: sha(path) }))
      const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
      assert.equal(weightsListing(files), sorted.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''))
    }),
  ))

test('the digest of one file is its own, of several that of what sha256sum prints of them', () => {
  const one = { path: 'b.onnx', sha256: sha('b') }
  const other = { path: 'a.json', sha256: sha('a') }
  assert.equal(weightsDigest([one]), sha('b'))
  assert.equal(weightsDigest([one, other]), sha(`${sha('a')}  a.json\n${sha('b')}  b.onnx\n`))
})

test('a weights folder becomes a version with its signature, digest, card and model.sig', async () => {
  const files = await affineFiles()
  const response = await registerFiles('affine', '1.0.0', files)
  assert.equal(response.statusCode, 201, response.body)
  const version = versionDetail.parse(response.json())
  assert.deepEqual(version.signature, {
    endpoint: null,
    networks: [
      {
        name: 'affine',
        file: 'affine.onnx',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
      },
    ],
  })
  assert.equal(version.kind, 'onnx')
  // The card speaks about the model and is not part of it.
  assert.equal(version.weightsDigest, sha(files['affine.onnx'] ?? ''))
  assert.equal(version.cardSha256, sha(JSON.stringify(card)))
  assert.deepEqual(version.card, card)

  const file = (path: string, who = auditor) =>
    app.inject(as(who, 'GET', `${models}/affine/versions/1.0.0/files/${path}`))
  assert.deepEqual((await file('affine.onnx')).rawPayload, files['affine.onnx'])
  assert.equal((await file('../../etc/passwd')).statusCode, 404)
  const key = (await app.inject('/api/model-signing-key')).json() as { publicKeyPem: string }
  const opened = openModelBundle((await file('model.sig')).body, key.publicKeyPem)
  assert.ok(opened.ok)
  assert.deepEqual(
    opened.value.files.map(({ name }) => name),
    ['affine.onnx', 'card.json'],
  )
})

test('a version is registered once: the same again answers it, other weights need another label', async () => {
  const files = await affineFiles()
  const first = await registerFiles('again', '1.0.0', files)
  const second = await registerFiles('again', '1.0.0', files)
  assert.deepEqual(second.json(), first.json())
  const other = await registerFiles('again', '1.0.0', { ...files, 'notes.txt': 'retrained' })
  assert.equal(codeOf(other), 'models.label-taken')
  assert.equal((await registerFiles('again', '1.0.1', { ...files, 'notes.txt': 'retrained' })).statusCode, 201)
  const page = (query: string) => app.inject(as(auditor, 'GET', `${models}/again/versions${query}`))
  const newest = versionPage.parse((await page('?limit=1')).json())
  const rest = versionPage.parse((await page(`?limit=1&after=${newest.next}`)).json())
  assert.deepEqual(
    [...newest.versions, ...rest.versions].map(({ label }) => label),
    ['1.0.1', '1.0.0'],
  )
})

test('weights that are not what their manifest names are refused by file', async () => {
  const files = await affineFiles()
  const network = ['affine.onnx', sha(files['affine.onnx'] ?? '')] as const
  const refusal = async (made: Files) => codeOf(await registerFiles('bad', '1.0.0', made))
  assert.equal(await refusal(withManifest(files, [['affine.onnx', sha('other')]])), 'models.weights-file-differs')
  assert.equal(await refusal(withManifest(files, [network, ['labels.json', sha('')]])), 'models.weights-file-missing')
  assert.equal(await refusal({ ...files, 'manifest.json': '{"schema": 1}' }), 'models.manifest-wrong')
  assert.equal(await refusal({ ...files, 'manifest.json': 'no JSON' }), 'models.manifest-wrong')
  assert.equal(await refusal({ ...files, 'card.json': '{"title": "of no model"}' }), 'models.card-wrong')
  const foreign = JSON.stringify({ ...card, files: [{ path: 'affine.onnx', sha256: sha('other') }] })
  assert.equal(await refusal({ ...files, 'card.json': foreign }), 'models.card-wrong')
  assert.equal(await refusal({ 'card.json': JSON.stringify(card) }), 'models.weights-no-network')
  assert.equal(await refusal({ ...files, 'affine.onnx': 'no network' }), 'models.model-unreadable')
  assert.equal(await refusal({ 'affine.onnx': files['affine.onnx'] ?? '' }), 'models.card-missing')
  const clash = { ...files, 'a/b.onnx': files['affine.onnx'] ?? '', 'a-b.onnx': files['affine.onnx'] ?? '' }
  assert.equal(await refusal(clash), 'models.weights-names-clash')
  // What the manifest does not name is no part of the model: neither in its digest nor among its networks.
  const extra = { ...withManifest(files, [network]), 'checkpoint.onnx': 'half done' }
  const version = versionDetail.parse((await registerFiles('good', '1.0.0', extra)).json())
  assert.equal(version.weightsDigest, network[1])
  assert.equal(version.signature.networks.length, 1)
})

test('a card sent along serves weights that have none', async () => {
  const { 'card.json': _card, ...bare } = await affineFiles()
  const { digest } = await snapshotOf(base, bare)
  const response = await register('bare', { label: '0.1.0', snapshot: digest, card })
  assert.deepEqual(versionDetail.parse(response.json()).card, card)
  const stored = await app.inject(as(auditor, 'GET', `${models}/bare/versions/0.1.0/files/card.json`))
  assert.deepEqual(stored.json(), card)
})

test('an alias moves, its history stays, and it is never taken for a label', async () => {
  const files = await affineFiles()
  for (const label of ['1.0.0', '1.1.0'])
    assert.equal((await registerFiles('moving', label, { ...files, 'notes.txt': label })).statusCode, 201)
  const move = (version: string, who = developer) =>
    app.inject(as(who, 'POST', `${models}/moving/aliases/candidate`, { version, reason: `to ${version}` }))
  assert.equal((await move('1.0.0')).statusCode, 200)
  assert.equal((await move('1.1.0')).statusCode, 200)
  assert.equal((await move('1.0.0', auditor)).statusCode, 403)
  assert.equal((await move('9.0.0')).statusCode, 404)
  const read = await app.inject(as(auditor, 'GET', `${models}/moving/versions/candidate`))
  assert.equal(versionDetail.parse(read.json()).label, '1.1.0')
  const byLabel = versionDetail.parse((await app.inject(as(auditor, 'GET', `${models}/moving/versions/1.0.0`))).json())
  assert.deepEqual(byLabel.aliases, [])
  const history = await app.inject(as(auditor, 'GET', `${models}/moving/aliases`))
  assert.deepEqual(
    aliasHistory.parse(history.json()).moves.map(({ label, reason, movedBy }) => [label, reason, movedBy]),
    [
      ['1.1.0', 'to 1.1.0', developer.id],
      ['1.0.0', 'to 1.0.0', developer.id],
    ],
  )
  const listed = modelPage.parse((await app.inject(as(auditor, 'GET', models))).json()).models
  assert.deepEqual(listed.find(({ slug }) => slug === 'moving')?.aliases, [{ alias: 'candidate', label: '1.1.0' }])
})

test('only developers register, members read, and others see no model', async () => {
  const { digest } = await snapshotOf(base, await affineFiles())
  const body = { label: '1.0.0', snapshot: digest }
  assert.equal((await register('denied', body, auditor)).statusCode, 403)
  const stranger = await base.person('stranger')
  assert.equal((await app.inject(as(stranger, 'GET', models))).statusCode, 404)
  assert.equal((await app.inject(as(null, 'GET', models))).statusCode, 401)
  assert.equal((await register('denied', { ...body, snapshot: sha('nothing') })).statusCode, 404)
  assert.equal((await register('denied', { ...body, label: 'latest' })).statusCode, 400)
})

test('a version cannot be changed, not even by the base', async () => {
  const change = base.kernel.database.transaction(seed, (tx) => tx.change("update models.version set label = '2.0.0'"))
  await assert.rejects(change, /permission denied/)
})

test('a training run is stated with its data, code, command and libraries', async () => {
  const { kernel } = base
  const run = { recipe: 'affine', seed: 7, libraries: { torch: '2.1' }, hardware: { machine: 'x86_64', cores: 2 } }
  const files = { ...(await affineFiles()), 'run.json': JSON.stringify(run) }
  const version = versionDetail.parse((await registerFiles('trained', '1.0.0', files)).json())
  const data = await snapshotOf(base, { 'records.csv': 'a,b' }, true)
  const spec = jobSpec.parse({
    name: 'train affine',
    command: ['python3', 'inputs/recipe/train.py', '--seed', '7'],
    inputs: [
      { path: 'data', snapshot: data.id },
      { path: 'recipe/train.py', sha256: sha('code') },
    ],
  })
  const at = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z'] as const
  const job = { id: version.id, name: spec.name, attempt: 1, spec, startedAt: at[0], endedAt: at[1] }
  const stated = await kernel.database.transaction(seed, async (tx) => {
    const stored = await findVersionById(tx, version.id)
    assert.ok(stored)
    const report = { job, version: stored, snapshot: data, metrics: { loss: 0.1, auroc: null } }
    await recordTraining(tx, kernel, projectOf(base), report)
    return statements(tx, base.project.id, version.weightsDigest)
  })
  const training = stated.find(({ predicateType }) => predicateType.endsWith('/training/v1'))
  assert.ok(training)
  const { predicate } = JSON.parse(Buffer.from(training.envelope.payload, 'base64').toString()) as {
    predicate: Record<string, unknown> & {
      materials: { role: string; digest: { sha256: string } }[]
      previous: string[]
    }
  }
  assert.equal(predicate['seed'], 7)
  assert.equal(predicate['synthetic'], true)
  assert.deepEqual(predicate['environment'], { torch: '2.1' })
  assert.deepEqual(predicate['metrics'], { loss: 0.1, auroc: null })
  assert.deepEqual(
    predicate.materials.map(({ role, digest }) => [role, digest.sha256]),
    [
      ['snapshot', data.digest],
      ['code', sha('code')],
      ['card', version.cardSha256],
    ],
  )
  assert.equal(predicate.previous.length, 1)
})
