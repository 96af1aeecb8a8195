import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platform } from 'node:process'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ended, until } from '../testing.ts'
import { procTable, psTable } from './processes/process-table.ts'
import { killSpec, newWorkFolder, openForTest, passableFolder } from './testing.ts'

const rounds = Number(process.env['PILOTBASE_KILL_ROUNDS'] ?? 10)
const attempts = 9
const users = { first: 49_000, count: 100 }

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for choosing moments. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test(`a base killed at any moment leaves no attempt started twice, none behind, none unknown (${rounds} rounds)`, {
  timeout: rounds * 6000,
}, async (context) => {
  const random = seeded(20_251)
  const table = platform === 'linux' ? procTable() : psTable()
  let [unlaunched, running, over] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    const root = await passableFolder()
    for (let index = 0; index < attempts; index++) await newWorkFolder(root, `work-${index}`)
    for (let kills = round % 3 === 0 ? 2 : 1; kills > 0; kills--)
      await killedBase(root, Math.floor(random() * (attempts + 1)), random() * 15)

    const executor = await openForTest(join(root, 'local'), { users })
    const found = await executor.adoptable()
    unlaunched += attempts - found.length
    for (const { handle } of found) {
      const { state } = await executor.observe(handle)
      if (state === 'exited') over++
      else running++
    }
    const handles = await Promise.all(
      Array.from({ length: attempts }, (_, index) => executor.launch(killSpec(root, index))),
    )
    const ends = await Promise.all(handles.map((handle) => ended(executor, handle)))
    assert.deepEqual(
      ends.map(({ state, exitCode }) => [state, exitCode]),
      Array.from({ length: attempts }, (_, index) => ['exited', index]),
      `round ${round}`,
    )
    for (let index = 0; index < attempts; index++) {
      assert.equal(await readFile(join(root, `work-${index}`, 'outputs', 'count'), 'utf8'), 'once\n', `round ${round}`)
    }
    // a killed process may take a moment to go; one that stays runs into the test's timeout
    await until(() => !table.list().some((row) => table.attemptOf(row.pid)?.startsWith('kill-')))
    await executor.close()
    await rm(root, { recursive: true })
  }
  context.diagnostic(`at the kill: ${unlaunched} not launched, ${running} under way, ${over} over`)
  // the moments were well spread: a test that only ever kills before or after the launches shows nothing
  if (rounds >= 10) assert.ok(unlaunched + running > 0 && over > 0)
})

/** Starts a base that launches attempts, and kills it so long after it began with the one of that index. */
async function killedBase(root: string, index: number, afterMs: number): Promise<void> {
  const launcher = join(import.meta.dirname, 'testing-launcher.ts')
  const child = spawn(process.execPath, ['--no-warnings', launcher, root, String(attempts)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'pilotbase-compile-cache') },
  })
  const exited = once(child, 'exit')
  await new Promise<void>((resolve) => {
    let dots = 0
    child.stdout.on('data', (part: Buffer) => {
      dots += part.length
      if (dots > index) resolve()
    })
  })
  // the moment is what is tested here, so this waits for time and not for an event
  await delay(afterMs)
  child.kill('SIGKILL')
  assert.deepEqual(await exited, [null, 'SIGKILL'])
}
