import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from 'node:process'
import { test } from 'node:test'
import type { Executor, LaunchSpec, Observation } from '../executor.ts'
import { ended, logHolding, scriptSpec, until, wholeLog } from '../testing.ts'
import { procTable, psTable } from './processes/process-table.ts'
import { localStand } from './testing.ts'

const table = platform === 'linux' ? procTable() : psTable()
const asRoot = process.getuid?.() === 0
const withoutRoot = asRoot ? false : 'only a user id of its own makes this exact'

const withoutPerl = ['/usr/bin/perl', '/usr/local/bin/perl'].some((path) => existsSync(path))
  ? false
  : 'a shell gives up when it cannot fork; perl does not'

/** Runs one attempt to its end and then asserts that nothing with its mark or its user id is left. */
async function run(
  script: string,
  changes: Parameters<typeof scriptSpec>[3],
  look: (end: Observation, executor: Executor, spec: LaunchSpec) => Promise<void> | void,
  options: Record<string, unknown> = {},
): Promise<void> {
  const stand = await localStand(options)
  try {
    const attemptId = `hostile-${process.pid}-${next++}`
    const spec = scriptSpec(attemptId, await stand.workFolder(), script, changes)
    const end = await ended(stand.executor, await stand.executor.launch(spec))
    await nothingLeft(attemptId)
    await look(end, stand.executor, spec)
  } finally {
    await stand.dispose()
  }
}
let next = 0

/** A killed process may take a moment to go; a living one never goes and the test's timeout tells. */
function nothingLeft(attemptId: string): Promise<void> {
  return until(() => !table.list().some((row) => table.attemptOf(row.pid) === attemptId))
}

const handleOf = (spec: LaunchSpec): Awaited<ReturnType<Executor['launch']>> =>
  spec.attemptId as Awaited<ReturnType<Executor['launch']>>

for (const [kind, deafness] of [
  ['a fork bomb', ''],
  ['a fork bomb that ignores SIGTERM', '$SIG{TERM} = "IGNORE"; '],
] as const) {
  test(`${kind} stays within its process limit and ends at its time limit`, {
    timeout: 20_000,
    skip: withoutPerl,
  }, async () => {
    // every process tries for more for ever; the limit is the kernel's own, so it can't run away
    const bomb = `exec perl -e '${deafness}fork while 1'`
    const limits = { timeLimitMs: 500, graceMs: 100, resources: { processes: 20 } }
    await run(bomb, limits, (end) => {
      assert.equal(end.state, 'exited')
      // as root forks fail until time is up; without root sampling counts, and may be first
      assert.ok(end.reason === 'time-limit' || (!asRoot && end.reason === 'process-limit'), String(end.reason))
    })
  })
}

test('more processes than allowed at once cannot be started', { timeout: 20_000, skip: withoutRoot }, async () => {
  const script = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; echo all'
  await run(script, { timeLimitMs: 10_000, resources: { processes: 5 } }, async (end, executor, spec) => {
    assert.notEqual(end.exitCode, 0)
    assert.equal(await wholeLog(executor, handleOf(spec)), '')
  })
})

test('an attempt over its memory ends with that reason', { timeout: 20_000 }, async () => {
  // doubles a variable to 64 MiB and holds it
  const script =
    'x=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do x=$x$x; done; sleep 20'
  await run(script, { resources: { memoryBytes: 24 * 2 ** 20 } }, (end) => {
    assert.deepEqual([end.state, end.reason, end.signal], ['exited', 'memory-limit', 'SIGKILL'])
    assert.ok((end.usage.peakMemoryBytes ?? 0) > 24 * 2 ** 20)
  })
})

test('one process cannot take far more memory than its limit even between two samples', {
  timeout: 20_000,
  skip: platform !== 'linux',
}, async () => {
  // 1 GiB is asked for at once; RLIMIT_DATA refuses beyond twice the limit and 256 MiB, long before the first sample
  const script = 'head -c 1073741824 /dev/zero | tail -c 1073741824 > /dev/null; echo "ended $?"'
  await run(
    script,
    { resources: { memoryBytes: 32 * 2 ** 20 } },
    async (end, executor, spec) => {
      assert.equal(end.reason, null)
      assert.match(await wholeLog(executor, handleOf(spec)), /ended [1-9]/)
    },
    { sampleEveryMs: 60_000 },
  )
})

