import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { inOrder, rootDigest } from './manifest.ts'
import {
  generateModelKey,
  openModelBundle,
  signModelFiles,
  signModelFolder,
  verifyModelFolder,
} from './model-signing.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const tool = process.env.PILOTBASE_MODEL_SIGNING ?? null
const needsTool = { skip: tool === null ? 'PILOTBASE_MODEL_SIGNING names no model_signing executable' : false }
const recorded = async (curve: string) => ({
  bundle: await readFile(join(fixtures, `${curve}.sig`), 'utf8'),
  publicKeyPem: await readFile(join(fixtures, `${curve}.pub.pem`), 'utf8'),
})

async function inCopy(run: (model: string, beside: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'model-'))
  try {
    await cp(join(fixtures, 'model'), join(folder, 'model'), { recursive: true })
    await run(join(folder, 'model'), folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

for (const curve of ['prime256v1', 'secp384r1']) {
  test(`what the OpenSSF tool signed with ${curve} is verified here`, async () => {
    const { bundle, publicKeyPem } = await recorded(curve)
    const report = await verifyModelFolder(join(fixtures, 'model'), bundle, publicKeyPem)
    assert.deepEqual(report.refusals, [])
    assert.equal(report.model?.subject.name, 'model')
    assert.deepEqual(
      report.model?.files.map((file) => file.name),
      ['sub/labels.json', 'sub-notes.txt', 'weights.bin', 'ü.txt'],
    )
  })
}

test('a file that was changed, left out, added or linked in is refused by name', () =>
  inCopy(async (model) => {
    const { bundle, publicKeyPem } = await recorded('prime256v1')
    const refused = async (options = {}) => {
      const { refusals } = await verifyModelFolder(model, bundle, publicKeyPem, options)
      return refusals.map(({ reason, where }) => `${reason} ${where}`)
    }
    assert.deepEqual(await refused(), [])
    await writeFile(join(model, '.gitignore'), 'left out by the tool')
    assert.deepEqual(await refused(), [])
    await writeFile(join(model, 'extra.bin'), 'x')
    assert.deepEqual(await refused(), ['digest-mismatch extra.bin'])
    assert.deepEqual(await refused({ ignoreUnsigned: true }), [])
    assert.deepEqual(await refused({ signaturePath: join(model, 'extra.bin') }), [])
    await rm(join(model, 'extra.bin'))
    await appendFile(join(model, 'weights.bin'), 'x')
    assert.deepEqual(await refused(), ['digest-mismatch weights.bin'])
    await rename(join(model, 'weights.bin'), join(model, '.git'))
    assert.deepEqual(await refused(), ['truncated weights.bin'])
    await symlink(join(model, '.git'), join(model, 'weights.bin'))
    assert.deepEqual(await refused(), ['malformed weights.bin', 'truncated weights.bin'])
  }))

test('a bundle that was altered, or signed by another key, is refused before any file is read', async () => {
  const { bundle, publicKeyPem } = await recorded('prime256v1')
  const reason = (text: string, pem = publicKeyPem) => {
    const verdict = openModelBundle(text, pem)
    return verdict.ok ? 'accepted' : verdict.refusal.reason
  }
  type Bundle = {
    mediaType: string
    verificationMaterial: { publicKey: { hint?: string } }
    dsseEnvelope: { payload: string; signatures: { sig: string }[] }
  }
  const altered = (change: (value: Bundle) => void) => {
    const value = JSON.parse(bundle) as Bundle
    change(value)
    return JSON.stringify(value)
  }
  assert.equal(reason(bundle), 'accepted')
  assert.equal(reason(bundle, generateModelKey().publicKeyPem), 'foreign-key')
  assert.equal(reason(altered((value) => delete value.verificationMaterial.publicKey.hint)), 'accepted')
  const noHint = altered((value) => delete value.verificationMaterial.publicKey.hint)
  assert.equal(reason(noHint, generateModelKey().publicKeyPem), 'forged')
  const payload = (JSON.parse(bundle) as Bundle).dsseEnvelope.payload
  const other = Buffer.from(Buffer.from(payload, 'base64').toString().replace('weights.bin', 'weights.bim')).toString(
    'base64',
  )
  assert.equal(reason(altered((value) => (value.dsseEnvelope.payload = other))), 'forged')
  assert.equal(reason(altered((value) => (value.mediaType = 'text/plain'))), 'malformed')
  assert.equal(reason('{'), 'malformed')
  assert.throws(() => openModelBundle(bundle, 'no key'), { code: 'kernel.signing-key-unreadable' })
})

test('a signed list of files that leads outside the model, or names a file twice, is refused', () => {
  const { privateKeyPem, publicKeyPem } = generateModelKey()
  const sha256 = 'a'.repeat(64)
  const reason = (...names: string[]) => {
    const { bundle } = signModelFiles(
      'm',
      names.map((name) => ({ name, sha256 })),
      privateKeyPem,
    )
    const verdict = openModelBundle(bundle, publicKeyPem)
    return verdict.ok ? 'accepted' : verdict.refusal.reason
  }
  assert.equal(reason('a', 'b/c'), 'accepted')
  for (const name of ['../a', '/a', 'a/../../b', '', 'a//b']) assert.equal(reason(name), 'malformed', name)
  assert.equal(reason('a', 'a'), 'malformed')
})

test('the order of the files given makes no difference to the model digest', () => {
  const files = ['b', 'a/z', 'a-b', 'a/b'].map((name, at) => ({ name, sha256: String(at).repeat(64) }))
  assert.deepEqual(
    inOrder(files).map((file) => file.name),
    ['a/b', 'a/z', 'a-b', 'b'],
  )
  const { privateKeyPem } = generateModelKey()
  const signed = (of: typeof files) => signModelFiles('m', of, privateKeyPem).subject.digest.sha256
  assert.equal(signed(files), signed(files.toReversed()))
  assert.equal(signed(files), rootDigest(inOrder(files)))
})

test('what is signed here is verified here, with the signature inside the folder too', () =>
  inCopy(async (model) => {
    const { privateKeyPem, publicKeyPem } = generateModelKey()
    const signaturePath = join(model, 'model.sig')
    const { bundle, subject } = await signModelFolder(model, privateKeyPem, signaturePath)
    await writeFile(signaturePath, bundle)
    const report = await verifyModelFolder(model, bundle, publicKeyPem, { signaturePath })
    assert.deepEqual(report.refusals, [])
    assert.deepEqual(report.model?.subject, subject)
  }))

test('the OpenSSF tool accepts what is signed here, and refuses it once a byte is changed', needsTool, () =>
  inCopy(async (model, beside) => {
    const { privateKeyPem, publicKeyPem } = generateModelKey()
    const key = join(beside, 'key.pub')
    await writeFile(key, publicKeyPem)
    await mkdir(join(model, 'deep', 'er'), { recursive: true })
    await writeFile(join(model, 'deep', 'er', '权重.bin'), '权重')
    for (const signature of [join(beside, 'model.sig'), join(model, 'model.sig')]) {
      await writeFile(signature, (await signModelFolder(model, privateKeyPem, signature)).bundle)
      const verify = () =>
        promisify(execFile)(tool ?? '', ['verify', 'key', '--public_key', key, '--signature', signature, model])
      assert.match((await verify()).stdout, /succeeded/)
      const path = join(model, 'weights.bin')
      const good = await readFile(path)
      await writeFile(path, good.with(0, good[0] === 0 ? 1 : 0))
      await assert.rejects(verify(), (cause: Error & { stderr?: string }) => /weights\.bin/.test(cause.stderr ?? ''))
      await writeFile(path, good)
    }
  }),
)

test('what the OpenSSF tool signs now is verified here', needsTool, () =>
  inCopy(async (model, beside) => {
    const { privateKeyPem, publicKeyPem } = generateModelKey()
    const key = join(beside, 'key.pem')
    await writeFile(key, privateKeyPem)
    const signature = join(model, 'model.sig')
    await promisify(execFile)(tool ?? '', ['sign', 'key', '--private_key', key, '--signature', signature, model])
    const bundle = await readFile(signature, 'utf8')
    assert.deepEqual((await verifyModelFolder(model, bundle, publicKeyPem)).refusals, [])
    await appendFile(join(model, 'weights.bin'), 'x')
    assert.equal((await verifyModelFolder(model, bundle, publicKeyPem)).ok, false)
  }),
)
