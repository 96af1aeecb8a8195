import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ObjectPlace } from './place.ts'
import { type ObjectStore, objectStore } from './store.ts'

/** A place under test, empty at first. */
export interface PlaceUnderTest {
  readonly place: ObjectPlace
  /** Flips one bit of the stored bytes, behind the place's back. */
  damage(sha256: string, at: number): Promise<void>
  close(): Promise<void>
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

export async function* streamOf(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

/** What every member of the family must do. `largeBytes` is more than the member writes in one go. */
export function placeConformance(
  member: string,
  open: () => Promise<PlaceUnderTest>,
  options: { largeBytes: number; skip: string | false },
): void {
  const check = (behaviour: string, run: (store: ObjectStore, under: PlaceUnderTest) => Promise<void>) =>
    test(`${member}: ${behaviour}`, { skip: options.skip }, async () => {
      const under = await open()
      try {
        await run(objectStore(under.place), under)
      } finally {
        await under.close()
      }
    })
  const later = () => new Date(Date.now() + 7_200_000)
  const hourMs = 3_600_000
  const missing = { code: 'kernel.object-missing' }
  const damaged = { code: 'kernel.object-damaged' }
  const names = async (store: ObjectStore) => (await Array.fromAsync(store.list())).map((entry) => entry.sha256).sort()

  check('bytes and streams come back as they were put, under their SHA-256', async (store) => {
    for (const text of ['', 'a', 'hello '.repeat(1000)]) {
      const expected = { sha256: sha256(text), sizeBytes: text.length }
      assert.deepEqual(await store.put(Buffer.from(text)), expected)
      assert.deepEqual(await store.put(streamOf(text.slice(0, 3), '', text.slice(3))), expected)
      assert.equal((await store.read(expected.sha256)).toString(), text)
      assert.deepEqual(await store.stat(expected.sha256), expected)
    }
    assert.equal((await names(store)).length, 3)
  })

  check('an object larger than one write comes back whole, and any part of it', async (store) => {
    const bytes = randomBytes(options.largeBytes)
    const pieces = Array.from({ length: 9 }, (_, at) => {
      const step = Math.ceil(bytes.length / 9)
      return bytes.subarray(at * step, (at + 1) * step)
    })
    const stored = await store.put(streamOf(...pieces))
    assert.deepEqual(stored, { sha256: sha256(bytes), sizeBytes: bytes.length })
    assert.ok((await store.read(stored.sha256)).equals(bytes))
    const part = await store.get(stored.sha256, { start: bytes.length - 10 })
    assert.ok(Buffer.concat(await Array.fromAsync(part)).equals(bytes.subarray(-10)))
  })

  check('a range gives its bytes and no others', async (store) => {
    const bytes = randomBytes(2000)
    const alone = await store.put(bytes)
    const around = Buffer.concat([Buffer.alloc(50), bytes])
    const packed = await store.putMany([
      { name: 'before', content: randomBytes(100) },
      { name: 'it', content: around },
    ])
    const inPack = packed.files[1]?.sha256 ?? ''
    await fc.assert(
      fc.asyncProperty(fc.nat(2000), fc.nat(2000), async (a, b) => {
        const range = { start: Math.min(a, b), end: Math.max(a, b) }
        const got = Buffer.concat(await Array.fromAsync(await store.get(alone.sha256, range)))
        assert.ok(got.equals(bytes.subarray(range.start, range.end)))
        const inner = Buffer.concat(await Array.fromAsync(await store.get(inPack, range)))
        assert.ok(inner.equals(around.subarray(range.start, range.end)))
      }),
      { seed: 1, numRuns: 20 },
    )
    const outside = { code: 'kernel.object-range' }
    await assert.rejects(store.get(alone.sha256, { start: 2001 }), outside)
    await assert.rejects(store.get(alone.sha256, { start: -1 }), outside)
  })

  check('what is not there is refused by name, and what is no digest never becomes a path', async (store) => {
    const absent = sha256('absent')
    assert.equal(await store.has(absent), false)
    assert.equal(await store.stat(absent), null)
    assert.equal(await store.delete(absent), false)
    await assert.rejects(store.get(absent), missing)
    for (const wrong of ['', '../../x', absent.toUpperCase(), `${absent}0`]) {
      await assert.rejects(store.get(wrong), { code: 'kernel.digest-wrong' })
      await assert.rejects(store.delete(wrong), { code: 'kernel.digest-wrong' })
    }
  })

  check('a flipped bit is never handed over as whole, and putting it again heals', async (store, under) => {
    const bytes = randomBytes(300_000)
    const stored = await store.put(bytes)
    for (const at of [0, 150_000, 299_999]) {
      await under.damage(stored.sha256, at)
      let received = 0
      await assert.rejects(async () => {
        for await (const piece of await store.get(stored.sha256)) received += (piece as Buffer).length
      }, damaged)
      assert.ok(received < bytes.length)
      await assert.rejects(Array.fromAsync(await store.get(stored.sha256, { start: 10, end: 20 })), damaged)
      await store.delete(stored.sha256)
      await store.put(bytes)
      assert.ok((await store.read(stored.sha256)).equals(bytes))
    }
  })

  check('what does not have the announced digest is not kept, nor what broke off', async (store) => {
    const announced = store.put(Buffer.from('x'), sha256('y'))
    await assert.rejects(announced, { code: 'kernel.object-not-as-announced' })
    const broken = (async function* () {
      yield randomBytes(100_000)
      throw new Error('the line went dead')
    })()
    await assert.rejects(store.put(broken), /the line went dead/)
    assert.deepEqual(await names(store), [])
    assert.equal((await store.collect(streamOf() as never, hourMs, later())).leftovers, 0)
    assert.equal((await store.put(Buffer.from('y'), sha256('y'))).sizeBytes, 1)
  })

  check('many small files are one pack, and each is found by its own digest by any process', async (store, under) => {
    const contents = Array.from({ length: 300 }, (_, at) => Buffer.from(`file ${at % 290}`.repeat(at % 7)))
    const files = contents.map((content, at) => ({
      name: `f${at}`,
      content: at % 2 === 0 ? content : streamOf(content.subarray(0, 2), content.subarray(2)),
    }))
    const reader = objectStore(under.place)
    assert.equal(await reader.has(sha256('file 1')), false)
    const { files: packed, pack } = await store.putMany(files)
    assert.deepEqual(
      packed,
      contents.map((content, at) => ({ name: `f${at}`, sha256: sha256(content), sizeBytes: content.length })),
    )
    for (const [at, content] of contents.entries()) {
      const from = at % 2 === 0 ? store : reader
      assert.ok((await from.read(sha256(content))).equals(content))
    }
    assert.equal((await Array.fromAsync(under.place.list('objects'))).length, 1)
    assert.equal((await store.stat(sha256('file 1')))?.sizeBytes, 6)
    await under.damage(pack.sha256, 0)
    await assert.rejects(store.read(sha256(contents.find((content) => content.length > 0) ?? '')), damaged)
    assert.deepEqual((await store.putMany([])).files, [])
  })

  check(
    'a collection removes what nothing refers to, and nothing that is young or lies in a pack in use',
    async (store) => {
      const kept = await store.put(Buffer.from('kept'))
      const lost = await store.put(Buffer.from('lost'))
      const used = await store.putMany(['a', 'b'].map((name) => ({ name, content: Buffer.from(name) })))
      const idle = await store.putMany(['c', 'd'].map((name) => ({ name, content: Buffer.from(name) })))
      const referenced = async function* () {
        yield kept.sha256
        yield sha256('b')
      }
      const early = await store.collect(referenced(), hourMs)
      assert.deepEqual([early.removedObjects, early.tooYoung], [0, 2])
      const swept = await store.collect(referenced(), hourMs, later())
      assert.deepEqual([swept.removedObjects, swept.removedBytes, swept.tooYoung], [2, 6, 0])
      for (const gone of [lost.sha256, idle.pack.sha256, sha256('c'), sha256('d')]) {
        assert.equal(await store.has(gone), false, gone)
      }
      for (const there of [kept.sha256, used.pack.sha256, sha256('a'), sha256('b')]) {
        assert.equal(await store.has(there), true, there)
      }
      assert.equal((await store.read(sha256('a'))).toString(), 'a')
    },
  )

  check('puts of the same content at once end in one whole object', async (store) => {
    const bytes = randomBytes(200_000)
    const all = await Promise.all(Array.from({ length: 6 }, () => store.put(streamOf(bytes))))
    assert.equal(new Set(all.map((stored) => stored.sha256)).size, 1)
    assert.deepEqual(await names(store), [sha256(bytes)])
    assert.ok((await store.read(sha256(bytes))).equals(bytes))
  })
}
