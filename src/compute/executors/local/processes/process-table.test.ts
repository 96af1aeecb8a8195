import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { until } from '../../testing.ts'
import { parsePs, parseStat, procTable, psTable } from './process-table.ts'

const withoutProc = existsSync('/proc/self/stat') ? false : 'there is no /proc here'

test('a stat line is read past a name with blanks and parentheses', () => {
  // fields by proc_pid_stat(5): utime 120, stime 30, cutime 40, cstime 10 ticks of 10 ms; rss 256 pages
  const line =
    '4711 (a ) (b) R 10 4711 4700 0 -1 4194304 5 6 7 8 120 30 40 10 20 0 9 0 123456 4096 256 18446744073709551615'
  assert.deepEqual(parseStat(line, 4096), {
    pid: 4711,
    ppid: 10,
    session: 4700,
    threads: 9,
    rssBytes: 256 * 4096,
    cpuSeconds: 2,
    born: '123456',
  })
})

test('a zombie is no process any more, and garbage is none either', () => {
  assert.equal(parseStat('1 (x) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0', 4096), null)
  assert.equal(parseStat('', 4096), null)
  fc.assert(fc.property(fc.string(), (text) => parseStat(text, 4096) === null || text.includes(')')))
})

// Columns and spacing as `ps -axo pid=,ppid=,pgid=,uid=,rss=,stat=,lstart=` prints them on macOS and with procps.
const psLines = `    1     0     1     0  11520 Ss   Mon Nov 17 09:02:11 2025
  412     1   412   501   2048 S    Mon Nov 17 09:05:00 2025
  413   412   412   501      0 Z    Mon Nov 17 09:05:01 2025
`

test('lines of ps become processes, zombies left out, with the birth as printed', () => {
  assert.deepEqual(
    parsePs(psLines).map(({ row, uid }) => [row.pid, row.ppid, row.session, row.rssBytes, row.born, uid]),
    [
      [1, 0, 1, 11520 * 1024, 'Mon Nov 17 09:02:11 2025', 0],
      [412, 1, 412, 2048 * 1024, 'Mon Nov 17 09:05:00 2025', 501],
    ],
  )
})

for (const [name, open, skip] of [
  ['/proc', procTable, withoutProc],
  ['ps', psTable, false],
] as const) {
  test(`through ${name}, a child is found with its parent, user and mark`, { skip }, async () => {
    const child = spawn('sleep', ['30'], { detached: true, env: { PILOTBASE_ATTEMPT: 'seen-1' }, stdio: 'ignore' })
    try {
      await once(child, 'spawn')
      const table = open()
      const row = table.list().find((each) => each.pid === child.pid)
      assert.ok(row)
      assert.deepEqual([row.ppid, row.session, row.threads], [process.pid, child.pid, 1])
      assert.equal(table.born(row.pid), row.born)
      assert.equal(table.userOf(row.pid), process.getuid?.())
      assert.ok((table.tasksByUser().get(process.getuid?.() ?? -1) ?? 0) > 1)
      // between fork and exec the environment is not there yet
      await until(() => table.attemptOf(row.pid) !== null)
      assert.equal(table.attemptOf(row.pid), 'seen-1')
      assert.equal(table.attemptOf(process.pid), null)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
}
