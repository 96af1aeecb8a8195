import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cli, environment as withoutSettings, sharedBase, temporaryFolder } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { median } from './measuring/timing.ts'

const files = 10_000
const sizeBytes = 4096

/** A folder frozen by the command line, and asked whether it is still the same. */
export async function measure(): Promise<Figure[]> {
  const { base, client, folder } = await sharedBase()
  const environment = {
    ...withoutSettings(),
    PILOTBASE_URL: base.address,
    PILOTBASE_KEY: client.key,
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  }
  const rounds = isQuick ? 1 : 2
  const folders = Array.from({ length: rounds }, (_, round) => fill(join(temporaryFolder(), 'files'), round))
  // Digests of files that changed in the last 2 s are not remembered, and code that is compiled once is compiled here.
  await run(['data', '--help'], environment)
  await pause(2500)
  const adds: number[] = []
  const checks: number[] = []
  for (const dir of folders) {
    const about = ['--name', 'ten thousand', '--source', 'made here', '--licence', 'CC0-1.0', '--synthetic']
    const added = await run(['data', 'add', dir, ...about, '--json'], environment)
    const { digest, sentBytes } = JSON.parse(added.output) as { digest: string; sentBytes: number }
    if (sentBytes < files * sizeBytes) throw new Error(`only ${sentBytes} bytes were sent`)
    adds.push(added.seconds)
    for (let i = 0; i < 3; i++) {
      const checked = await run(['data', 'check', dir, digest, '--json'], environment)
      if ((JSON.parse(checked.output) as { unchanged: boolean }).unchanged !== true) throw new Error('it changed')
      checks.push(checked.seconds)
    }
  }
  const what = `of ${files.toLocaleString('en-US')} files of 4 KB, whole process`
  return [
    {
      name: 'snapshot.add',
      value: median(adds),
      unit: 's',
      target: { atMost: 2 },
      how: `pilotbase data add ${what}: read, hashed, sent to the base, stored with fsync and frozen; median of ${adds.length}`,
      peer: { name: 'DVC 3.67 add', value: 11.6, isMeasuredHere: false },
    },
    {
      name: 'snapshot.check',
      value: median(checks),
      unit: 's',
      target: { atMost: 0.3 },
      how: `pilotbase data check ${what}, nothing changed; median of ${checks.length}, fastest ${Math.min(...checks).toFixed(2)} s`,
      peer: { name: 'DVC 3.67 status', value: 3.8, isMeasuredHere: false },
    },
  ]
}

/** Contents that differ from file to file and from round to round, so that nothing is known to the base. */
function fill(folder: string, round: number): string {
  const content = Buffer.alloc(sizeBytes)
  for (let i = 0; i < files; i++) {
    const sub = join(folder, `part-${Math.floor(i / 1000)}`)
    if (i % 1000 === 0) mkdirSync(sub, { recursive: true })
    for (let at = 0; at < sizeBytes; at += 4) content.writeUInt32LE((i * 2654435761 + at * 40503 + round) >>> 0, at)
    writeFileSync(join(sub, `${i}.bin`), content)
  }
  return folder
}

async function run(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [cli, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`pilotbase ${args.join(' ')} ended with ${code}: ${said.slice(-500)}`)
  return { seconds: (performance.now() - startedAt) / 1000, output }
}
