/** NFKC, lower case, then runs of a-z, numbers with their decimals, and every other non-space character alone. */
export function tokensZh(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[a-z]+|[0-9]+(?:\.[0-9]+)?|\S/gu) ?? []
  )
}

/** rouge-score's tokens without its stemmer: lower case, runs of a-z and 0-9. */
export function tokensEn(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? []
}

/** All n-grams of a list with how often each occurs. */
export function ngramCounts(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let start = 0; start + n <= tokens.length; start++) {
    // No token holds white space, so it parts them without doubt.
    const key = tokens.slice(start, start + n).join(' ')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Members of both multisets. */
export function sharedMultiset(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let count = 0
  for (const [member, times] of one) count += Math.min(times, other.get(member) ?? 0)
  return count
}
