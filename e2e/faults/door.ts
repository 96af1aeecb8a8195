import { countFailure, type Ledger, violated } from './ledger.ts'

/** How the clients reach a base that comes and goes. */
export interface Door {
  readonly address: string
  readonly session: string
  readonly ledger: Ledger
  /** Settles when the base is up. */
  up(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly bytes: Buffer
  readonly requestId: string
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly json?: unknown
  readonly pack?: Buffer
  /** The operation's name, where the base writes it to the audit log. */
  readonly audited?: string
  /** Refusals that are right here. */
  readonly mayRefuse?: readonly number[]
}

const answerLimitMs = 30_000

/**
 * One request. Null where it was not acknowledged: no whole answer, or 5xx. An unforeseen refusal is a violation: the
 * clients ask for nothing that is not theirs to ask, so something they were told before has been forgotten.
 */
export async function ask(door: Door, path: string, wish: Ask = {}): Promise<Answer | null> {
  const { method = 'GET', json, pack, audited, mayRefuse = [] } = wish
  const type = json !== undefined ? 'application/json' : pack !== undefined ? 'application/vnd.pilotbase.pack' : null
  const body = json !== undefined ? JSON.stringify(json) : pack
  let answer: Answer
  try {
    const response = await fetch(`${door.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${door.session}`, ...(type === null ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: body as string }),
      signal: AbortSignal.timeout(answerLimitMs),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    answer = { status: response.status, bytes, requestId: response.headers.get('x-request-id') ?? '' }
  } catch (error) {
    countFailure(door.ledger, (error as Error).name === 'TimeoutError' ? 'no answer in 30 s' : 'connection broke')
    await door.up()
    return null
  }
  const { status, requestId } = answer
  if (status >= 500) {
    countFailure(door.ledger, `${status} ${codeOf(answer)}`)
    return null
  }
  if (status >= 400 && !mayRefuse.includes(status))
    violated(door.ledger, 'refused', `${method} ${path} ${status} ${answer.bytes.toString().slice(0, 300)}`)
  if (status < 300 && audited !== undefined) door.ledger.deeds.set(requestId, audited)
  return answer
}

/** Asks again until there is an answer; for what may be asked twice. */
export async function insist(door: Door, path: string, wish: Ask = {}): Promise<Answer> {
  for (;;) {
    const answer = await ask(door, path, wish)
    if (answer !== null) return answer
    await pause(100)
  }
}

export function bodyOf<T>(answer: Answer): T {
  return JSON.parse(answer.bytes.toString('utf8')) as T
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function codeOf({ bytes }: Answer): string {
  try {
    return (JSON.parse(bytes.toString('utf8')) as { code?: string }).code ?? 'without a code'
  } catch (error) {
    if (error instanceof SyntaxError) return 'without a problem'
    throw error
  }
}
