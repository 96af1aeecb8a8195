import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** One process as the kernel lists it. Zombies are left out: they hold nothing and do nothing. */
export interface ProcessRow {
  readonly pid: number
  readonly ppid: number
  /** Session id; where the system doesn't tell (macOS), the process group. */
  readonly session: number
  readonly threads: number
  readonly rssBytes: number
  /** Its own and its reaped children's; null where the system doesn't tell. */
  readonly cpuSeconds: number | null
  /** Tells a process from a later one with the same pid: clock ticks since boot, or the start as `ps` prints it. */
  readonly born: string
}

export interface ProcessTable {
  list(): ProcessRow[]
  /** The real user id, which a set-uid program does not change. */
  userOf(pid: number): number | null
  /** Processes and threads by real user id as RLIMIT_NPROC counts them: with zombies. */
  tasksByUser(): Map<number, number>
  /** What PILOTBASE_ATTEMPT was when the process began; null where it had none or we may not look. */
  attemptOf(pid: number): string | null
  born(pid: number): string | null
  bootId(): string | null
}

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on; the page size is read from a process we know.
const ticksPerSecond = 100

/** Fields by number in proc_pid_stat(5); the name in parentheses may hold spaces and parentheses itself. */
export function parseStat(text: string, pageBytes: number): ProcessRow | null {
  const pid = Number.parseInt(text, 10)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  const state = fields[0]
  const born = fields[22 - 3]
  if (!Number.isInteger(pid) || state === undefined || born === undefined || state === 'Z' || state === 'X') return null
  return {
    pid,
    ppid: field(4),
    session: field(6),
    threads: field(20),
    rssBytes: field(24) * pageBytes,
    cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / ticksPerSecond,
    born,
  }
}

/** Lines of `ps -axo pid=,ppid=,pgid=,uid=,rss=,stat=,lstart=`, the columns that Linux and macOS share. */
export function parsePs(text: string): { row: ProcessRow; uid: number }[] {
  const rows: { row: ProcessRow; uid: number }[] = []
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    if (!match) continue
    const [, pid, ppid, group, uid, rssKib, state = '', born = ''] = match
    if (state.startsWith('Z')) continue
    rows.push({
      row: {
        pid: Number(pid),
        ppid: Number(ppid),
        session: Number(group),
        threads: 1,
        rssBytes: Number(rssKib) * 1024,
        cpuSeconds: null,
        born,
      },
      uid: Number(uid),
    })
  }
  return rows
}

const marker = 'PILOTBASE_ATTEMPT='

/** Linux: /proc, read synchronously, since a read there never waits for a disk and costs less than a trip to the thread pool. */
export function procTable(): ProcessTable {
  const pageBytes = pageSize()
  const rowOf = (pid: number): ProcessRow | null => {
    const text = readGone(`/proc/${pid}/stat`)
    return text === null ? null : parseStat(text, pageBytes)
  }
  const pids = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger)
  return {
    list() {
      const rows: ProcessRow[] = []
      for (const pid of pids()) {
        const row = rowOf(pid)
        // pid 2 is the parent of the kernel's own threads
        if (row && row.ppid !== 2 && row.pid !== 2) rows.push(row)
      }
      return rows
    },
    userOf(pid) {
      const uid = /^Uid:\s+(\d+)/m.exec(readGone(`/proc/${pid}/status`) ?? '')?.[1]
      return uid === undefined ? null : Number(uid)
    },
    tasksByUser() {
      const tasks = new Map<number, number>()
      for (const pid of pids()) {
        const status = readGone(`/proc/${pid}/status`) ?? ''
        const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1]
        const threads = /^Threads:\s+(\d+)/m.exec(status)?.[1] ?? '1'
        if (uid !== undefined) tasks.set(Number(uid), (tasks.get(Number(uid)) ?? 0) + Number(threads))
      }
      return tasks
    },
    attemptOf(pid) {
      const entry = (readGone(`/proc/${pid}/environ`) ?? '').split('\0').find((each) => each.startsWith(marker))
      return entry?.slice(marker.length) ?? null
    },
    born: (pid) => rowOf(pid)?.born ?? null,
    bootId: () => readGone('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
  }
}

/** macOS and whatever else has no /proc: `ps`, some ten milliseconds a call, so it is asked once a tick. */
export function psTable(): ProcessTable {
  let latest = new Map<number, { row: ProcessRow; uid: number }>()
  const ask = (args: string[]): string => {
    const answer = spawnSync('ps', args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
    if (answer.error) throw answer.error
    return answer.stdout
  }
  const columns = 'pid=,ppid=,pgid=,uid=,rss=,stat=,lstart='
  return {
    list() {
      latest = new Map(parsePs(ask(['-axo', columns])).map((each) => [each.row.pid, each]))
      return [...latest.values()].map((each) => each.row)
    },
    userOf: (pid) => latest.get(pid)?.uid ?? null,
    tasksByUser() {
      const byUser = Map.groupBy(parsePs(ask(['-axo', columns])), (each) => each.uid)
      return new Map([...byUser].map(([uid, each]) => [uid, each.length]))
    },
    attemptOf(pid) {
      // the environment follows the command line, separated by blanks; our ids hold none
      return /(?:^|\s)PILOTBASE_ATTEMPT=(\S+)/.exec(ask(['eww', '-o', 'command=', '-p', String(pid)]))?.[1] ?? null
    },
    born: (pid) => parsePs(ask(['-o', columns, '-p', String(pid)]))[0]?.row.born ?? null,
    bootId: () => null,
  }
}

/** null where the process or the file has gone meanwhile, or isn't ours to read: both are everyday here. */
function readGone(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null
    throw error
  }
}

/** KernelPageSize of our own first mapping: 4 KiB on most machines, 16 or 64 KiB on some arm64. */
function pageSize(): number {
  const kib = /^KernelPageSize:\s+(\d+) kB/m.exec(readGone('/proc/self/smaps') ?? '')?.[1]
  return kib === undefined ? 4096 : Number(kib) * 1024
}
