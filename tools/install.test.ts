import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = await mkdtemp(path.join(tmpdir(), 'pilotbase-install-'))
after(() => rm(folder, { recursive: true }))

// npm, as far as the launcher sees it: it notes its arguments and installs what the lock file names, less what the test
// leaves out. Its list of what is installed is the last thing it writes.
const npm = path.join(folder, 'npm-cli.js')
await writeFile(
  npm,
  `const fs = require('node:fs')
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
if (process.env.FAULT) { console.error('npm error code ' + process.env.FAULT + '\\nnpm error the wire was cut'); process.exit(1) }
fs.rmSync('node_modules', { recursive: true, force: true })
const packages = {}
for (const [place, one] of Object.entries(JSON.parse(fs.readFileSync('package-lock.json', 'utf8')).packages)) {
  if (place === '' || place.endsWith(process.env.LEFT_OUT)) continue
  fs.mkdirSync(place, { recursive: true })
  packages[place] = one
}
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }))
`,
)

const here = { optional: true, os: [process.platform], cpu: process.arch, version: '1.0.0' }
const elsewhere = { optional: true, os: ['plan9'], cpu: ['mips'], version: '1.0.0' }

async function clone(packages: object = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/rt-here': here }) {
  const root = await mkdtemp(path.join(folder, 'clone of '))
  const lock = (all: object) => writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages: all }))
  await lock(packages)
  return {
    root,
    lock,
    calls: async () => {
      const file = path.join(root, 'npm-calls')
      return existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n') : []
    },
    /** A start: resolves to null, or to the one line that the user reads. */
    start: async ({ withDev = false, ...environment }: Record<string, string | boolean> = {}) => {
      const script = `import(process.argv[1])
        .then(({ ensureInstalled }) => ensureInstalled(process.argv[2], { withDev: ${withDev} }))
        .catch((error) => { console.log(error.constructor.name + ': ' + error.message); process.exitCode = 1 })`
      const module = new URL('../bin/install.mjs', import.meta.url).href
      const env = { ...process.env, npm_execpath: npm, LEFT_OUT: 'nothing', ...environment } as NodeJS.ProcessEnv
      try {
        await run(process.execPath, ['-e', script, module, root], { env })
        return null
      } catch (error) {
        return (error as { stdout: string }).stdout.trim()
      }
    },
  }
}

test('a fresh clone is installed once, with scripts off and everything asked for by name', async () => {
  const { start, calls, lock } = await clone()
  assert.equal(await start(), null)
  assert.equal(await start(), null)
  assert.deepEqual(await calls(), [
    'ci --ignore-scripts --no-audit --no-fund --loglevel=error --include=optional --include=dev',
  ])
  await lock({ 'node_modules/a': { version: '2.0.0' } })
  assert.equal(await start(), null)
  assert.equal((await calls()).length, 2)
})

test('an install that fails is one line with its reason, and is done again', async () => {
  const { start, calls } = await clone()
  const line = await start({ FAULT: 'ECONNRESET' })
  assert.match(line ?? '', /^Foreseen: the installation did not finish \(code ECONNRESET: the wire was cut\)\. Check /)
  assert.equal(await start(), null)
  assert.equal((await calls()).length, 2)
})

test('an optional package for this platform that npm skipped in silence is a download that did not finish', async () => {
  const { start } = await clone()
  assert.match(
    (await start({ LEFT_OUT: 'rt-here' })) ?? '',
    /^Foreseen: the download of rt-here did not finish\. Check /,
  )
  assert.equal(await start(), null)
})

test('packages of other platforms may be absent, and those of development where only a run is wanted', async () => {
  const { start, calls } = await clone({
    'node_modules/a': { version: '1.0.0' },
    'node_modules/rt-elsewhere': elsewhere,
    'node_modules/tool': { version: '1.0.0', dev: true },
  })
  assert.equal(await start({ LEFT_OUT: 'rt-elsewhere' }), null)
  const without = await clone({
    'node_modules/a': { version: '1.0.0' },
    'node_modules/tool': { version: '1.0.0', dev: true },
  })
  assert.equal(await without.start({ LEFT_OUT: 'tool' }), null)
  assert.match((await without.start({ LEFT_OUT: 'tool', withDev: true })) ?? '', /download of tool/)
  assert.equal((await calls()).length, 1)
})

test('what somebody else installed whole is used as it is; a cut-short install is not', async () => {
  const whole = await clone()
  const packages = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/rt-here': here }
  for (const place of Object.keys(packages)) await mkdir(path.join(whole.root, place), { recursive: true })
  await writeFile(path.join(whole.root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }))
  assert.equal(await whole.start(), null)
  assert.deepEqual(await whole.calls(), [])
  const cut = await clone()
  await mkdir(path.join(cut.root, 'node_modules', 'a'), { recursive: true })
  assert.equal(await cut.start(), null)
  assert.equal((await cut.calls()).length, 1)
})

test('of several starts at the same moment one installs, also when the lock of a killed one lies there', async () => {
  const { root, start, calls } = await clone()
  const gone = run(process.execPath, ['-e', ''])
  await gone
  await writeFile(path.join(root, '.pilotbase-setup.lock'), `${gone.child.pid} ${gone.child.pid}\n`)
  assert.deepEqual(await Promise.all([start(), start(), start()]), [null, null, null])
  assert.equal((await calls()).length, 1)
  assert.equal(existsSync(path.join(root, '.pilotbase-setup.lock')), false)
})
