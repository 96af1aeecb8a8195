import type { Vendor } from './vendors.ts'

/** One accelerator as its vendor's tool lists it. */
export interface Accelerator {
  readonly vendor: Vendor
  /** What the vendor's runtime calls it in its selection variable. */
  readonly index: number
  readonly model: string
  /** null where the tool doesn't tell, as for memory shared with the processor. */
  readonly memoryBytes: number | null
  readonly driverVersion: string | null
}

const mebibyte = 2 ** 20

/** Lines of `nvidia-smi --query-gpu=index,name,memory.total,driver_version --format=csv,noheader,nounits` (MiB). */
export function parseNvidiaSmi(text: string): Accelerator[] {
  return text.split('\n').flatMap((line) => {
    const [index = '', model = '', memory = '', driverVersion = ''] = line.split(',').map((part) => part.trim())
    if (!/^\d+$/.test(index) || !model) return []
    return [
      {
        vendor: 'nvidia' as const,
        index: Number(index),
        model,
        memoryBytes: mebibytes(memory),
        driverVersion: driverVersion || null,
      },
    ]
  })
}

/**
 * The table of `npu-smi info`: two rows a chip, the model in the first, memory in the second, where the last pair is the
 * one that programs use (HBM on training cards, the only one on inference cards). The runtime counts chips from 0 in the
 * order of the table; the NPU column is a slot and may start anywhere. Its MB are MiB: a card of 64 GiB says 65536.
 */
export function parseNpuSmi(text: string): Accelerator[] {
  const driverVersion = /Version:\s*(\S+)/.exec(text)?.[1] ?? null
  const found: Accelerator[] = []
  let model: string | null = null
  for (const line of text.split('\n')) {
    const [first = '', second = '', third = ''] = line
      .split('|')
      .slice(1)
      .map((part) => part.trim())
    const named = /^\d+\s+(\S*[A-Za-z]\S*)$/.exec(first)
    if (named && second && !second.includes(':')) model = named[1] ?? null
    else if (model !== null && /^[0-9A-Fa-f]{4,}:[0-9A-Fa-f]{2}:/.test(second)) {
      const total = [...third.matchAll(/\d+\s*\/\s*(\d+)/g)].at(-1)?.[1] ?? ''
      found.push({ vendor: 'ascend', index: found.length, model, memoryBytes: mebibytes(total), driverVersion })
      model = null
    }
  }
  return found
}

/** The table of `cnmon`: two rows a card; the driver stands in the heading, or in older versions in each card's row. */
export function parseCnmon(text: string): Accelerator[] {
  const heading = /Driver\s+v(\d\S*)/.exec(text)?.[1] ?? null
  const found: Accelerator[] = []
  let card: { index: number; model: string; driver: string | null } | null = null
  for (const line of text.split('\n')) {
    const [first = '', second = ''] = line
      .split('|')
      .slice(1)
      .map((part) => part.trim())
    const named = /^(\d+)\s+\S+\s+(MLU\S+)\s+v\S+$/.exec(first)
    if (named) {
      const driver = heading ?? /\bv(\d\S*)$/.exec(second)?.[1] ?? null
      card = { index: Number(named[1]), model: named[2] ?? '', driver }
    } else if (card) {
      const total = /\/\s*(\d+)\s*MiB/.exec(second)?.[1] ?? ''
      const { index, model, driver } = card
      found.push({ vendor: 'cambricon', index, model, memoryBytes: mebibytes(total), driverVersion: driver })
      card = null
    }
  }
  return found
}

/** `hy-smi --showproductname --showmeminfo vram --json`, and `hy-smi --showdriverversion`, which knows no JSON. */
export function parseHySmi(json: string, driver: string): Accelerator[] {
  const driverVersion = /Driver Version:\s*(\S+)/.exec(driver)?.[1] ?? null
  const cards = JSON.parse(json) as Record<string, Record<string, string>>
  return Object.entries(cards)
    .flatMap(([name, card]) => {
      const index = /^card(\d+)$/.exec(name)?.[1]
      if (index === undefined) return []
      const model = card['Card Series'] ?? card['Card series'] ?? 'DCU'
      const memoryBytes = mebibytes(card['vram Total Memory (MiB)'] ?? '')
      return [{ vendor: 'hygon' as const, index: Number(index), model, memoryBytes, driverVersion }]
    })
    .sort((a, b) => a.index - b.index)
}

function mebibytes(text: string): number | null {
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) * mebibyte : null
}
