/**
 * Runs the tests: `npm test`, `npm test -- data` (one room), `npm test -- src/data/readers` (whatever lies there).
 * One database server serves the whole run; DATABASE_URL names an outside one instead.
 */
import { glob } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { dropTestDatabases, startTestServer } from '../src/kernel/database/server/test-server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The test files that the words name: a room, a folder or a file; all without words. */
async function chosenFiles(words: readonly string[]): Promise<string[]> {
  const all = await Array.fromAsync(glob(['src/**/*.test.ts', 'tools/**/*.test.ts'], { cwd: root }))
  const isChosen = (file: string, word: string) => {
    const place = path.relative(root, path.resolve(root, word))
    return [place, path.join('src', place)].some((one) => file === one || file.startsWith(`${one}${path.sep}`))
  }
  return all.filter((file) => words.length === 0 || words.some((word) => isChosen(file, word))).sort()
}

/** An address of a server that the tests may fill, and what to do with it after them. */
async function serverForRun(): Promise<{ url: string; end(): Promise<void> }> {
  const outside = process.env['DATABASE_URL']
  if (outside !== undefined && outside !== '') return { url: outside, end: () => dropTestDatabases(outside) }
  const server = await startTestServer()
  return { url: server.url, end: () => server.destroy() }
}

interface Totals {
  passed: number
  failed: number
}

async function runFiles(files: readonly string[]): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0 }
  const events = run({
    files: files.map((file) => path.join(root, file)),
    cwd: root,
    concurrency: availableParallelism(),
    // The runner's own limit fails a file that hangs, and then waits for its process all the same.
    execArgv: ['--import', new URL('./watchdog.ts', import.meta.url).href],
  })
  events.on('test:summary', ({ file, counts }) => {
    // Each file has a summary of its own; the one of the whole run names no file.
    if (file !== undefined) return
    totals.passed = counts.passed
    totals.failed = counts.tests - counts.passed - counts.skipped - counts.todo
  })
  const report = events.compose(new spec())
  report.pipe(process.stdout)
  await new Promise((resolve, reject) => report.once('end', resolve).once('error', reject))
  return totals
}

const words = process.argv.slice(2)
const files = await chosenFiles(words)
if (files.length === 0) {
  console.error(`pilotbase: no test file lies in ${words.join(', ')}`)
  process.exit(1)
}
const server = await serverForRun()
// The tests' own databases are made there; a base that a test starts must not find the caller's.
process.env['PILOTBASE_TEST_DATABASE'] = server.url
delete process.env['DATABASE_URL']
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => void server.end().finally(() => process.exit(1)))
}
const { passed, failed } = await runFiles(files).finally(() => server.end())
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
