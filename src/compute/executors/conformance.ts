import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '../../kernel/index.ts'
import type { Executor, LaunchSpec } from './executor.ts'
import { ended, logHolding, reaches, scriptSpec, wholeLog } from './testing.ts'

/** A place to run attempts in, made anew for each test. */
export interface Stand {
  readonly executor: Executor
  /** Another executor on the same place, as a base opens it after a restart; the first one was closed. */
  reopen(): Promise<Executor>
  /** A new work folder with an empty `inputs/` and `outputs/`. */
  workFolder(): Promise<string>
  dispose(): Promise<void>
}

/** What every executor must do. A member's test calls this with its own stand. */
export function executorConformance(name: string, setUp: () => Promise<Stand>): void {
  const check = (title: string, run: (stand: Stand) => Promise<void>): void => {
    test(`${name}: ${title}`, { timeout: 30_000 }, async () => {
      const stand = await setUp()
      try {
        await run(stand)
      } finally {
        await stand.dispose()
      }
    })
  }

  check('an attempt reads its inputs, writes its outputs, and its exit is known', async ({ executor, workFolder }) => {
    const folder = await workFolder()
    await writeFile(join(folder, 'inputs', 'word'), 'heart', { mode: 0o644 })
    const handle = await executor.launch(
      scriptSpec('a1', folder, 'mkdir outputs/d; cat inputs/word inputs/word > outputs/d/out; exit 7'),
    )
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.exitCode, end.signal, end.reason], ['exited', 7, null, null])
    const { workFolder: collected, files, refused } = await executor.collect(handle)
    assert.deepEqual([files, refused], [[{ path: 'd/out', sizeBytes: 10 }], []])
    assert.equal(await readFile(join(collected, 'outputs', 'd', 'out'), 'utf8'), 'heartheart')
  })

  check('links and pipes among the outputs are refused, not followed', async ({ executor, workFolder }) => {
    const script = 'ln -s /etc/passwd outputs/link; ln -s / outputs/root; mkfifo outputs/pipe; echo > outputs/plain'
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), script))
    await ended(executor, handle)
    const { files, refused } = await executor.collect(handle)
    assert.deepEqual([files, refused], [[{ path: 'plain', sizeBytes: 1 }], ['link', 'pipe', 'root']])
  })

  check('arguments arrive as they are, and no shell runs the command', async ({ executor, workFolder }) => {
    const odd = ['two words', '$HOME', '; exit 3', '', "it's", '*', 'line\nbreak']
    const printing = { command: ['printf', '<%s>', ...odd] }
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), '', printing))
    assert.equal((await ended(executor, handle)).exitCode, 0)
    assert.equal(await wholeLog(executor, handle), odd.map((each) => `<${each}>`).join(''))
    const builtin = await executor.launch(scriptSpec('a2', await workFolder(), '', { command: ['exit', '3'] }))
    assert.equal((await ended(executor, builtin)).exitCode, 127)
    const absent = await executor.launch(scriptSpec('a3', await workFolder(), '', { command: ['./absent'] }))
    assert.equal((await ended(executor, absent)).exitCode, 127)
  })

  check("nothing of the base's environment reaches an attempt", async ({ executor, workFolder }) => {
    process.env['PILOTBASE_CONFORMANCE_SECRET'] = 'leaked'
    const changes = { environment: { COLOUR: 'a b\n"$c' }, command: ['/usr/bin/env', '-0'] }
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), '', changes))
    await ended(executor, handle)
    const lines = (await wholeLog(executor, handle)).split('\0')
    assert.ok(lines.includes('COLOUR=a b\n"$c'))
    assert.ok(lines.includes('PILOTBASE_ATTEMPT=a1'))
    const ours = ['PATH', 'LANG', 'HOME', 'TMPDIR', 'COLOUR', 'PILOTBASE_ATTEMPT', 'CUDA_DEVICE_ORDER']
    const shells = ['PWD', 'OLDPWD', 'SHLVL', '_']
    const names = lines.map((line) => line.split('=')[0] ?? '').filter((each) => each && !each.endsWith('_DEVICES'))
    assert.deepEqual(
      names.filter((each) => !ours.includes(each) && !shells.includes(each)),
      [],
    )
  })

  check('an attempt without devices sees none, one with devices sees its own', async ({ executor, workFolder }) => {
    const show = 'echo "${CUDA_VISIBLE_DEVICES-unset}"'
    const without = await executor.launch(scriptSpec('a1', await workFolder(), show))
    const devices = { variable: 'CUDA_VISIBLE_DEVICES', indices: [1, 3] }
    const given = await executor.launch(scriptSpec('a2', await workFolder(), show, { resources: { devices } }))
    await Promise.all([ended(executor, without), ended(executor, given)])
    assert.deepEqual([await wholeLog(executor, without), await wholeLog(executor, given)], ['\n', '1,3\n'])
  })

  check('an attempt id runs once, however often it is launched', async ({ executor, workFolder }) => {
    const spec = scriptSpec('a1', await workFolder(), 'echo once >> outputs/count')
    const handles = await Promise.all(Array.from({ length: 8 }, () => executor.launch(spec)))
    assert.equal(new Set(handles).size, 1)
    await ended(executor, handles[0]!) // eight were made above
    const again = await executor.launch(spec)
    assert.equal((await executor.observe(again)).state, 'exited')
    assert.equal(await readFile(join(spec.workFolder, 'outputs', 'count'), 'utf8'), 'once\n')
  })

  check('at its time limit an attempt is asked to end, and says good-bye', async ({ executor, workFolder }) => {
    const script = "trap 'echo bye; exit 5' TERM; while :; do sleep 0.02; done"
    const handle = await executor.launch(
      scriptSpec('a1', await workFolder(), script, { timeLimitMs: 300, graceMs: 5000 }),
    )
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.exitCode, end.reason], ['exited', 5, 'time-limit'])
    assert.equal(await wholeLog(executor, handle), 'bye\n')
  })

  check('an attempt that ignores being asked is killed after its grace', async ({ executor, workFolder }) => {
    const script = "trap '' TERM; while :; do sleep 0.02; done"
    const handle = await executor.launch(
      scriptSpec('a1', await workFolder(), script, { timeLimitMs: 300, graceMs: 200 }),
    )
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.signal, end.reason], ['exited', 'SIGKILL', 'time-limit'])
    const { wallMs } = end.usage
    assert.ok(wallMs !== null && wallMs >= 450 && wallMs < 10_000, `${wallMs} ms`)
  })

  check('a cancelled attempt ends with that reason; cancelling an ended one changes nothing', async (stand) => {
    const { executor, workFolder } = stand
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), 'echo up; sleep 20'))
    await logHolding(executor, handle, 'up')
    await executor.cancel(handle)
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.reason], ['exited', 'cancelled'])
    await executor.cancel(handle)
    assert.deepEqual(await executor.observe(handle), end)
    const done = await executor.launch(scriptSpec('a2', await workFolder(), 'true'))
    await ended(executor, done)
    await executor.cancel(done)
    assert.equal((await executor.observe(done)).reason, null)
  })

  check('cancelling straight after the launch always ends the attempt', async ({ executor, workFolder }) => {
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), 'sleep 20'))
    await executor.cancel(handle)
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.reason], ['exited', 'cancelled'])
  })

  check('a cancelled attempt that will not end is killed after its grace', async ({ executor, workFolder }) => {
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), "trap '' TERM; echo up; sleep 20 & wait"))
    await logHolding(executor, handle, 'up')
    await executor.cancel(handle)
    const end = await ended(executor, handle)
    assert.deepEqual([end.state, end.signal, end.reason], ['exited', 'SIGKILL', 'cancelled'])
  })

  check('both logs are read from any byte, also while the attempt runs', async ({ executor, workFolder }) => {
    const script = 'echo one; echo wrong >&2; until [ -e outputs/go ]; do sleep 0.02; done; echo two'
    const folder = await workFolder()
    const handle = await executor.launch(scriptSpec('a1', folder, script))
    assert.equal(await logHolding(executor, handle, 'one'), 'one\n')
    assert.equal((await executor.readLog(handle, 'stdout', 4)).length, 0)
    await writeFile(join(folder, 'outputs', 'go'), '')
    await ended(executor, handle)
    assert.equal(Buffer.from(await executor.readLog(handle, 'stdout', 4)).toString(), 'two\n')
    assert.equal(await wholeLog(executor, handle, 'stderr'), 'wrong\n')
  })

  check('a signal that ends the command is told', async ({ executor, workFolder }) => {
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), 'kill -s ABRT $$'))
    const end = await ended(executor, handle)
    assert.deepEqual([end.exitCode, end.signal, end.reason], [134, 'SIGABRT', null])
  })

  check('time and processor time of a busy attempt are told', async ({ executor, workFolder }) => {
    const busy = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), busy))
    const { cpuSeconds, wallMs } = (await ended(executor, handle)).usage
    assert.ok(cpuSeconds !== null && cpuSeconds > 0.01, `${cpuSeconds} s`)
    assert.ok(wallMs !== null && wallMs > 10, `${wallMs} ms`)
  })

  check('a base that starts again adopts what runs, and learns what ended meanwhile', async (stand) => {
    const { executor, workFolder } = stand
    const [folder, other] = [await workFolder(), await workFolder()]
    const waiting = 'echo up; until [ -e outputs/go ]; do sleep 0.02; done; echo done > outputs/done; exit 4'
    const running = await executor.launch(scriptSpec('runs-on', folder, waiting))
    const ending = await executor.launch(scriptSpec('ends', other, waiting))
    await Promise.all([logHolding(executor, running, 'up'), logHolding(executor, ending, 'up')])
    await executor.close()
    await writeFile(join(other, 'outputs', 'go'), '')
    const after = await stand.reopen()
    const found = await after.adoptable()
    assert.deepEqual(found.map((each) => each.attemptId).sort(), ['ends', 'runs-on'])
    assert.equal((await after.observe(running)).state, 'running')
    assert.equal((await ended(after, ending)).exitCode, 4)
    await writeFile(join(folder, 'outputs', 'go'), '')
    assert.equal((await ended(after, running)).exitCode, 4)
    await after.close()
  })

  check('a running attempt is neither collected nor forgotten; a forgotten one leaves nothing', async (stand) => {
    const { executor, workFolder } = stand
    const handle = await executor.launch(scriptSpec('a1', await workFolder(), 'sleep 20'))
    await reaches(executor, handle, ['running'])
    for (const early of [executor.collect(handle), executor.forget(handle)]) {
      await assert.rejects(early, (error) => error instanceof Problem && error.code === 'compute.attempt-not-ended')
    }
    await executor.cancel(handle)
    await ended(executor, handle)
    await executor.forget(handle)
    await executor.forget(handle)
    assert.deepEqual(await executor.adoptable(), [])
    assert.equal((await executor.observe(handle)).state, 'lost')
  })

  check('what cannot be started is refused before anything is made', async ({ executor, workFolder }) => {
    const good = scriptSpec('a1', await workFolder(), 'true')
    const wrong: [string, LaunchSpec][] = [
      ['compute.attempt-id', { ...good, attemptId: '../a' }],
      ['compute.attempt-id', { ...good, attemptId: 'A1' }],
      ['compute.attempt-id', { ...good, attemptId: 'a'.repeat(64) }],
      ['compute.attempt-command', { ...good, command: [] }],
      ['compute.attempt-command', { ...good, command: ['-a', 'b'] }],
      ['compute.attempt-command', { ...good, command: ['echo', 'a\0b'] }],
      ['compute.attempt-environment', { ...good, environment: { 'A-B': '1' } }],
      ['compute.attempt-limits', { ...good, timeLimitMs: Number.NaN }],
      ['compute.attempt-limits', { ...good, resources: { ...good.resources, processes: 0 } }],
      ['compute.attempt-work-folder', { ...good, workFolder: join(good.workFolder, 'absent') }],
    ]
    for (const [code, spec] of wrong) {
      await assert.rejects(executor.launch(spec), (error) => error instanceof Problem && error.code === code, code)
    }
    assert.deepEqual(await executor.adoptable(), [])
  })
}
