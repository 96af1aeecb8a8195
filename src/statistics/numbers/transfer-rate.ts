export interface TransferRate {
  readonly bitsPerDecision: number
  readonly bitsPerMinute: number
}

/**
 * Information transfer rate (Wolpaw 2000): log2 N + P log2 P + (1 - P) log2((1 - P) / (N - 1)), 0 at or below chance.
 * `secondsPerDecision` is the whole time of a decision, pauses included.
 */
export function transferRate(classes: number, accuracy: number, secondsPerDecision: number): TransferRate {
  if (!(Number.isInteger(classes) && classes >= 2)) throw new RangeError('a decision has at least two classes')
  if (!(accuracy >= 0 && accuracy <= 1)) throw new RangeError('an accuracy lies in 0 to 1')
  if (!(secondsPerDecision > 0)) throw new RangeError('a decision takes time')
  const bitsPerDecision = accuracy <= 1 / classes ? 0 : bits(classes, accuracy)
  return { bitsPerDecision, bitsPerMinute: (bitsPerDecision * 60) / secondsPerDecision }
}

function bits(classes: number, accuracy: number): number {
  const missed = 1 - accuracy
  const wrong = missed === 0 ? 0 : missed * Math.log2(missed / (classes - 1))
  return Math.log2(classes) + accuracy * Math.log2(accuracy) + wrong
}
