/** Builders for the room's tests: a base with its migrations, and weights folders as snapshots. */
import { readdir, readFile } from 'node:fs/promises'
import { computeMigrations } from '../compute/index.ts'
import { createSnapshot, dataMigrations, type Snapshot } from '../data/index.ts'
import { capability, type Kernel } from '../kernel/index.ts'
import { type TestBase, testBase } from '../kernel/testing.ts'
import { modelsMigrations } from './index.ts'
import { onnxFixture } from './oip/testing.ts'

export type Files = Readonly<Record<string, Uint8Array | string>>

export const card = {
  model: 'affine',
  version: '1.0.0',
  intended_use: { en: 'doubles and adds one', zh: '加倍再加一' },
}
export const seed = capability('seed')

export function modelsBase(): Promise<TestBase> {
  return testBase({ migrations: [dataMigrations, computeMigrations, modelsMigrations] })
}

/** The project of a test base, as rooms take it. */
export function projectOf(base: TestBase): { id: string; slug: string; isDemo: boolean } {
  return { ...base.project, isDemo: false }
}

/** Stores named contents and freezes them into a snapshot of the test's project. */
export async function snapshotOf(base: TestBase, files: Files, synthetic = false): Promise<Snapshot> {
  const { kernel } = base
  const stored = await storeFiles(kernel, files)
  return kernel.database.transaction(seed, (tx) =>
    createSnapshot(tx, kernel, projectOf(base), 'weights', {
      schema: 'pilotbase.snapshot/1',
      source: 'a test',
      licence: 'Apache-2.0',
      synthetic,
      files: stored,
    }),
  )
}

async function storeFiles(kernel: Kernel, files: Files) {
  const stored = []
  for (const [path, content] of Object.entries(files))
    stored.push({ path, ...(await kernel.objects.put(Buffer.from(content))) })
  return stored
}

/** A weights folder with one network, y = 2x + 1. */
export async function affineFiles(): Promise<Files> {
  return { 'affine.onnx': await readFile(onnxFixture('affine')), 'card.json': JSON.stringify(card) }
}

/** The shipped ECG model. */
export async function ecgFiles(): Promise<Files> {
  const folder = new URL('../../weights/ecg/', import.meta.url)
  const files: Record<string, Uint8Array> = {}
  for (const name of await readdir(folder)) files[name] = await readFile(new URL(name, folder))
  return files
}
