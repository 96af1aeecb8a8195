import { type Metric, measured, metric, ratio } from '../metric.ts'
import type { Scored } from '../classification/ranking.ts'

/** Ranks (from 1) of the actives by score descending, inactive first in a tie: a tie gains nothing. */
export function activeRanks(items: readonly Scored[]): number[] {
  for (const { score } of items) if (Number.isNaN(score)) throw new RangeError('a score is not a number')
  return items
    .toSorted((one, other) => other.score - one.score || Number(one.positive) - Number(other.positive))
    .flatMap(({ positive }, place) => (positive ? [place + 1] : []))
}

/** Hit rate among the first ceil(x n - 1e-9) over the hit rate of all. No active: null. */
export function enrichment(items: readonly Scored[], share: number): number | null {
  const n = items.length
  const first = Math.ceil(share * n - 1e-9)
  const ranks = activeRanks(items)
  if (ranks.length === 0 || first <= 0) return null
  return ranks.filter((rank) => rank <= first).length / first / (ranks.length / n)
}

/** Robust initial enhancement (Sheridan 2001), as RDKit computes it. No active: null. */
export function rie(items: readonly Scored[], alpha = 20): number | null {
  const n = items.length
  const ranks = activeRanks(items)
  if (ranks.length === 0) return null
  const sum = ranks.reduce((total, rank) => total + Math.exp((-alpha * rank) / n), 0)
  const random = (1 / n) * ((1 - Math.exp(-alpha)) / (Math.exp(alpha / n) - 1))
  return sum / (ranks.length * random)
}

/** BEDROC (Truchon & Bayly 2007): RIE between its least and greatest value. No active: null; all active: 1, as RDKit. */
export function bedroc(items: readonly Scored[], alpha = 20): number | null {
  const enhancement = rie(items, alpha)
  if (enhancement === null) return null
  const share = activeRanks(items).length / items.length
  const most = (1 - Math.exp(-alpha * share)) / (share * (1 - Math.exp(-alpha)))
  const least = (1 - Math.exp(alpha * share)) / (share * (1 - Math.exp(alpha)))
  return most === least ? 1 : (enhancement - least) / (most - least)
}

/** Share of pairs in which the active ranks before the inactive; a tie is lost. One class: null. */
export function aurocPessimistic(items: readonly Scored[]): number | null {
  const ranks = activeRanks(items)
  const inactives = items.length - ranks.length
  const won = ranks.reduce((sum, rank, place) => sum + inactives - (rank - 1 - place), 0)
  return ratio(won, ranks.length * inactives)
}

export function efMetric(share: number): Metric<Scored> {
  return metric(`ef@${Number((share * 100).toPrecision(6))}%`, 'higher', (items) =>
    measured(enrichment(items, share), 'no active'),
  )
}

export function bedrocMetric(alpha = 20): Metric<Scored> {
  return metric(alpha === 20 ? 'bedroc' : `bedroc_${alpha}`, 'higher', (items) =>
    measured(bedroc(items, alpha), 'no active'),
  )
}
