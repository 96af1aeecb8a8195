import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../errors/problem.ts'
import { loadConfig } from './load.ts'

function withYaml<T>(text: string, work: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pilotbase-config-'))
  try {
    writeFileSync(join(folder, 'pilotbase.yaml'), text)
    return work(join(folder, 'pilotbase.yaml'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const refusedWith = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

test('a flag beats the environment, which beats the file, which beats the default', () => {
  withYaml('port: 1\nhost: file\ndata: file\n', (path) => {
    const { config, origins } = loadConfig({
      flags: { port: '3' },
      environment: { PILOTBASE_PORT: '2', PILOTBASE_HOST: 'environment' },
      file: { path, isNamed: true },
    })
    assert.deepEqual([config.port, config.host, config.data, config.jobSlots], [3, 'environment', 'file', 4])
    assert.equal(origins.find((one) => one.key === 'host')?.from, 'PILOTBASE_HOST')
  })
})

test('an unknown setting is refused with the nearest name', () => {
  withYaml('prot: 9000\n', (path) => {
    const load = () => loadConfig({ flags: {}, environment: {}, file: { path, isNamed: true } })
    assert.throws(load, (error) => refusedWith('kernel.config-unknown')(error) && /mean port/.test(String(error)))
  })
})

test('a value that cannot be names where it came from', () => {
  const load = () =>
    loadConfig({ flags: {}, environment: { PILOTBASE_PORT: 'high' }, file: { path: 'absent', isNamed: false } })
  assert.throws(load, (error) => refusedWith('kernel.config-invalid')(error) && /PILOTBASE_PORT/.test(String(error)))
})

test('a broken or missing named file is refused, and a secret is never shown', () => {
  const absent = () => loadConfig({ flags: {}, environment: {}, file: { path: 'absent.yaml', isNamed: true } })
  assert.throws(absent, refusedWith('kernel.config-unreadable'))
  const { origins } = loadConfig({
    flags: {},
    environment: { DATABASE_URL: 'postgres://u:secret@h/d' },
    file: { path: 'absent', isNamed: false },
  })
  assert.ok(!JSON.stringify(origins).includes('secret@'))
})
