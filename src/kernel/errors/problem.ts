/** What a person is told: what is wrong, and what to do about it. `{name}` is filled from the problem's params. */
export interface Words {
  readonly title: string
  readonly fix: string
}

export interface ProblemRow {
  /** HTTP status of RFC 9457's `status`. */
  readonly status: number
  /** True when the same request may succeed later without a change. */
  readonly retry: boolean
  readonly en: Words
  readonly zh: Words
}

export type ProblemParams = Readonly<Record<string, string | number | boolean | null>>

/** A refusal that was foreseen: a row of the catalogue with its parameters. Anything else thrown is our bug. */
export class Problem extends Error {
  readonly code: string
  readonly row: ProblemRow
  readonly params: ProblemParams

  constructor(code: string, row: ProblemRow, params: ProblemParams, cause?: unknown) {
    super(fill(`${row.en.title}. ${row.en.fix}`, params), cause === undefined ? undefined : { cause })
    this.name = 'Problem'
    this.code = code
    this.row = row
    this.params = params
  }

  words(language: 'en' | 'zh'): Words {
    const { title, fix } = this.row[language]
    return { title: fill(title, this.params), fix: fill(fix, this.params) }
  }
}

const rows = new Map<string, ProblemRow>()

/** Adds a noun's rows to the one catalogue and returns the function that makes its problems. A code is used once. */
export function catalogue<Code extends string>(added: Readonly<Record<Code, ProblemRow>>) {
  for (const [code, row] of Object.entries<ProblemRow>(added)) {
    if (!/^[a-z]+\.[a-z0-9-]+$/.test(code)) throw new Error(`problem code ${code} is not room.what-is-wrong`)
    if (rows.has(code)) throw new Error(`problem code ${code} is declared twice`)
    rows.set(code, row)
  }
  return (code: Code, params: ProblemParams = {}, cause?: unknown): Problem =>
    new Problem(code, added[code], params, cause)
}

/** Every row declared so far, by code: what docs/problems.md is generated from. */
export function allProblems(): ReadonlyMap<string, ProblemRow> {
  return rows
}

function fill(text: string, params: ProblemParams): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}