test('an attempt that fills its disk with many files ends with that reason', { timeout: 20_000 }, async () => {
  const script = 'i=0; while :; do i=$((i+1)); head -c 200000 /dev/zero > outputs/$i || sleep 1; done'
  await run(script, { resources: { diskBytes: 4 * 2 ** 20 } }, (end) => {
    assert.deepEqual([end.state, end.reason], ['exited', 'disk-limit'])
    assert.ok((end.usage.diskBytes ?? 0) > 4 * 2 ** 20)
  })
})

test('one file cannot outgrow the disk limit even between two samples', { timeout: 20_000 }, async () => {
  // the bound is the larger of the disk and the log limit
  const options = { sampleEveryMs: 60_000, logLimitBytes: 1000 }
  await run(
    'exec head -c 50000000 /dev/zero > outputs/big',
    { resources: { diskBytes: 2 ** 20 } },
    async (end, executor, spec) => {
      assert.deepEqual([end.signal, end.reason], ['SIGXFSZ', 'disk-limit'])
      const { files } = await executor.collect(handleOf(spec))
      assert.deepEqual(files, [{ path: 'big', sizeBytes: 2 ** 20 }])
    },
    options,
  )
})

test('a daemon that leaves its session and its parent ends with the attempt', { timeout: 20_000 }, async () => {
  const daemon = '(setsid sh -c \'trap "" TERM HUP; echo up > outputs/up; sleep 30\' > /dev/null 2>&1 &) &'
  const script = `${daemon} until [ -e outputs/up ]; do sleep 0.01; done; exit 3`
  await run(script, {}, (end) => assert.deepEqual([end.state, end.exitCode], ['exited', 3]))
})

test('as another user even a daemon that sheds every trace ends with the attempt', {
  timeout: 20_000,
  skip: withoutRoot,
}, async () => {
  const daemon = "(setsid env -i sh -c 'echo $$ > outputs/pid; exec sleep 30' > /dev/null 2>&1 &) &"
  const script = `${daemon} until [ -s outputs/pid ]; do sleep 0.01; done; cat outputs/pid`
  await run(script, {}, async (end, executor, spec) => {
    assert.equal(end.exitCode, 0)
    const pid = Number(await wholeLog(executor, handleOf(spec)))
    assert.ok(pid > 1)
    await until(() => !table.list().some((row) => row.pid === pid))
  })
})

test('an attempt that closes its output and signals its own group is none the worse', { timeout: 20_000 }, async () => {
  const names = 'HUP INT QUIT TERM USR1 USR2 ALRM'
  const script = `exec > /dev/null 2>&1 < /dev/null; trap '' ${names}; for name in ${names}; do kill -s $name 0; done
    exec >&- 2>&-; echo x >> outputs/x; exit 6`
  await run(script, {}, async (end, executor, spec) => {
    assert.deepEqual([end.state, end.exitCode, end.reason], ['exited', 6, null])
    assert.deepEqual((await executor.collect(handleOf(spec))).files, [{ path: 'x', sizeBytes: 2 }])
  })
})

test('an attempt that signals its own group is still held to its time limit', { timeout: 20_000 }, async () => {
  const script = "trap '' USR1; kill -s USR1 0; trap - USR1; exec sleep 15"
  await run(script, { timeLimitMs: 300 }, (end) =>
    assert.deepEqual([end.signal, end.reason], ['SIGTERM', 'time-limit']),
  )
})

test('the command meets every signal as a program usually does', {
  timeout: 20_000,
  skip: platform !== 'linux',
}, async () => {
  // SigIgn as of proc_pid_status(5), a mask in hexadecimal
  await run('exec grep SigIgn /proc/self/status', {}, async (_end, executor, spec) => {
    assert.match(await wholeLog(executor, handleOf(spec)), /^SigIgn:\s+0+\n$/)
  })
})

