import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../src/kernel/database/server/server.ts'

export const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A whole base as a user starts it, in a process of its own. */
export interface RunningBase {
  readonly pid: number
  readonly address: string
  /** From the start of the process to the line that says it is ready. */
  readonly readyMs: number
  readonly signInLink: string | null
  stop(): Promise<void>
}

export async function startBase(dataFolder: string): Promise<RunningBase> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [cli, 'serve', '--data', dataFolder, '--port', '0', '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(),
  })
  const { address, link, readyMs } = await readyLines(child, startedAt)
  return {
    pid: child.pid ?? 0,
    address,
    readyMs,
    signInLink: link,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Ours without settings of the base: it is measured as it comes. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PILOTBASE_')))
}

interface Ready {
  readonly address: string
  readonly link: string | null
  readonly readyMs: number
}

/** The base prints its address, and right after it the sign-in link where nobody has signed in. */
async function readyLines(child: ChildProcess, startedAt: number): Promise<Ready> {
  if (child.stdout === null) throw new Error('the base has no standard output')
  let address: string | null = null
  let readyMs = 0
  // The link comes in the same breath; a base that somebody signed in to prints none, and a moment tells.
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the base ended with ${code} before it was ready`)))
    const tell = (link: string | null): void => {
      if (address !== null) resolve({ address, link, readyMs })
    }
    lines.on('line', (line) => {
      const ready = /ready at (http\S+)/.exec(line)?.[1]
      if (ready !== undefined) {
        readyMs = performance.now() - startedAt
        address = ready
        setTimeout(() => tell(null), 200)
      }
      const link = /sign-in\/(pbl_[\w-]+)/.exec(line)?.[1]
      if (link !== undefined) tell(link)
    })
  })
}

/** A signed-in operator of the demo project at a base, over as many connections as hands ask. */
export interface Client {
  readonly key: string
  /** Sends one request; refuses any answer but 2xx. */
  send<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T>
  close(): void
}

export async function signIn(base: RunningBase): Promise<Client> {
  if (base.signInLink === null) throw new Error('somebody signed in at this base before')
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const { session } = await send<{ session: string }>(agent, base, null, 'POST', '/api/session', {
    link: base.signInLink,
  })
  const wish = { name: 'perf', scopes: ['*'], days: 1 }
  const { secret } = await send<{ secret: string }>(agent, base, session, 'POST', '/api/keys', wish)
  return {
    key: secret,
    send: (method, path, body) => send(agent, base, secret, method, path, body),
    close: () => agent.destroy(),
  }
}

function send<T>(agent: Agent, base: RunningBase, key: string | null, method: string, path: string, body?: object) {
  const content = body === undefined ? null : Buffer.from(JSON.stringify(body))
  const headers = {
    ...(content === null ? {} : { 'content-type': 'application/json', 'content-length': content.length }),
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  }
  return new Promise<T>((resolve, reject) => {
    const sending = request(`${base.address}${path}`, { agent, method, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(JSON.parse(text) as T)
        else reject(new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`))
      })
    })
    sending.on('error', reject)
    sending.end(content ?? undefined)
  })
}

/** One base for all groups that only need one: its folders, its operator, and its database as the owner sees it. */
export interface SharedBase {
  readonly base: RunningBase
  readonly client: Client
  readonly databaseUrl: string
  /** Temporary; gone when the run ends. */
  readonly folder: string
}

let shared: Promise<SharedBase> | null = null

export function sharedBase(): Promise<SharedBase> {
  shared ??= openShared()
  return shared
}

async function openShared(): Promise<SharedBase> {
  const folder = temporaryFolder()
  const base = await startBase(join(folder, 'data'))
  const client = await signIn(base)
  // Finds the base's running server and takes no part in it: only its address is wanted.
  const { url: databaseUrl } = await startServer({ dataFolder: join(folder, 'data') })
  return { base, client, databaseUrl, folder }
}

export async function closeShared(): Promise<void> {
  if (shared === null) return
  const { base, client } = await shared
  client.close()
  await base.stop()
}

const folders: string[] = []

/** Removed by `removeTemporary`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pilotbase-perf-'))
  folders.push(folder)
  return folder
}

export function removeTemporary(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
