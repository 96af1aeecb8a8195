/** One thing that was looked at on this machine. */
export interface Finding {
  readonly what: string
  /** `needed` and absent means that the base cannot work; `wanted` that something of it cannot; `extra` is a nicety. */
  readonly weight: 'needed' | 'wanted' | 'extra'
  readonly isThere: boolean
  /** What was found, or why it is not there. */
  readonly found: string
  /** The command or deed that mends it; null where nothing needs mending. */
  readonly fix: string | null
}

export function there(what: string, weight: Finding['weight'], found: string): Finding {
  return { what, weight, isThere: true, found, fix: null }
}

export function lacking(what: string, weight: Finding['weight'], found: string, fix: string): Finding {
  return { what, weight, isThere: false, found, fix }
}

/** Whether the base can work with what was found. */
export function isFit(findings: readonly Finding[]): boolean {
  return findings.every((one) => one.isThere || one.weight !== 'needed')
}
