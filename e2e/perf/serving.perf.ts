import { measure as measureOip } from '../../src/models/oip/oip.perf.ts'
import type { Figure, Peer } from './figure.ts'

const names = {
  'oip.cpu-over-bare-binary': { atMost: 1.2 },
  'oip.cpu-over-bare-binary-both-ways': { atMost: 1.2 },
  'oip.cpu-over-bare-json': null,
  'oip.latency-over-bare': { atMost: 0.05 },
} as const

// Whole requests, their own session.run of 0.6 to 0.9 ms included.
const peers: Readonly<Record<string, Peer>> = {
  'oip.cpu-over-bare-binary': { name: 'pytriton 0.7, whole request', value: 3, isMeasuredHere: false },
  'oip.cpu-over-bare-json': { name: 'MLServer 1.7, whole request', value: 3.65, isMeasuredHere: false },
}

/** What a request to a served model costs beyond the model. */
export async function measure(): Promise<Figure[]> {
  return (await measureOip()).map(({ name, value, unit, how }) => {
    const peer = peers[name]
    const target = names[name as keyof typeof names] ?? null
    return { name, value, unit, target, how, ...(peer === undefined ? {} : { peer }) }
  })
}
