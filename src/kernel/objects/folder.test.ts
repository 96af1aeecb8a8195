import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../errors/problem.ts'
import { openFolder, words } from './folder.ts'
import { openPlace, readS3Address } from './open.ts'
import { objectStore } from './store.ts'
import { placeConformance, sha256, streamOf } from './testing.ts'

async function emptyFolder() {
  const root = await mkdtemp(join(tmpdir(), 'objects-'))
  const pathOf = (digest: string) => join(root, 'objects', digest.slice(0, 2), digest.slice(2))
  return { root, pathOf, close: () => rm(root, { recursive: true }) }
}

placeConformance(
  'folder',
  async () => {
    const { root, pathOf, close } = await emptyFolder()
    return {
      place: await openFolder(root),
      close,
      async damage(digest, at) {
        const file = await open(pathOf(digest), 'r+')
        const byte = Buffer.alloc(1)
        await file.read(byte, 0, 1, at)
        await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
        await file.close()
      },
    }
  },
  { largeBytes: 3_500_000, skip: false },
)

test('a base that is killed while it writes leaves no half object, and its leftovers are swept', async () => {
  const { root, close } = await emptyFolder()
  try {
    const script = `
      const { openFolder } = await import(${JSON.stringify(new URL('./folder.ts', import.meta.url).href)})
      const place = await openFolder(${JSON.stringify(root)})
      await place.write('objects', (async function* () {
        for (;;) { yield Buffer.alloc(3_000_000, 7); process.stdout.write('.') }
      })())`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal((await readdir(join(root, 'incoming'))).length, 1)
    const store = objectStore(await openFolder(root))
    assert.deepEqual(await Array.fromAsync(store.list()), [])
    const none = (async function* () {})()
    assert.equal((await store.collect(none, 0, new Date(Date.now() + 1000))).leftovers, 1)
    assert.deepEqual(await readdir(join(root, 'incoming')), [])
  } finally {
    await close()
  }
})

test('an object put again while a collector removes it is there afterwards, whoever comes first', async () => {
  const { root, pathOf, close } = await emptyFolder()
  try {
    const place = await openFolder(root)
    const digest = sha256('contended')
    const before = new Date('2020-01-01T00:00:00Z')
    for (let round = 0; round < 100; round += 1) {
      await place.write('objects', Buffer.from('contended'))
      await utimes(pathOf(digest), 0, 0)
      await Promise.all([
        place.remove('objects', digest, before),
        place.write('objects', streamOf('contended')),
        place.remove('objects', digest, before),
      ])
      assert.notEqual(await place.stat('objects', digest), null)
    }
  } finally {
    await close()
  }
})

test('ten thousand files of 4 KB are two files on the disk, not ten thousand', async () => {
  const { root, close } = await emptyFolder()
  try {
    const store = objectStore(await openFolder(root))
    const files = Array.from({ length: 10_000 }, (_, at) => ({ name: `${at}`, content: Buffer.alloc(4096, `${at} `) }))
    const { files: packed } = await store.putMany(files)
    assert.equal(new Set(packed.map((file) => file.sha256)).size, 10_000)
    const found = await readdir(root, { recursive: true, withFileTypes: true })
    assert.equal(found.filter((entry) => entry.isFile()).length, 2)
    const last = packed.at(-1)?.sha256 ?? ''
    assert.ok((await objectStore(await openFolder(root)).read(last)).equals(files.at(-1)?.content ?? Buffer.alloc(0)))
  } finally {
    await close()
  }
})

test('a full disk is said in words, in both languages', {
  skip: existsSync('/dev/full') ? false : 'no /dev/full',
}, async () => {
  const full = await open('/dev/full', 'w')
  const cause: unknown = await full.write('x').catch((refused: unknown) => refused)
  await full.close()
  const said = words('the store', cause)
  assert.ok(said instanceof Problem)
  assert.equal(said.code, 'kernel.disk-full')
  assert.equal(said.cause, cause)
  assert.match(said.words('zh').title, /the store/)
})

test('a place that cannot be written to is said in words when it is opened', async () => {
  const { root, close } = await emptyFolder()
  try {
    await writeFile(join(root, 'file'), '')
    await assert.rejects(openFolder(join(root, 'file')), { code: 'kernel.storage-unwritable' })
  } finally {
    await close()
  }
})

test('strange files in the folder are passed over', async () => {
  const { root, close } = await emptyFolder()
  try {
    const store = objectStore(await openFolder(root))
    const { sha256: digest } = await store.put(Buffer.from('x'))
    await writeFile(join(root, 'objects', digest.slice(0, 2), 'note.txt'), 'x')
    await writeFile(join(root, 'objects', '.hidden'), 'x')
    assert.equal((await Array.fromAsync(store.list())).length, 1)
  } finally {
    await close()
  }
})

test('an address is a folder or an S3 bucket, and keys never stand in it', async () => {
  const { root, close } = await emptyFolder()
  try {
    assert.equal((await openPlace({ address: root, dataFolder: root })).name, root)
  } finally {
    await close()
  }
  const settings = { dataFolder: 'data', accessKeyId: 'a', secretAccessKey: 'b' }
  const address = readS3Address({ ...settings, address: 's3://bucket/deep/er/?endpoint=http://127.0.0.1:1&region=r' })
  assert.deepEqual(
    [address.bucket, address.prefix, address.endpoint, address.region, address.credentials?.accessKeyId],
    ['bucket', 'deep/er/', 'http://127.0.0.1:1', 'r', 'a'],
  )
  for (const wrong of ['s3://', 'http://x/y', 's3://key:secret@bucket', 's3://bucket?regoin=x']) {
    assert.throws(() => readS3Address({ ...settings, address: wrong }), { code: 'kernel.storage-address-wrong' }, wrong)
  }
})
