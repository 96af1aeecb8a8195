import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { type Accelerator, parseCnmon, parseHySmi, parseNpuSmi, parseNvidiaSmi } from './accelerators.ts'
import { selectionVariables, type Vendor } from './vendors.ts'

/** What this machine has to compute with. */
export interface Inventory {
  readonly cpu: { readonly model: string; readonly count: number }
  /** What processes here may use: a container's limit where that is lower. */
  readonly memoryBytes: number
  readonly disk: { readonly folder: string; readonly totalBytes: number; readonly freeBytes: number }
  readonly devices: readonly DeviceGroup[]
  /** Tools that are there and failed: their devices are unknown, which isn't the same as none. */
  readonly faults: readonly { readonly tool: string; readonly cause: string }[]
}

/** Devices of one vendor and model, alike and interchangeable. */
export interface DeviceGroup {
  readonly vendor: Vendor
  readonly kind: 'gpu' | 'npu' | 'dcu' | 'mlu'
  readonly model: string
  readonly indices: readonly number[]
  readonly count: number
  /** Of one device. */
  readonly memoryBytes: number | null
  readonly driverVersion: string | null
  /** The environment variable that selects them by index. */
  readonly variable: string
}

const kinds = { nvidia: 'gpu', ascend: 'npu', hygon: 'dcu', cambricon: 'mlu' } as const satisfies Record<Vendor, string>

/** Runs a tool and answers what it printed; null where there is no such tool. */
export type ToolRunner = (tool: string, args: readonly string[]) => Promise<string | null>

const probes: readonly { tool: string; find: (run: ToolRunner) => Promise<Accelerator[]> }[] = [
  {
    tool: 'nvidia-smi',
    async find(run) {
      const query = ['--query-gpu=index,name,memory.total,driver_version', '--format=csv,noheader,nounits']
      return parseNvidiaSmi((await run('nvidia-smi', query)) ?? '')
    },
  },
  {
    tool: 'npu-smi',
    find: async (run) => parseNpuSmi((await run('npu-smi', ['info'])) ?? ''),
  },
  {
    tool: 'hy-smi',
    async find(run) {
      // all of its JSON at once is malformed in some versions, so only these parts are asked for
      const cards = await run('hy-smi', ['--showproductname', '--showmeminfo', 'vram', '--json'])
      return cards === null ? [] : parseHySmi(cards, (await run('hy-smi', ['--showdriverversion'])) ?? '')
    },
  },
  {
    tool: 'cnmon',
    find: async (run) => parseCnmon((await run('cnmon', [])) ?? ''),
  },
]

/** Takes stock of this machine; `folder` names the disk that attempts write to. */
export async function takeInventory(folder: string, run: ToolRunner = runTool): Promise<Inventory> {
  const faults: { tool: string; cause: string }[] = []
  const found = await Promise.all(
    probes.map(async ({ tool, find }) => {
      try {
        return await find(run)
      } catch (error) {
        faults.push({ tool, cause: error instanceof Error ? error.message : String(error) })
        return []
      }
    }),
  )
  const { bsize, blocks, bavail } = await statfs(folder)
  // 0 where there is no limit, or one beyond the memory that there is
  const limitBytes = process.constrainedMemory()
  return {
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', count: availableParallelism() },
    memoryBytes: limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem(),
    disk: { folder, totalBytes: blocks * bsize, freeBytes: bavail * bsize },
    devices: groupDevices(found.flat()),
    faults,
  }
}

/**
 * Puts together what is alike: a job asks for two of a model, not for one by name. Memory is what each of them has at least:
 * the chips of one card can differ by what the card keeps for itself.
 */
export function groupDevices(found: readonly Accelerator[]): DeviceGroup[] {
  const alike = Map.groupBy(found, (each) => [each.vendor, each.model, each.driverVersion].join('\n'))
  return [...alike.values()].flatMap((group) => {
    const first = group[0]
    if (!first) return []
    const { vendor, model, driverVersion } = first
    const indices = group.map((each) => each.index).sort((a, b) => a - b)
    const known = group.map((each) => each.memoryBytes).filter((bytes) => bytes !== null)
    const memoryBytes = known.length === group.length ? Math.min(...known) : null
    const variable = selectionVariables[vendor]
    return [
      { vendor, kind: kinds[vendor], model, indices, count: indices.length, memoryBytes, driverVersion, variable },
    ]
  })
}

/** Where vendors put their tools when they don't put them on the path. */
const toolFolders = '/usr/local/sbin:/opt/hyhal/bin:/usr/local/Ascend/driver/tools:/usr/local/neuware/bin'

const runTool: ToolRunner = (tool, args) =>
  new Promise((resolve, reject) => {
    const env = { PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:${toolFolders}`, LC_ALL: 'C' }
    // a tool waits for long when its driver hangs
    execFile(tool, args, { env, timeout: 10_000, maxBuffer: 2 ** 20 }, (error, stdout) => {
      if (!error) resolve(stdout)
      else if (error.code === 'ENOENT') resolve(null)
      else reject(error)
    })
  })
