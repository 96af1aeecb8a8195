import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../kernel/index.ts'
import { memory } from './files.ts'
import { type Reader, readWhole } from './reader.ts'
import type { Chunk } from './recording.ts'

/** A small, sound recording of a member's format. */
export interface Specimen {
  readonly title: string
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly name: string
}

/** What every member of the family must keep to. Called once for each member, with recordings of its format. */
export function conform(reader: Reader, specimens: readonly Specimen[]): void {
  const whole = async (files: ReadonlyMap<string, Uint8Array>, name: string) =>
    readWhole(await reader.open(memory(files), name))

  for (const { title, files, name } of specimens) {
    test(`${reader.id}: ${title} is claimed and read as its header says`, async () => {
      assert.equal(await reader.claims(memory(files), name), true)
      const recording = await whole(files, name)
      assert.ok(recording.fs > 0 && recording.sampleCount > 0 && recording.leads.length > 0)
      for (const lead of recording.leads) {
        assert.equal(lead.adc.length, recording.sampleCount * lead.samplesPerFrame, lead.name)
        assert.ok(Math.abs(lead.fs - recording.fs * lead.samplesPerFrame) < 1e-9)
        assert.ok(lead.gain !== 0 && Number.isFinite(lead.gain) && Number.isFinite(lead.baseline))
      }
    })

    test(`${reader.id}: ${title} has no value where a sample is missing, and one everywhere else`, async () => {
      for (const { adc, missing, physical } of (await whole(files, name)).leads) {
        const values = physical()
        assert.equal(values.length, adc.length)
        for (const [i, value] of values.entries()) assert.equal(Number.isNaN(value), adc[i] === missing)
      }
    })

    test(`${reader.id}: any part of ${title} holds the same samples as the whole`, async () => {
      const all = await whole(files, name)
      const open = await reader.open(memory(files), name)
      const frames = all.sampleCount
      const range = fc.tuple(fc.nat(frames), fc.nat(frames)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      await fc.assert(
        fc.asyncProperty(range, async ([from, to]) => {
          const part = await open.read({ from, to })
          for (const [index, lead] of all.leads.entries()) {
            const { samplesPerFrame } = lead
            assert.deepEqual(part.leads[index]?.adc, lead.adc.slice(from * samplesPerFrame, to * samplesPerFrame))
          }
        }),
        { seed: 1, numRuns: 40 },
      )
      await open.close()
    })

    test(`${reader.id}: the chunks of ${title} follow each other and make the whole`, async () => {
      const all = await whole(files, name)
      for (const size of [1 + Math.floor(all.sampleCount / 7), all.sampleCount + 5]) {
        const open = await reader.open(memory(files), name)
        const chunks: Chunk[] = []
        for await (const chunk of open.chunks(size)) chunks.push(chunk)
        await open.close()
        assert.deepEqual(
          chunks.map(({ from }) => from),
          chunks.map((_, index) => index * size),
        )
        for (const [index, lead] of all.leads.entries()) {
          const joined = chunks.flatMap((chunk) => [...(chunk.leads[index]?.adc ?? [])])
          assert.deepEqual(joined, [...lead.adc])
        }
      }
    })

    test(`${reader.id}: a range outside ${title}, and a read over the limit, are refused`, async () => {
      const open = await reader.open(memory(files), name, { limitSamples: 1 })
      const { sampleCount } = open.info
      for (const range of [{ from: -1 }, { to: sampleCount + 1 }, { from: 2, to: 1 }, { from: 0.5 }]) {
        await assert.rejects(open.read(range), { code: 'data.recording-range' })
      }
      await assert.rejects(open.chunks(0).next(), { code: 'data.recording-range' })
      await assert.rejects(open.read(), { code: 'data.recording-too-large' })
      await open.close()
    })

    test(`${reader.id}: ${title} cut or altered anywhere is read or refused, never a crash`, async () => {
      const names = [...files.keys()]
      const damage = fc.record({
        file: fc.constantFrom(...names),
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        kind: fc.constantFrom('cut', 'alter', 'gone'),
        byte: fc.integer({ min: 0, max: 255 }),
      })
      await fc.assert(
        fc.asyncProperty(damage, async ({ file, at, kind, byte }) => {
          const bytes = Uint8Array.from(files.get(file) ?? [])
          const place = Math.floor(at * bytes.length)
          const damaged = new Map(files)
          if (kind === 'alter') bytes[place] = byte
          damaged.set(file, kind === 'cut' ? bytes.subarray(0, place) : bytes)
          if (kind === 'gone') damaged.delete(file)
          await onlyProblems(() => whole(damaged, name))
        }),
        { seed: 2, numRuns: 300 },
      )
    })
  }

  test(`${reader.id}: bytes of any kind in place of a recording are refused with a problem`, async () => {
    const name = specimens[0]?.name ?? ''
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 200 }), async (first, second) => {
        const names = [...(specimens[0]?.files.keys() ?? [])]
        const files = new Map(names.map((file, index) => [file, index === 0 ? first : second]))
        await onlyProblems(() => whole(files, name))
      }),
      { seed: 3, numRuns: 300 },
    )
  })
}

/** Runs it; a refusal from the catalogue is fine, anything else thrown is a bug in the reader. */
export async function onlyProblems(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}
