import type { Command } from 'commander'
import { recall } from './credentials.ts'

/** Exit codes of every command: what a script may rely on. */
export const exit = { done: 0, refused: 1, call: 2, unreachable: 3, signedOut: 4, unexpected: 70 } as const

/** Ends a command with words for the person and a code for the script. */
export class Stop extends Error {
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.name = 'Stop'
    this.code = code
  }
}

export interface BaseClient {
  readonly address: string
  readonly project: string
  readonly handle: string
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T>
  /** A request whose body or answer is a stream. */
  raw(path: string, init?: RequestInit): Promise<Response>
}

export interface GlobalOptions {
  readonly as?: string
  readonly project: string
  readonly json?: boolean
}

export const language: 'zh' | 'en' = /^zh/i.test(process.env['LC_ALL'] ?? process.env['LANG'] ?? '') ? 'zh' : 'en'

/** The base that this terminal is signed in to. A path that begins with `./` is of the project. */
export function connect(command: Command): BaseClient {
  const options = command.optsWithGlobals<GlobalOptions>()
  const known = recall(options.as)
  if (known === null) {
    const who =
      options.as === undefined ? 'This terminal is not signed in' : `This terminal holds no key of ${options.as}`
    throw new Stop(`${who}. Start a base with npm start, then: ./pilotbase login LINK`, exit.signedOut)
  }
  return clientOf(known.base, known.key, options.project, known.handle)
}

export function clientOf(base: string, key: string | null, project: string, handle: string): BaseClient {
  const address = base.replace(/\/$/, '')
  const urlOf = (path: string) =>
    `${address}/api/${path.startsWith('./') ? `projects/${project}/${path.slice(2)}` : path}`
  const raw = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (key !== null) headers.set('authorization', `Bearer ${key}`)
    headers.set('accept-language', language)
    const answer = await fetch(urlOf(path), { ...init, headers }).catch((error: Error) => {
      throw new Stop(`No base answers at ${address} (${causeOf(error)}). Start one with: npm start`, exit.unreachable)
    })
    if (!answer.ok) throw await refusal(answer)
    return answer
  }
  return {
    address,
    project,
    handle,
    raw,
    get: async <T>(path: string) => (await (await raw(path)).json()) as T,
    send: async <T>(method: string, path: string, body?: object) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await raw(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      return (await answer.json()) as T
    },
  }
}

async function refusal(answer: Response): Promise<Stop> {
  const text = await answer.text()
  const code = answer.status === 401 ? exit.signedOut : answer.status >= 500 ? exit.unexpected : exit.refused
  try {
    const said = JSON.parse(text) as { title: string; detail: string; code: string }
    return new Stop(`${said.title}. ${said.detail} [${said.code}]`, code)
  } catch {
    // Not a problem document: a proxy or another server answered.
    return new Stop(`The base answered ${answer.status}: ${text.slice(0, 200)}`, code)
  }
}

function causeOf(error: Error): string {
  const cause = error.cause as { code?: string } | undefined
  return cause?.code ?? error.message
}
