import type { ProcessRow, ProcessTable } from './process-table.ts'

/** One attempt as the census looks for it. */
export interface Sought {
  readonly attemptId: string
  readonly uid: number | null
  /** Its supervisor where that is known to live. */
  readonly supervisorPid: number | null
}

/** A process that is just being executed shows an empty environment, so only the second look is final. Never an id. */
const lookAgain = '?'

/**
 * Which processes belong to which attempt, from one reading of the process table for all of them.
 *
 * With a user id of its own an attempt is exactly what runs as that id. Without one it is what carries its mark in the
 * environment, its supervisor's session, and all descendants of those; once seen, a process stays a member. A process that
 * sheds the mark, leaves the session and loses its parent between two readings is missed: only a user id is exact.
 */
export class Census {
  readonly #table: ProcessTable
  /** By pid and birth: the mark, null for none, or that it is to be looked for once more. */
  #marks = new Map<string, string | null>()

  constructor(table: ProcessTable) {
    this.#table = table
  }

  take(sought: readonly Sought[]): Map<string, ProcessRow[]> {
    const rows = this.#table.list()
    const members = new Map(sought.map((each) => [each.attemptId, [] as ProcessRow[]]))
    const byUser = new Map(sought.flatMap((each) => (each.uid === null ? [] : [[each.uid, each.attemptId] as const])))
    if (byUser.size > 0) {
      for (const row of rows) {
        const uid = this.#table.userOf(row.pid)
        const attemptId = uid === null ? undefined : byUser.get(uid)
        if (attemptId !== undefined) members.get(attemptId)?.push(row)
      }
    }
    const marked = sought.filter((each) => each.uid === null)
    if (marked.length > 0) {
      for (const [row, attemptId] of this.#byMark(rows, marked)) members.get(attemptId)?.push(row)
    }
    return members
  }

  #byMark(rows: readonly ProcessRow[], sought: readonly Sought[]): Map<ProcessRow, string> {
    const ids = new Set(sought.map((each) => each.attemptId))
    const sessions = new Map(
      sought.flatMap((each) => (each.supervisorPid === null ? [] : [[each.supervisorPid, each.attemptId] as const])),
    )
    const marks = new Map<string, string | null>()
    const found = new Map<ProcessRow, string>()
    const children = Map.groupBy(rows, (row) => row.ppid)
    const adopt = (row: ProcessRow, attemptId: string): void => {
      if (found.has(row)) return
      found.set(row, attemptId)
      marks.set(`${row.pid} ${row.born}`, attemptId)
      for (const child of children.get(row.pid) ?? []) adopt(child, attemptId)
    }
    for (const row of rows) {
      const key = `${row.pid} ${row.born}`
      const known = this.#marks.get(key)
      const mark = known === undefined || known === lookAgain ? this.#table.attemptOf(row.pid) : known
      if (!marks.has(key)) marks.set(key, mark ?? (known === undefined ? lookAgain : null))
      const attemptId = mark !== null && ids.has(mark) ? mark : sessions.get(row.session)
      if (attemptId !== undefined) adopt(row, attemptId)
    }
    this.#marks = marks
    return found
  }
}
