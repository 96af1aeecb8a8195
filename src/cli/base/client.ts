import type { Command } from 'commander'
import { recall } from './credentials.ts'
import { language, words } from './language.ts'

export { language } from './language.ts'

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
  /** Like `get`; null where there is no such thing. */
  find<T>(path: string): Promise<T | null>
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T>
  /** A request whose body or answer is a stream. */
  raw(path: string, init?: RequestInit): Promise<Response>
}

export interface GlobalOptions {
  readonly as?: string
  readonly project: string
  readonly json?: boolean
}

/** The base that this terminal is signed in to. A path that begins with `./` is of the project. */
export function connect(command: Command): BaseClient {
  const options = command.optsWithGlobals<GlobalOptions>()
  const known = recall(options.as)
  if (known === null) {
    const who =
      options.as === undefined
        ? words('This terminal is not signed in', '本终端尚未登录')
        : words(`This terminal holds no key of ${options.as}`, `本终端没有 ${options.as} 的密钥`)
    const fix = words(
      'Start a base with npm start, then: ./pilotbase login LINK',
      '请用 npm start 启动系统，再执行 ./pilotbase login 链接',
    )
    throw new Stop(`${who}. ${fix}`, exit.signedOut)
  }
  return clientOf(known.base, known.key, options.project, known.handle)
}

export function clientOf(base: string, key: string | null, project: string, handle: string): BaseClient {
  const address = base.replace(/\/$/, '')
  const urlOf = (path: string) =>
    `${address}/api/${path.startsWith('./') ? `projects/${encodeURIComponent(project)}/${path.slice(2)}` : path}`
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (key !== null) headers.set('authorization', `Bearer ${key}`)
    headers.set('accept-language', language)
    return fetch(urlOf(path), { ...init, headers }).catch((error: Error) => {
      throw unreachable(address, error)
    })
  }
  const raw = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await ask(path, init)
    if (!answer.ok) throw await refusal(answer)
    return answer
  }
  return {
    address,
    project,
    handle,
    raw,
    get: async <T>(path: string) => (await (await raw(path)).json()) as T,
    find: async <T>(path: string) => {
      const answer = await ask(path)
      if (answer.status === 404) return null
      if (!answer.ok) throw await refusal(answer)
      return (await answer.json()) as T
    },
    send: async <T>(method: string, path: string, body?: object) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await raw(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      return (await answer.json()) as T
    },
  }
}

/** Every item of a list that is given page by page, up to `limit`. */
export async function* pages<T>(
  base: BaseClient,
  path: string,
  key: string,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<T> {
  let given = 0
  for (let after: string | null = ''; after !== null; ) {
    const joint = path.includes('?') ? '&' : '?'
    const page: Record<string, unknown> = await base.get(after === '' ? path : `${path}${joint}after=${after}`)
    for (const item of page[key] as T[]) {
      if (given++ >= limit) return
      yield item
    }
    after = (page['next'] as string | null | undefined) ?? null
  }
}

/** What follows a `?`, without what is undefined. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

async function refusal(answer: Response): Promise<Stop> {
  const text = await answer.text()
  const code = answer.status === 401 ? exit.signedOut : answer.status >= 500 ? exit.unexpected : exit.refused
  try {
    const said = JSON.parse(text) as { title: string; detail: string; code: string }
    return new Stop(`${said.title}. ${said.detail} [${said.code}]`, code)
  } catch {
    // Not a problem document: a proxy or another server answered.
    return new Stop(
      words(`The base answered ${answer.status}: `, `系统返回 ${answer.status}：`) + text.slice(0, 200),
      code,
    )
  }
}

function unreachable(address: string, error: Error): Stop {
  const { code } = (error.cause ?? {}) as { code?: string }
  const cause = code ?? error.message
  return new Stop(
    words(
      `No base answers at ${address} (${cause}). Start one with: npm start`,
      `${address} 没有响应（${cause}）。请用 npm start 启动`,
    ),
    exit.unreachable,
  )
}
