import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { evaluate } from '../../src/bench/evaluate/evaluate.ts'
import { type SmallDataset, smallDataset, spikeModel } from '../../src/bench/evaluate/testing.ts'
import { cli } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { median } from './measuring/timing.ts'

const few = 20
const many = 520
const hook = fileURLToPath(new URL('./measuring/report-usage.ts', import.meta.url))

/** What scoring costs beside the model: the command on answers that are there already. */
export async function measure(): Promise<Figure[]> {
  const sets = [await small(few), await small(many)] as const
  try {
    const smallRuns: Run[] = []
    const largeRuns: Run[] = []
    // One more than counts: the first compiles the code that later starts find compiled.
    for (let round = -1; round < (isQuick ? 2 : 5); round++) {
      const [one, other] = [await run(sets[0].folder), await run(sets[1].folder)]
      if (round < 0) continue
      smallRuns.push(one)
      largeRuns.push(other)
    }
    const perSampleMs = largeRuns.map(({ cpuMs }, i) => (cpuMs - (smallRuns[i]?.cpuMs ?? 0)) / (many - few))
    const starts = [...smallRuns, ...largeRuns].map(({ firstRowMs }) => firstRowMs / 1000)
    return [
      {
        name: 'evaluation.cpu-a-sample',
        value: median(perSampleMs),
        unit: 'ms',
        target: { atMost: 1 },
        how: `pilotbase evaluate --from: CPU of the process on ${many} records less that on ${few}, a record of the difference; reading the record and its annotations, matching, every metric with its bootstrap of 2,000; median of ${perSampleMs.length}`,
        peer: { name: 'lm-eval 0.4.13, marginal', value: 5.3, isMeasuredHere: false },
      },
      {
        name: 'evaluation.start',
        value: median(starts),
        unit: 's',
        target: { atMost: 0.5 },
        how: `pilotbase evaluate --from: start of the process to its first record, wall; median of ${starts.length}, fastest ${Math.min(...starts).toFixed(2)} s`,
      },
    ]
  } finally {
    for (const set of sets) await set.remove()
  }
}

/** Records of four beats, and the file of predictions that a model without faults would leave. */
async function small(count: number): Promise<SmallDataset> {
  const records = Array.from({ length: count }, (_, i) => ({ id: `r${i}`, split: 'test', symbols: 'NNVN' }))
  const dataset = await smallDataset(records)
  const means = {
    openModel: async () => spikeModel(),
    now: () => performance.now(),
    progress: () => {},
    program: 'perf',
  }
  const wish = { model: 'spikes', folder: dataset.folder, task: 'beats', command: '' }
  writeFileSync(join(dataset.folder, 'p.jsonl'), (await evaluate(wish, means)).predictions)
  return dataset
}

interface Run {
  readonly cpuMs: number
  readonly firstRowMs: number
}

async function run(folder: string): Promise<Run> {
  const startedAt = performance.now()
  const args = ['evaluate', 'spikes', folder, '--task', 'beats', '--from', join(folder, 'p.jsonl'), '--json']
  const child: ChildProcess = spawn(process.execPath, ['--import', hook, cli, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let firstRowMs: number | null = null
  let said = ''
  let cpu = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (firstRowMs === null && /^1\//m.test(said)) firstRowMs = performance.now() - startedAt
  })
  const usage = child.stdio[3] as Readable
  usage.setEncoding('utf8').on('data', (text: string) => (cpu += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 || firstRowMs === null) throw new Error(`evaluate ended with ${code}: ${said.slice(-500)}`)
  return { cpuMs: Number(cpu), firstRowMs }
}
