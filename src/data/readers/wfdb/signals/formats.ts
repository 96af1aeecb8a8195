import { MISSING_16, MISSING_32, type Samples } from '../../recording.ts'

/**
 * How samples lie in a signal file, after signal(5) of the WFDB Applications Guide.
 * `decode` fills the whole of `out` from the first byte on; bytes past the end count as 0 (only a last, cut block has
 * such).
 */
export interface SampleFormat {
  /** True where samples need 32 bits. */
  readonly isWide: boolean
  /** Samples that are packed together in `blockBytes`; reading can only begin at the first of them. */
  readonly blockSamples: number
  readonly blockBytes: number
  /** The value that means "no sample": signal(5) gives each format its lowest; 8 and 0 get one that can't occur. */
  readonly missing: number
  decode(bytes: Uint8Array, out: Samples): void
}

function eachOf(blockBytes: number, missing: number, isWide: boolean, decode: SampleFormat['decode']): SampleFormat {
  return { isWide, blockSamples: 1, blockBytes, missing, decode }
}

export const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0

/** `[low byte, high byte]`, two's complement. */
function decode16(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i++, b += 2) out[i] = at(bytes, b) | ((at(bytes, b + 1) << 24) >> 16)
}

/** `[high byte, low byte]`, two's complement. */
function decode61(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i++, b += 2) out[i] = at(bytes, b + 1) | ((at(bytes, b) << 24) >> 16)
}

/** Offset binary, 8 bits: 0 stands for -128. */
function decode80(bytes: Uint8Array, out: Samples): void {
  for (let i = 0; i < out.length; i++) out[i] = at(bytes, i) - 128
}

/** Offset binary, 16 bits: 0 stands for -32768. */
function decode160(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i++, b += 2) out[i] = (at(bytes, b) | (at(bytes, b + 1) << 8)) - 32768
}

function decode24(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i++, b += 3) {
    out[i] = at(bytes, b) | (at(bytes, b + 1) << 8) | ((at(bytes, b + 2) << 24) >> 8)
  }
}

function decode32(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i++, b += 4) {
    out[i] = at(bytes, b) | (at(bytes, b + 1) << 8) | (at(bytes, b + 2) << 16) | (at(bytes, b + 3) << 24)
  }
}

/** Two 12-bit samples in 3 bytes: low bytes in the first and third, both high nibbles in the second. */
function decode212(bytes: Uint8Array, out: Samples): void {
  const pairs = out.length & ~1
  let b = 0
  for (let i = 0; i < pairs; i += 2, b += 3) {
    const middle = bytes[b + 1] as number // the caller brought every whole block
    out[i] = (bytes[b] as number) | ((middle << 28) >> 20)
    out[i + 1] = (bytes[b + 2] as number) | (((middle & 0xf0) << 24) >> 20)
  }
  if (pairs < out.length) out[pairs] = at(bytes, b) | ((at(bytes, b + 1) << 28) >> 20)
}

/**
 * Format 212 where its pairs are the two signals of the file, as in most records of it: straight into both. Eight
 * samples are taken out of three 32-bit words at a time, and stored in pairs: 1.4 times as fast as byte by byte.
 */
export function decode212Pair(bytes: Uint8Array, first: Int16Array, second: Int16Array): void {
  const areWords = isLittleEndian && bytes.byteOffset % 4 === 0
  const quads = areWords ? first.length >> 2 : 0
  const words = new Int32Array(bytes.buffer, areWords ? bytes.byteOffset : 0, quads * 3)
  const [a, b] = [first, second].map((out) => new Int32Array(out.buffer, out.byteOffset, quads * 2))
  if (a !== undefined && b !== undefined) decodeQuads(words, a, b, quads)
  for (let i = quads * 4, at = quads * 12; i < first.length; i++, at += 3) {
    const middle = bytes[at + 1] as number // the caller brought every whole block
    first[i] = (bytes[at] as number) | ((middle << 28) >> 20)
    second[i] = (bytes[at + 2] as number) | (((middle & 0xf0) << 24) >> 20)
  }
}