test('a log beyond its limit is cut and says so, and the attempt goes on', { timeout: 60_000 }, async () => {
  const limits = { timeLimitMs: 50_000, resources: { diskBytes: 2 ** 31 } }
  const script = 'echo begin; head -c 268435456 /dev/zero; echo end >&2; exit 2'
  await run(
    script,
    limits,
    async (end, executor, spec) => {
      assert.deepEqual([end.state, end.exitCode, end.reason], ['exited', 2, null])
      const log = await wholeLog(executor, handleOf(spec))
      const marker = '\n[the log ends here, at its limit of 1000 bytes]\n'
      assert.equal(log, `begin\n${'\0'.repeat(994)}${marker}`)
      assert.equal(Buffer.from(await executor.readLog(handleOf(spec), 'stdout', 1010)).toString(), marker.slice(10))
      assert.equal(await wholeLog(executor, handleOf(spec), 'stderr'), 'end\n')
    },
    { logLimitBytes: 1000 },
  )
})

test('an attempt that kills its supervisor is ended and called lost', { timeout: 20_000 }, async () => {
  await run('kill -s KILL $PPID; echo alive; sleep 30', {}, (end) => {
    assert.deepEqual([end.state, end.exitCode, end.signal], ['lost', null, null])
  })
})

test('an attempt that kills its supervisor while no base runs still ends at its time limit', {
  timeout: 20_000,
}, async () => {
  const stand = await localStand()
  try {
    const attemptId = `hostile-${process.pid}-orphan`
    const folder = await stand.workFolder()
    const script = 'echo up; until [ -e outputs/go ]; do sleep 0.01; done; kill -s KILL $PPID; sleep 30'
    const spec = scriptSpec(attemptId, folder, script, { timeLimitMs: 600, graceMs: 50 })
    const handle = await stand.executor.launch(spec)
    await logHolding(stand.executor, handle, 'up')
    await stand.executor.close()
    await writeFile(join(folder, 'outputs', 'go'), '')
    await nothingLeft(attemptId)
    const after = await stand.reopen()
    const end = await ended(after, handle)
    assert.deepEqual([end.state, end.signal, end.reason], ['exited', 'SIGKILL', 'time-limit'])
    await after.close()
  } finally {
    await stand.dispose()
  }
})

test('an attempt that kills all it can reach ends, and reaches nobody else', {
  timeout: 20_000,
  skip: withoutRoot,
}, async () => {
  await run('kill -s KILL -- -1; sleep 30', {}, (end) => assert.ok(end.state === 'lost' || end.state === 'exited'))
})

test('one attempt cannot read the folder of another, nor the records', {
  timeout: 20_000,
  skip: withoutRoot,
}, async () => {
  const stand = await localStand()
  try {
    const [mine, other] = [await stand.workFolder(), await stand.workFolder()]
    const first = await stand.executor.launch(
      scriptSpec('first', other, 'echo secret > outputs/s; chmod 777 outputs outputs/s; echo secret'),
    )
    await ended(stand.executor, first)
    const records = join(other, '..', 'local', 'attempts', 'first')
    assert.ok(readdirSync(records).includes('attempt.json'))
    const paths = [`${other}/outputs/s`, `${records}/attempt.json`, `${records}/stdout`, `${records}/own/exit`]
    const script = `for path in ${paths.join(' ')}; do cat "$path" && echo open; done; echo x > ${records}/own/y && echo open`
    const second = await stand.executor.launch(scriptSpec('second', mine, script))
    await ended(stand.executor, second)
    assert.equal(await wholeLog(stand.executor, second), '')
    // nor does a later one under the same id, once the folder was given back
    await stand.executor.forget(first)
    const third = await stand.executor.launch(scriptSpec('third', mine, script))
    await ended(stand.executor, third)
    assert.equal(await wholeLog(stand.executor, third), '')
  } finally {
    await stand.dispose()
  }
})

test('records that an attempt forges or spoils hurt only itself', { timeout: 20_000, skip: withoutRoot }, async () => {
  const stand = await localStand()
  try {
    const folder = await stand.workFolder()
    const own = join(folder, '..', 'local', 'attempts', 'forger', 'own')
    const script = `cd ${own} && rm -f claim && ln -s /etc/shadow exit && mkfifo reason && printf '1\\n-\\n-\\nend\\n' > claim; kill -s KILL $PPID; sleep 30`
    const handle = await stand.executor.launch(scriptSpec('forger', folder, script, { timeLimitMs: 1000 }))
    const end = await ended(stand.executor, handle)
    assert.equal(end.state, 'lost')
    assert.doesNotThrow(() => process.kill(1, 0))
  } finally {
    await stand.dispose()
  }
})
