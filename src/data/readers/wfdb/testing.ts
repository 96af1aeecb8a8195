import fs from 'node:fs'
import path from 'node:path'

const folder = path.join(import.meta.dirname, 'fixtures')

export interface ExpectedLead {
  readonly name: string
  readonly unit: string
  readonly physical?: readonly (number | null)[]
  readonly gain?: number
  readonly baseline?: number
  readonly samplesPerFrame?: number
  readonly adc?: readonly (number | null)[]
}

export interface Expected {
  readonly records: Readonly<
    Record<string, { fs: number; frames: number; comments: readonly string[]; leads: readonly ExpectedLead[] }>
  >
  readonly annotations: Readonly<Record<string, readonly [number, string, number, number, number, string][]>>
}

export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fs.readFileSync(path.join(folder, name)))
}

export function fixturePath(name: string): string {
  return path.join(folder, name)
}

/** Every fixture file whose name begins with the record's. */
export function fixtureFiles(record: string): Map<string, Uint8Array<ArrayBuffer>> {
  const names = fs.readdirSync(folder).filter((name) => name.startsWith(record) && !/\.(md|py|json)$/.test(name))
  return new Map(names.map((name) => [name, fixture(name)]))
}

/** What the Python package wfdb reads from the fixtures. */
export const expected: Expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'))

export const text = (lines: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(lines)
