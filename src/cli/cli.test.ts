import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { configSchema } from '../kernel/index.ts'
import { testDatabase } from '../kernel/database/server/testing.ts'
import { type OpenBase, openBase } from '../main.ts'
import { run } from './base/run.ts'

const home = mkdtempSync(join(tmpdir(), 'pilotbase-cli-'))
const at = (name: string): string => join(home, name)
let base: OpenBase
let dropDatabase: () => Promise<void>

before(async () => {
  process.env['XDG_CONFIG_HOME'] = at('config')
  process.env['XDG_CACHE_HOME'] = at('cache')
  process.env['PILOTBASE_PROJECT'] = 'ward'
  const { url, drop } = await testDatabase()
  dropDatabase = drop
  base = await openBase(
    configSchema.parse({ data: at('data'), databaseUrl: url, port: 0, demo: false, logLevel: 'silent' }),
  )
})

after(async () => {
  await base?.stop()
  await dropDatabase?.()
  rmSync(home, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One command line, as a terminal would give it. */
async function pilotbase(...args: string[]): Promise<Outcome> {
  let out = ''
  let err = ''
  const code = await run(args, { out: (text) => (out += text), err: (text) => (err += text) })
  return { code, out, err }
}

/** The answer of a command that succeeds, read from its JSON. */
async function answer<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await pilotbase('--json', ...args)
  assert.equal(code, 0, err)
  return JSON.parse(out) as T
}

test('a terminal that is not signed in is told how to, with a code of its own', async () => {
  const { code, err } = await pilotbase('data', 'list')
  assert.equal(code, 4)
  assert.match(err, /login/)
})

test('a link signs the terminal in, once', async () => {
  const link = `${base.address}/sign-in/${base.signInLink}`
  const { handle } = await answer<{ handle: string }>('login', link)
  assert.equal(handle, 'operator')
  assert.equal((await pilotbase('login', link)).code, 1)
})

test('an operator makes a project and gives roles; a role that is none is refused with the nearest', async () => {
  await answer('config', 'add-project', 'ward', '--title', 'Ward', '--organisation', 'This organisation')
  for (const role of ['developer', 'steward', 'auditor']) await answer('config', 'add-member', 'operator', role)
  const { members } = await answer<{ members: { handle: string; roles: string[] }[] }>('config', 'members')
  assert.deepEqual(members[0]?.roles.toSorted(), ['auditor', 'developer', 'owner', 'steward'])
  const { code, err } = await pilotbase('config', 'add-member', 'operator', 'developr')
  assert.deepEqual([code, /developer/.test(err)], [2, true])
})

test('a made-up folder is frozen with its splits, found unchanged, fetched elsewhere, and a change is named', async () => {
  await answer('data', 'generate', at('made'), '--records', '4', '--seconds', '4', '--rhythms', 'sinus')
  const about = [
    '--source',
    'pilotbase data generate',
    '--licence',
    'CC0-1.0',
    '--synthetic',
    '--split-from',
    'dataset.json',
  ]
  type Added = { digest: string; splits: Record<string, number>; isNew: boolean; sentBytes: number }
  const added = await answer<Added>('data', 'add', at('made'), '--name', 'made', ...about)
  assert.deepEqual(added.splits, { '': 2, test: 6, train: 6 })
  const again = await answer<Added>('data', 'add', at('made'), '--name', 'made', ...about)
  assert.deepEqual([again.digest, again.isNew, again.sentBytes], [added.digest, false, 0])

  await answer('data', 'get', 'made', at('copy'))
  assert.equal((await pilotbase('data', 'check', at('copy'), added.digest)).code, 0)
  writeFileSync(at('copy/s0001.hea'), 'other')
  const { code, out } = await pilotbase('--json', 'data', 'check', at('copy'), 'made')
  assert.deepEqual([code, (JSON.parse(out) as { changed: string[] }).changed], [1, ['s0001.hea']])
  assert.equal((await pilotbase('data', 'get', 'made', at('copy'))).code, 1)
  await answer('data', 'get', 'made', at('copy'), '--overwrite')
  assert.deepEqual(readFileSync(at('copy/s0001.hea')), readFileSync(at('made/s0001.hea')))
})

test('a job is waited for, its output fetched; one that fails gives exit code 1', async () => {
  const shell = ['--wait', '--', '/bin/sh', '-c']
  type Ended = { id: string; state: string }
  const { id } = await answer<Ended>('jobs', 'run', '--name', 'good', ...shell, 'echo said; echo made > outputs/a.txt')
  assert.equal((await pilotbase('jobs', 'log', id)).out, 'said\n')
  await answer('jobs', 'get', id, at('out'), 'a.txt')
  assert.equal(readFileSync(at('out/a.txt'), 'utf8'), 'made\n')
  const bad = await pilotbase('jobs', 'run', '--name', 'bad', ...shell, 'exit 3')
  assert.deepEqual([bad.code, /bad failed/.test(bad.err)], [1, true])
})

test('the audit log is exported and verified without the base, and a changed row is named', async () => {
  await answer('audit', 'export', at('log.jsonl'))
  await answer('evidence', 'keys', at('keys.json'))
  const verified = await answer<{ rows: number; keysFrom: string }>(
    'audit',
    'verify',
    at('log.jsonl'),
    '--keys',
    at('keys.json'),
  )
  assert.ok(verified.rows > 5 && verified.keysFrom === 'ring')
  const lines = readFileSync(at('log.jsonl'), 'utf8').split('\n')
  const row = lines.findIndex((line) => line.includes('member.add'))
  const { seq } = JSON.parse(lines[row] ?? '') as { seq: number }
  lines[row] = (lines[row] ?? '').replace('member.add', 'member.nil')
  writeFileSync(at('forged.jsonl'), lines.join('\n'))
  const { code, err } = await pilotbase('audit', 'verify', at('forged.jsonl'), '--keys', at('keys.json'))
  assert.equal(code, 1)
  assert.match(err, new RegExp(`Row ${seq} .*kernel.audit-changed-row`))
})

test('evidence is exported and verified without the base, against what is at hand', async () => {
  await answer('evidence', 'export', at('all.jsonl'))
  const verify = ['evidence', 'verify', at('all.jsonl'), '--keys', at('keys.json')]
  const { ok } = await answer<{ ok: boolean }>(...verify)
  assert.ok(ok)
  const strange = await pilotbase(...verify, '--artefact', at('keys.json'))
  assert.deepEqual([strange.code, /kernel.evidence-digest-mismatch/.test(strange.err)], [1, true])
  const [first = ''] = readFileSync(at('all.jsonl'), 'utf8').split('\n')
  const envelope = JSON.parse(first) as { payload: string }
  const payload = Buffer.from(envelope.payload, 'base64').toString().replace('CC0-1.0', 'CC0-1.1')
  writeFileSync(at('forged.json'), JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }))
  assert.equal((await pilotbase('evidence', 'verify', at('forged.json'), '--keys', at('keys.json'))).code, 1)
  const { digest } = await answer<{ digest: string }>('data', 'show', 'made')
  const lineage = await answer<{ statements: { kind: string }[] }>('evidence', 'lineage', digest)
  assert.deepEqual(
    lineage.statements.map((one) => one.kind),
    ['snapshot'],
  )
})