/** `words[3 q ..]` hold frames 4 q to 4 q + 3; `first` and `second` take two samples in each of their words. */
function decodeQuads(words: Int32Array, first: Int32Array, second: Int32Array, quads: number): void {
  for (let q = 0, w = 0, out = 0; q < quads; q++, w += 3, out += 2) {
    const a = words[w] as number // w + 2 < 3 quads
    const b = words[w + 1] as number
    const c = words[w + 2] as number
    first[out] = (((a << 20) >> 20) & 0xffff) | (((a >>> 24) | ((b << 28) >> 20)) << 16)
    second[out] =
      ((((a >>> 16) & 0xff) | (((a << 16) >> 28) << 8)) & 0xffff) |
      ((((b >>> 8) & 0xff) | (((b << 24) >> 28) << 8)) << 16)
    first[out + 1] = (((b << 4) >> 20) & 0xffff) | (((c << 12) >> 20) << 16)
    second[out + 1] = (((c & 0xff) | ((b >> 28) << 8)) & 0xffff) | (((c >>> 24) | (((c << 8) >> 28) << 8)) << 16)
  }
}

function put10(out: Samples, index: number, bits: number): void {
  if (index < out.length) out[index] = (bits << 22) >> 22
}

/** Three 10-bit samples in two 16-bit words: bits 1-10 of each word, and the upper 5 bits of both for the third. */
function decode310(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i += 3, b += 4) {
    const first = at(bytes, b) | (at(bytes, b + 1) << 8)
    const second = at(bytes, b + 2) | (at(bytes, b + 3) << 8)
    put10(out, i, first >> 1)
    put10(out, i + 1, second >> 1)
    put10(out, i + 2, (first >> 11) | ((second >> 11) << 5))
  }
}

/** Three 10-bit samples in one 32-bit word, the first lowest. */
function decode311(bytes: Uint8Array, out: Samples): void {
  for (let i = 0, b = 0; i < out.length; i += 3, b += 4) {
    const word = at(bytes, b) | (at(bytes, b + 1) << 8) | (at(bytes, b + 2) << 16) | (at(bytes, b + 3) << 24)
    put10(out, i, word)
    put10(out, i + 1, word >> 10)
    put10(out, i + 2, word >> 20)
  }
}

/** Signed first differences; `differences.ts` sums them up from the start of the file. */
function decode8(bytes: Uint8Array, out: Samples): void {
  for (let i = 0; i < out.length; i++) out[i] = (at(bytes, i) << 24) >> 24
}

/** A signal without a file (format 0): nothing was recorded. */
function decode0(_bytes: Uint8Array, out: Samples): void {
  out.fill(MISSING_16)
}

export const DIFFERENCES = 8
export const NO_SIGNAL = 0

/** FLAC (508, 516, 524) is not here: no record that we were given uses it. */
export const sampleFormats: ReadonlyMap<number, SampleFormat> = new Map([
  [NO_SIGNAL, { isWide: false, blockSamples: 1, blockBytes: 0, missing: MISSING_16, decode: decode0 }],
  [DIFFERENCES, { isWide: true, blockSamples: 1, blockBytes: 1, missing: MISSING_32, decode: decode8 }],
  [16, eachOf(2, MISSING_16, false, decode16)],
  [24, eachOf(3, -(2 ** 23), true, decode24)],
  [32, eachOf(4, MISSING_32, true, decode32)],
  [61, eachOf(2, MISSING_16, false, decode61)],
  [80, eachOf(1, -128, false, decode80)],
  [160, eachOf(2, MISSING_16, false, decode160)],
  [212, { isWide: false, blockSamples: 2, blockBytes: 3, missing: -(2 ** 11), decode: decode212 }],
  [310, { isWide: false, blockSamples: 3, blockBytes: 4, missing: -(2 ** 9), decode: decode310 }],
  [311, { isWide: false, blockSamples: 3, blockBytes: 4, missing: -(2 ** 9), decode: decode311 }],
])

/** Bytes that hold the first `samples` samples: a last block may be cut behind its last sample. */
export function bytesForSamples(id: number, format: SampleFormat, samples: number): number {
  const whole = Math.floor(samples / format.blockSamples) * format.blockBytes
  const rest = samples % format.blockSamples
  if (rest === 0) return whole
  // 1 of 2 in format 212, 1 of 3 in 310 and 311: 2 bytes; 2 of 3: both words in 310, 20 bits in 311
  return whole + (rest === 1 ? 2 : id === 311 ? 3 : 4)
}

/** Samples that are wholly inside this many bytes. */
export function samplesInBytes(id: number, format: SampleFormat, sizeBytes: number): number {
  if (format.blockBytes === 0) return 0
  let samples = Math.floor(sizeBytes / format.blockBytes) * format.blockSamples
  while (bytesForSamples(id, format, samples + 1) <= sizeBytes) samples++
  return samples
}
