/** A stream of 32-bit words that is the same on every machine. */
export interface Random {
  /** Next word, 0 .. 2^32 - 1. */
  readonly next: () => number
  /** floor(word * n / 2^32): 0 .. n - 1. */
  readonly below: (n: number) => number
  /** The four state words now, for tests and for resuming. */
  readonly state: () => readonly [number, number, number, number]
}

/** xoshiro128** 1.1 (Blackman & Vigna 2021), its state filled by four outputs of splitmix32. */
export function random(seed: number): Random {
  const fill = splitmix32(seed)
  let a = fill()
  let b = fill()
  let c = fill()
  let d = fill()
  const next = (): number => {
    const spread = Math.imul(b, 5)
    const word = Math.imul((spread << 7) | (spread >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return word
  }
  return { next, below: (n) => scale(next(), n), state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0] }
}

function splitmix32(seed: number): () => number {
  let counter = seed | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let word = counter ^ (counter >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  }
}

/** floor(word * n / 2^32) exactly: above 2^21 the product no longer fits a double, so it is taken in halves. */
function scale(word: number, n: number): number {
  if (n <= 2 ** 21) return Math.floor((word * n) / 2 ** 32)
  const low = Math.floor(((word & 0xffff) * n) / 65536)
  return Math.floor(((word >>> 16) * n + low) / 65536)
}
