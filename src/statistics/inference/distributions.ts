/** Complementary error function to about 1e-15 relative: Kummer's series below 2.5, Lentz's continued fraction above. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 2.5) {
    // erf(x) = 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!! : every term positive, no cancellation (A&S 7.1.6).
    let term = x
    let sum = x
    for (let n = 1; n < 200 && term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  // erfc(x) = e^(-x^2)/sqrt(pi) * 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) (A&S 7.1.14), evaluated from the tail.
  let fraction = x
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction
}

/** Standard normal distribution function. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2)
}

/** Inverse of `normalCdf` for 0 < p < 1: bisection on the bracket, then Newton to the last digits. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a normal quantile needs 0 < p < 1, got ${p}`)
  if (p > 0.5) return -normalQuantile(1 - p)
  let low = -39
  let high = 0
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  let z = (low + high) / 2
  for (let step = 0; step < 6; step++) {
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
    const move = (normalCdf(z) - p) / density
    z -= move
    if (Math.abs(move) < 1e-16 * Math.max(1, Math.abs(z))) break
  }
  return z
}

/** Upper tail of chi-square with one degree of freedom. */
export function chiSquare1Tail(x: number): number {
  return erfc(Math.sqrt(x / 2))
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

/** ln Gamma(x) for x > 0.5 (Lanczos 1964, g = 7, nine terms). */
export function logGamma(x: number): number {
  const at = x - 1
  let sum: number = lanczos[0]
  for (let term = 1; term < lanczos.length; term++) sum += (lanczos[term] ?? 0) / (at + term)
  const base = at + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum)
}

/** Regularised incomplete beta I_x(a, b) for a, b >= 1 (continued fraction, DLMF 8.17.22, modified Lentz). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  const tiny = 1e-300
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < tiny ? tiny : d)
  let fraction = d
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let step = 1
    for (const weight of [even, odd]) {
      d = 1 + weight * d
      d = 1 / (Math.abs(d) < tiny ? tiny : d)
      c = 1 + weight / c
      if (Math.abs(c) < tiny) c = tiny
      step = d * c
      fraction *= step
    }
    if (Math.abs(step - 1) < 1e-16) break
  }
  return front * fraction
}

/** x with I_x(a, b) = p, by bisection to the last bit. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (betaCdf(middle, a, b) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
