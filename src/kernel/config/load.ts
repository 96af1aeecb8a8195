import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Config, type ConfigKey, configKeys, configSchema, secretKeys } from './schema.ts'
import { problem } from './problems.ts'

export interface Origin {
  readonly key: ConfigKey
  readonly value: string
  /** `default`, `pilotbase.yaml`, `PILOTBASE_PORT`, `--port`. */
  readonly from: string
}

export interface LoadedConfig {
  readonly config: Config
  readonly origins: readonly Origin[]
}

export interface ConfigSources {
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Path of the YAML file; a missing default file is no error, a missing named one is. */
  readonly file: { readonly path: string; readonly isNamed: boolean }
}

const prefix = 'PILOTBASE_'
// Set by the program itself or by its tests; no settings.
const reserved =
  /^PILOTBASE_(TEST_|SHARED|ATTEMPT|KEY|URL|PROJECT|RUNTIME|MODEL_SIGNING|S3_ENDPOINT_TEST|OIP_CLIENT|S3_ENDPOINT)/

/** Reads all sources; a flag beats the environment, which beats the file, which beats the default. */
export function loadConfig({ flags, environment, file }: ConfigSources): LoadedConfig {
  const found = new Map<ConfigKey, { value: unknown; from: string }>()
  for (const [key, value] of Object.entries(readYaml(file)))
    found.set(known(key, file.path), { value, from: file.path })
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue
    if (name === 'DATABASE_URL') found.set('databaseUrl', { value, from: name })
    else if (name.startsWith(prefix) && !reserved.test(name))
      found.set(known(camel(name.slice(prefix.length)), name), { value, from: name })
  }
  for (const [key, value] of Object.entries(flags)) {
    if (value !== undefined) found.set(known(key, 'the command line'), { value, from: `--${kebab(key)}` })
  }
  const parsed = configSchema.safeParse(Object.fromEntries([...found].map(([key, { value }]) => [key, value])))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const key = String(issue?.path[0] ?? '')
    throw problem('kernel.config-invalid', {
      key,
      source: found.get(key as ConfigKey)?.from ?? file.path,
      reason: issue?.message ?? '',
    })
  }
  const origins = configKeys.map((key): Origin => {
    const value = parsed.data[key]
    const shown = value === undefined ? '' : secretKeys.includes(key) ? '(secret)' : String(value)
    return { key, value: shown, from: found.get(key)?.from ?? 'default' }
  })
  return { config: parsed.data, origins }
}

function readYaml({ path, isNamed }: ConfigSources['file']): Record<string, unknown> {
  if (!existsSync(path) && !isNamed) return {}
  try {
    const read: unknown = parse(readFileSync(path, 'utf8')) ?? {}
    if (typeof read !== 'object' || Array.isArray(read))
      throw new Error('it holds no settings but a single value or a list')
    return read as Record<string, unknown>
  } catch (error) {
    throw problem(
      'kernel.config-unreadable',
      { source: path, reason: (error as Error).message.split('\n')[0] ?? '' },
      error,
    )
  }
}

function known(key: string, source: string): ConfigKey {
  if ((configKeys as string[]).includes(key)) return key as ConfigKey
  throw problem('kernel.config-unknown', { key, source, nearest: nearest(key, configKeys) })
}

/** The candidate with the smallest Levenshtein distance. */
export function nearest(word: string, candidates: readonly string[]): string {
  const ranked = candidates.map((one) => ({ one, distance: distance(word.toLowerCase(), one.toLowerCase()) }))
  return ranked.reduce((best, next) => (next.distance < best.distance ? next : best)).one
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function camel(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
