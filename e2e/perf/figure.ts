/** What a figure is held against; a bound that is met exactly is met. */
export type Target = { readonly atMost: number } | { readonly atLeast: number }

/** Another program's figure for the same thing, in the unit of ours. */
export interface Peer {
  readonly name: string
  readonly value: number
  /** True where it was measured in this run; otherwise it is the published or earlier figure. */
  readonly isMeasuredHere: boolean
}

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Null where the figure only explains another one. */
  readonly target: Target | null
  /** What was run and how it was counted, so that another can do it again. */
  readonly how: string
  readonly peer?: Peer
}

export function isMet({ value, target }: Figure): boolean | null {
  if (target === null) return null
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

/** How many times better ours is than the peer's: above 1 is better, whichever way the unit points. */
export function ratioToPeer({ value, unit, peer }: Figure): number | null {
  if (peer === undefined || value === 0) return null
  // Rates are the only figures of which more is better.
  return unit.endsWith('/s') ? value / peer.value : peer.value / value
}

export function shownTarget({ target, unit }: Figure): string {
  if (target === null) return '–'
  return 'atMost' in target ? `≤ ${shownNumber(target.atMost)} ${unit}` : `≥ ${shownNumber(target.atLeast)} ${unit}`
}

/** Three significant digits, never in exponents. */
export function shownNumber(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 6) })
}
