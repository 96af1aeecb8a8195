import { fileURLToPath } from 'node:url'
/** Fixtures of the ECG tests: the recipe's 15 s slices of MIT-BIH, and signals that are no ECG. */
import { readFile } from 'node:fs/promises'
import type { Lead } from './signal.ts'

export const weightsFolder = fileURLToPath(new URL('../../../weights/ecg/', import.meta.url))
const fixtures = new URL('../../../recipes/ecg/fixtures/', import.meta.url)

/** Two leads at 360 Hz, format 212, gain 200 a millivolt, zero at 1024. */
export async function fixtureLeads(record: string): Promise<Lead[]> {
  const raw = await readFile(new URL(`${record}.dat`, fixtures))
  const count = Math.floor(raw.length / 3)
  const [first, second] = [new Float32Array(count), new Float32Array(count)]
  const signed = (value: number): number => ((value > 2047 ? value - 4096 : value) - 1024) / 200
  for (let i = 0; i < count; i++) {
    const [a = 0, b = 0, c = 0] = raw.subarray(3 * i, 3 * i + 3)
    first[i] = signed(a | ((b & 0x0f) << 8))
    second[i] = signed(c | ((b & 0xf0) << 4))
  }
  return [
    { name: 'MLII', samplesMv: first },
    { name: 'V1', samplesMv: second },
  ]
}

export async function sharedCases(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL('cases.json', fixtures), 'utf8'))
}

/** xorshift32: values in -1..1, the same on every run. */
export function noise(count: number, seed: number): Float32Array {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 31 - 1
  })
}

export function lead(name: string, samplesMv: Float32Array): Lead {
  return { name, samplesMv }
}

/** Reference R positions of a fixture, samples. */
export async function fixtureBeats(record: string): Promise<number[]> {
  const raw = await readFile(new URL(`${record}.atr`, fixtures))
  const out: number[] = []
  let time = 0
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const word = raw.readUInt16LE(at)
    if (word === 0) break
    if (word >> 10 === 59) {
      time += raw.readUInt16LE(at + 2) * 65536 + raw.readUInt16LE(at + 4)
      at += 4
    } else {
      time += word & 1023
      out.push(time)
    }
  }
  return out
}
