import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** Recovery and migrations on a slow machine; a base that needs longer does not come back. */
const startLimitMs = 120_000
const stopLimitMs = 60_000

/** A base as its operator sees it: a process, a folder, an address. */
export interface BaseProcess {
  readonly address: string
  readonly logFile: string
  /** The one-time sign-in code that it last printed. */
  link(): string | null
  /** Starts it; answers once it is ready, false where it was killed before. */
  start(): Promise<boolean>
  kill(): Promise<void>
  /** Whether it has ended, by itself or killed. */
  hasEnded(): boolean
  /** Ends its PostgreSQL without a word; false where none runs. */
  killDatabase(): boolean
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>
  /** Processes of this base, its database or its jobs that are there now. */
  processes(): string[]
  /** Attempts of which something still lies on the disk. */
  attemptsOnDisk(): string[]
  remove(): Promise<void>
}

export async function baseIn(folder: string): Promise<BaseProcess> {
  const port = await freePort()
  const data = join(folder, 'data')
  const logFile = join(folder, 'base.log')
  const log = createWriteStream(logFile, { flags: 'a' })
  let child: ChildProcess | null = null
  let link: string | null = null

  /** Root's cluster and attempts lie outside the data folder, under an id that the data folder keeps. */
  const places = () => {
    if (process.getuid?.() !== 0)
      return { home: join(data, 'postgres'), attempts: join(data, 'attempts'), marks: [data] }
    const idFile = join(data, 'cluster-id')
    const id = existsSync(idFile) ? readFileSync(idFile, 'utf8').trim() : 'none-yet'
    return {
      home: join('/var/lib/pilotbase', id),
      attempts: join('/var/lib/pilotbase/attempts', id),
      marks: [data, `/var/lib/pilotbase/${id}`, `/var/lib/pilotbase/attempts/${id}`],
    }
  }

  async function start(): Promise<boolean> {
    const args = ['serve', '--data', data, '--port', String(port), '--demo', 'false', '--log-level', 'warn']
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    log.write(`-- started ${started.pid} ${new Date().toISOString()}\n`)
    started.stderr.pipe(log, { end: false })
    const ready = new Promise<boolean>((resolve) => {
      createInterface({ input: started.stdout }).on('line', (line) => {
        log.write(`${line}\n`)
        link = /\/sign-in\/(pbl_\S+)/.exec(line)?.[1] ?? link
        if (line.includes(' is ready at ')) resolve(true)
      })
      started.once('exit', () => resolve(false))
    })
    const limit = setTimeout(() => started.kill('SIGKILL'), startLimitMs)
    const isReady = await ready
    clearTimeout(limit)
    return isReady
  }

  return {
    address: `http://127.0.0.1:${port}`,
    logFile,
    link: () => link,
    start,
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    hasEnded: () => child === null || child.exitCode !== null || child.signalCode !== null,
    killDatabase() {
      const note = join(places().home, 'cluster', 'postmaster.pid')
      const pid = existsSync(note) ? Number.parseInt(readFileSync(note, 'utf8'), 10) : Number.NaN
      if (!Number.isInteger(pid) || pid <= 1) return false
      try {
        process.kill(pid, 'SIGKILL')
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
        throw error
      }
    },
    async stop() {
      if (child === null) return null
      const { pid } = child
      const gone = once(child, 'exit') as Promise<[number | null]>
      child.kill('SIGTERM')
      const limit = setTimeout(() => child?.kill('SIGKILL'), stopLimitMs)
      const [code] = await gone
      clearTimeout(limit)
      log.write(`-- stopped ${pid} with ${code}\n`)
      return code
    },
    processes: () => processesOf(places().marks),
    attemptsOnDisk: () =>
      ['records/attempts', 'work'].flatMap((name) => {
        const place = join(places().attempts, name)
        if (!existsSync(place)) return []
        return readdirSync(place).flatMap((one) => (one === 'machine' ? [] : [`${name}/${one}`]))
      }),
    async remove() {
      const { home, attempts } = places()
      await rm(home, { recursive: true, force: true })
      await rm(attempts, { recursive: true, force: true })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Processes whose command line, environment or folder names one of these; a backend of PostgreSQL is known by its folder alone. */
function processesOf(marks: readonly string[]): string[] {
  if (!existsSync('/proc/self')) return []
  const found: string[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const command = textOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    const environment = textOf(() => readFileSync(`/proc/${pid}/environ`, 'utf8'))
    const folder = textOf(() => readlinkSync(`/proc/${pid}/cwd`))
    if (marks.some((mark) => `${command}\0${environment}\0${folder}`.includes(mark)))
      found.push(`${pid} ${command.replaceAll('\0', ' ').trim()}`)
  }
  return found
}

/** A process may go between being listed and being read, and another's is not ours to read. */
function textOf(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
