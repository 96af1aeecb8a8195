import type { Annotation } from '../../recording.ts'
import { decodeText } from '../../text.ts'
import { symbolOf } from './codes.ts'
import { problem } from '../problems.ts'

export interface AnnotationFile {
  readonly annotations: readonly Annotation[]
  /** Ticks a second in which the file counts time, where it says so; `sample` is in frames of the record already. */
  readonly resolutionHz: number | null
}

/** Codes of annot(5) that are no annotation of their own but continue or precede one. */
export const SKIP = 59
export const NUM = 60
export const SUB = 61
export const CHN = 62
export const AUX = 63
const NOTE = 22

interface Raw {
  readonly time: number
  readonly code: number
  readonly subtype: number
  readonly chan: number
  readonly num: number
  readonly aux: string
}

/**
 * Annotations in the MIT format, after annot(5): words of 16 bits, low byte first, the code in the upper 6 bits and the
 * time since the last annotation in the lower 10. `file` is its name, for refusals; `fs` the record's frames a second.
 */
export function parseAnnotations(bytes: Uint8Array, file: string, fs: number): AnnotationFile {
  const { resolutionHz, symbols, rest } = takeDefinitions(decodeWords(bytes, file))
  const scale = resolutionHz === null || resolutionHz === fs ? null : fs / resolutionHz
  const annotations = rest.map(({ time, code, subtype, chan, num, aux }) => ({
    sample: scale === null ? time : Math.round(time * scale),
    symbol: symbols.get(code) ?? symbolOf(code),
    subtype,
    chan,
    num,
    aux,
  }))
  return { annotations, resolutionHz }
}

function decodeWords(bytes: Uint8Array, file: string): Raw[] {
  const found: Raw[] = []
  let at = 0
  let time = 0
  let chan = 0
  let num = 0
  const word = (): number => {
    const low = bytes[at]
    const high = bytes[at + 1]
    if (low === undefined || high === undefined)
      throw problem('data.wfdb-annotation-cut', { file, offset: bytes.length })
    at += 2
    return low | (high << 8)
  }
  for (;;) {
    let head = word()
    while (head >>> 10 === SKIP) {
      // a 32-bit interval, its high word first
      const high = word()
      time += (high << 16) | word()
      head = word()
    }
    if (head === 0) break
    const code = head >>> 10
    time += head & 0x3ff
    let subtype = 0
    let aux = ''
    for (let next = peek(bytes, at); next >>> 10 > SKIP; next = peek(bytes, at)) {
      at += 2
      const value = next & 0xff
      const signed = (value << 24) >> 24
      if (next >>> 10 === NUM) num = signed
      else if (next >>> 10 === SUB) subtype = signed
      else if (next >>> 10 === CHN) chan = value
      else {
        const end = at + value + (value & 1)
        if (end > bytes.length) throw problem('data.wfdb-annotation-cut', { file, offset: bytes.length })
        aux = decodeText(bytes.subarray(at, at + value)).replace(/\0+$/, '')
        at = end
      }
    }
    // code 0 with an interval only moves the time on; a modifier (60-63) that follows nothing belongs to nothing
    if (code !== 0 && code < SKIP) found.push({ time, code, subtype, chan, num, aux })
  }
  const tail = bytes.subarray(at).findIndex((byte) => byte !== 0)
  if (tail >= 0) throw problem('data.wfdb-annotation-tail', { file, offset: at + tail })
  return found
}

function peek(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

/** Notes at time 0 may state the file's own clock and symbols; they are taken out. */
function takeDefinitions(raw: readonly Raw[]) {
  const symbols = new Map<number, string>()
  let resolutionHz: number | null = null
  let isInTable = false
  let first = 0
  for (; first < raw.length; first++) {
    const entry = raw[first] as Raw
    if (entry.code !== NOTE || entry.time !== 0) break
    const text = entry.aux
    const clock = /^## time resolution: (\d+(?:\.\d+)?)$/.exec(text)
    const row = /^(\d{1,2}) (\S+)(?: .*)?$/.exec(text)
    if (isInTable && text === '## end of definitions') isInTable = false
    else if (isInTable && row !== null) symbols.set(Number(row[1]), row[2] ?? '')
    else if (!isInTable && text === '## annotation type definitions') isInTable = true
    else if (!isInTable && clock !== null && Number(clock[1]) > 0) resolutionHz = Number(clock[1])
    else break
  }
  return { resolutionHz, symbols, rest: raw.slice(first) }
}
