/** A stream of random numbers that is the same on every machine for the same seed and name. */
export interface Random {
  /** 0 (included) to 1 (excluded), 32 bits. */
  uniform(): number
  /** Even between two bounds. */
  between(low: number, high: number): number
  /** Standard normal. */
  normal(): number
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, no multiplication. Each purpose takes a stream of its own
 * by name, so that asking for noise doesn't change the beats.
 */
export function randomStream(seed: number, name: string): Random {
  let a = hash(`${seed}`)
  let b = hash(name)
  let c = hash(`${name}:${seed}`)
  let counter = 1
  let spare: number | null = null

  function next(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let i = 0; i < 20; i++) next()

  const uniform = (): number => next() / 2 ** 32

  /** Marsaglia's polar method: two normals from a point in the unit circle. */
  function normal(): number {
    if (spare !== null) {
      const kept = spare
      spare = null
      return kept
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square === 0 || square >= 1) continue
      const scale = Math.sqrt((-2 * Math.log(square)) / square)
      spare = y * scale
      return x * scale
    }
  }

  return { uniform, normal, between: (low, high) => low + (high - low) * uniform() }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value | 0
}