test('a name that is none is answered with the nearest, an unknown thing with what there is', async () => {
  const unknown = await pilotbase('dta')
  assert.deepEqual([unknown.code, /Did you mean data/.test(unknown.err)], [2, true])
  const option = await pilotbase('data', 'list', '--limt', '3')
  assert.deepEqual([option.code, /--limit/.test(option.err)], [2, true])
  const snapshot = await pilotbase('data', 'show', 'nothing')
  assert.deepEqual([snapshot.code, /data list/.test(snapshot.err)], [1, true])
})

test('doctor finds what the base needs on a machine on which it runs', async () => {
  const { findings } = await answer<{ findings: { what: string; isThere: boolean; fix: string | null }[] }>('doctor')
  for (const { isThere, fix } of findings) assert.equal(fix === null, isThere)
  assert.ok(findings.some((one) => one.what === 'PostgreSQL' && one.isThere))
})

test('a terminal that signed out holds no key any more', async () => {
  const kept = readFileSync(at('config/pilotbase/credentials.json'))
  assert.equal((await answer<{ handle: string }>('logout')).handle, 'operator')
  assert.equal((await pilotbase('data', 'list')).code, 4)
  assert.equal((await pilotbase('logout')).code, 1)
  writeFileSync(at('config/pilotbase/credentials.json'), kept)
  assert.equal((await pilotbase('data', 'list')).code, 0)
})

test('no base at an address is its own exit code', async () => {
  process.env['PILOTBASE_URL'] = 'http://127.0.0.1:9'
  process.env['PILOTBASE_KEY'] = 'pbk_none'
  try {
    assert.equal((await pilotbase('data', 'list')).code, 3)
  } finally {
    delete process.env['PILOTBASE_URL']
    delete process.env['PILOTBASE_KEY']
  }
})

test('as a program it answers in the language of its terminal and with its exit code', async () => {
  const program = fileURLToPath(new URL('main.ts', import.meta.url))
  const { code, err } = await new Promise<Outcome>((resolve) => {
    execFile(
      process.execPath,
      [program, 'data', 'shw'],
      { env: { ...process.env, LC_ALL: 'zh_CN.UTF-8' } },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    )
  })
  assert.equal(code, 2)
  assert.match(err, /没有命令 shw/)
})
