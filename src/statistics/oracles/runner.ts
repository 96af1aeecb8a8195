import { readFileSync } from 'node:fs'

export interface OracleCase {
  readonly name: string
  readonly metric: string
  readonly input: Record<string, unknown>
  readonly expected: unknown
  readonly tolerance?: number
}

export interface OracleFile {
  readonly name: string
  readonly tolerance: number
  readonly cases: readonly OracleCase[]
}

/** Computes what an oracle file calls by this metric's name; `file` is there for cases that refer to others by name. */
export type Run<Input> = (input: Input, file: OracleFile, case_: OracleCase) => unknown

/** Each runner states the shape of its metric's input: a case is the fixture's word that it has it. */
export type Runners = Readonly<Record<string, (input: never, file: OracleFile, case_: OracleCase) => unknown>>

export function readOracle(name: string): OracleFile {
  const path = new URL(`../fixtures/oracles/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as OracleFile
}

/**
 * Where `actual` differs from `expected`, as paths; empty when it agrees. Numbers agree within the tolerance, absolute or
 * relative. Keys that begin with `variant_` are other people's definitions and no targets; a key we report beyond the
 * expected ones is allowed, a missing one is not.
 */
export function differences(expected: unknown, actual: unknown, tolerance: number, path = ''): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const near = Math.abs(expected - actual) <= tolerance * Math.max(1, Math.abs(expected))
    return near ? [] : [`${path}: expected ${expected}, got ${actual}`]
  }
  if (Array.isArray(expected)) {
    if (!isList(actual)) return [`${path}: expected a list, got ${JSON.stringify(actual)}`]
    if (expected.length !== actual.length) return [`${path}: expected ${expected.length} entries, got ${actual.length}`]
    return expected.flatMap((value, index) => differences(value, actual[index], tolerance, `${path}[${index}]`))
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path}: expected an object, got ${String(actual)}`]
    const found = actual as Record<string, unknown>
    return Object.entries(expected)
      .filter(([key]) => !key.startsWith('variant_'))
      .flatMap(([key, value]) => differences(value, found[key], tolerance, `${path}.${key}`))
  }
  return Object.is(expected, actual)
    ? []
    : [`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`]
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}
