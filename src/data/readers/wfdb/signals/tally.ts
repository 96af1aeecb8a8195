import type { Samples } from '../../recording.ts'
import { NO_SIGNAL } from './formats.ts'
import type { Group } from './group.ts'
import type { Piece } from './piece.ts'
import { problem } from '../problems.ts'

/**
 * Sums the samples of a piece as they are read in order, and compares first values and checksums (header(5): the sum of
 * all samples, 16 bits) once the last was seen. header(5) leaves them out of account where it states no length; signals
 * with a skew are left out too, since programs differ on which samples they sum.
 */
export class Tally {
  readonly #piece: Piece
  #next = 0
  #sums: number[] = []

  constructor(piece: Piece) {
    this.#piece = piece
  }

  /** `signals` are frames `from` to `to`. */
  add(signals: readonly Samples[], from: number, to: number): void {
    const { header, groups, frames } = this.#piece
    if (header.frames === null || from === to) return
    if (from === 0) this.#sums = signals.map(() => 0)
    else if (from !== this.#next) return
    this.#next = to
    for (const group of groups) {
      for (const [place, line] of group.signals.entries()) {
        if (group.formatId === NO_SIGNAL || line.skew !== 0) continue
        const index = group.firstIndex + place
        const samples = signals[index]
        if (samples === undefined) continue
        if (from === 0) checkFirst(group, place, samples)
        this.#sums[index] = ((this.#sums[index] ?? 0) + sumOf(samples)) | 0
        if (to === frames) checkSum(group, place, this.#sums[index])
      }
    }
  }
}

function checkFirst(group: Group, place: number, samples: Samples): void {
  const line = group.signals[place]
  const first = samples[0] ?? 0
  // format 8 has no first value of its own to compare: the header's is where its sums begin
  if (line === undefined || line.initialValue === null || group.formatId === 8 || first === line.initialValue) return
  throw problem('data.wfdb-first-value', {
    file: group.path,
    offset: group.byteOffset,
    lead: line.description,
    found: first,
    expected: line.initialValue,
  })
}

function checkSum(group: Group, place: number, sum: number): void {
  const line = group.signals[place]
  if (line === undefined || line.checksum === null) return
  const found = sum & 0xffff
  if (found === (line.checksum & 0xffff)) return
  // shown signed, as headers write it
  const signed = (found << 16) >> 16
  throw problem('data.wfdb-checksum', {
    file: group.path,
    lead: line.description,
    found: signed,
    expected: line.checksum,
  })
}

/** Sum modulo 2^32; four sums at once, which is twice as fast as one. */
function sumOf(samples: Samples): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  const fours = samples.length & ~3
  for (let i = 0; i < fours; i += 4) {
    a = (a + (samples[i] as number)) | 0
    b = (b + (samples[i + 1] as number)) | 0
    c = (c + (samples[i + 2] as number)) | 0
    d = (d + (samples[i + 3] as number)) | 0
  }
  for (let i = fours; i < samples.length; i++) a = (a + (samples[i] as number)) | 0
  return (a + b + c + d) | 0
}
