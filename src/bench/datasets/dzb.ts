/**
 * Packed signals: a brotli stream of the low-byte plane and the high-byte plane of [channels, n] zigzag values of 16 bits,
 * differenced `order` times along time; in 12-lead sets III and the augmented leads are what remains of their prediction
 * from I and II.
 */
import { brotliDecompressSync } from 'node:zlib'
import { problem } from '../problems.ts'

/** 2 GiB unpacked: 2^30 samples. */
const largestBytes = 2 ** 31 - 1

/** The zigzag values, still packed: 2 bytes a sample. */
export function inflate(packed: Uint8Array, file: string): Buffer {
  try {
    return brotliDecompressSync(packed, { maxOutputLength: largestBytes })
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw problem('bench.data-file-unreadable', { file, detail }, cause)
  }
}

/** [channels][n] samples. All arithmetic is modulo 2^16. */
export function unpack(planes: Buffer, channels: number, order: number, isTwelveLead: boolean): Int16Array[] {
  const samples = planes.length / 2
  const n = samples / channels
  const leads = Array.from({ length: channels }, (_, channel) => {
    const lead = new Int16Array(n)
    for (let i = 0; i < n; i++) {
      const at = channel * n + i
      const z = (planes[at] ?? 0) | ((planes[samples + at] ?? 0) << 8)
      lead[i] = (z >>> 1) ^ -(z & 1)
    }
    for (let pass = 0; pass < order; pass++) for (let i = 1; i < n; i++) lead[i] = (lead[i] ?? 0) + (lead[i - 1] ?? 0)
    return lead
  })
  if (isTwelveLead) addPrediction(leads)
  return leads
}

function addPrediction([I, II, III, aVR, aVL, aVF]: readonly Int16Array[]): void {
  if (!I || !II || !III || !aVR || !aVL || !aVF) throw new RangeError('twelve leads are needed')
  for (let i = 0; i < I.length; i++) {
    const one = I[i] ?? 0
    const two = II[i] ?? 0
    III[i] = (III[i] ?? 0) + two - one
    aVR[i] = (aVR[i] ?? 0) - ((one + two) >> 1)
    aVL[i] = (aVL[i] ?? 0) + one - (two >> 1)
    aVF[i] = (aVF[i] ?? 0) + two - (one >> 1)
  }
}

/** WFDB format 16: leads interleaved, little-endian. */
export function format16(leads: readonly Int16Array[]): Uint8Array {
  const n = leads[0]?.length ?? 0
  const out = Buffer.alloc(2 * n * leads.length)
  for (const [channel, lead] of leads.entries()) {
    for (let i = 0; i < n; i++) out.writeInt16LE(lead[i] ?? 0, 2 * (i * leads.length + channel))
  }
  return out
}

/** WFDB format 212: two samples of 12 bits in 3 bytes, leads interleaved. */
export function format212(leads: readonly Int16Array[]): Uint8Array {
  const n = leads[0]?.length ?? 0
  const flat = new Int16Array(n * leads.length)
  for (const [channel, lead] of leads.entries())
    for (let i = 0; i < n; i++) flat[i * leads.length + channel] = lead[i] ?? 0
  const out = new Uint8Array(Math.ceil(flat.length / 2) * 3)
  for (let i = 0, at = 0; i < flat.length; i += 2, at += 3) {
    const first = (flat[i] ?? 0) & 0xfff
    const second = (flat[i + 1] ?? 0) & 0xfff
    out[at] = first & 0xff
    out[at + 1] = (first >> 8) | ((second >> 8) << 4)
    out[at + 2] = second & 0xff
  }
  return out
}
