import { countMetric, type Metric } from '../metric.ts'
import type { GeneratedText } from './rouge.ts'
import { ngramCounts, sharedMultiset, tokensEn, tokensZh } from './tokens.ts'

const order = 4

/**
 * Corpus BLEU, 0 .. 1: clipped 4-gram precisions pooled over items, brevity penalty, smoothing `exp` (an order without a hit
 * counts as 1 / 2^k of one), references' closest length (Papineni 2002; Post 2018). A corpus without a 4-gram, or without
 * any hit, scores 0. Cells: hits and totals of each order, answer length, reference length, items.
 */
export function bleu4(language: 'zh' | 'en'): Metric<GeneratedText> {
  const tokens = language === 'zh' ? tokensZh : tokensEn
  return countMetric('bleu4', 'higher', () => ({
    size: 2 * order + 3,
    contribute: ({ references, answer }, add) => {
      const said = tokens(answer ?? '')
      const wanted = references.map(tokens)
      for (let n = 1; n <= order; n++) {
        const most = new Map<string, number>()
        for (const reference of wanted) {
          for (const [gram, times] of ngramCounts(reference, n)) most.set(gram, Math.max(times, most.get(gram) ?? 0))
        }
        add(2 * (n - 1), sharedMultiset(ngramCounts(said, n), most))
        add(2 * (n - 1) + 1, Math.max(0, said.length - n + 1))
      }
      add(2 * order, said.length)
      add(2 * order + 1, closestLength(said.length, wanted))
      add(2 * order + 2, 1)
    },
    value: (cells) => (cells[2 * order + 2] === 0 ? { value: null, reason: 'no items' } : { value: score(cells) }),
  }))
}

/** Length of the reference nearest to the answer's; of equally near the shorter. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length)
  const far = (other: number) => Math.abs(other - length)
  return lengths.reduce((best, other) =>
    far(other) < far(best) || (far(other) === far(best) && other < best) ? other : best,
  )
}

function score(cells: Float64Array): number {
  let logs = 0
  let smooth = 1
  let anyHit = false
  for (let n = 0; n < order; n++) {
    const hits = cells[2 * n] ?? 0
    const total = cells[2 * n + 1] ?? 0
    if (total === 0) return 0
    if (hits > 0) anyHit = true
    else smooth *= 2
    logs += Math.log(hits > 0 ? hits / total : 1 / (smooth * total))
  }
  if (!anyHit) return 0
  const said = cells[2 * order] ?? 0
  const wanted = cells[2 * order + 1] ?? 0
  const brevity = said < wanted ? Math.exp(1 - wanted / said) : 1
  return brevity * Math.exp(logs / order)
}
