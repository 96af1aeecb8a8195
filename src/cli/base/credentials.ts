import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** Who this terminal is at which base: one key a person, kept in a file that only its owner reads. */
const fileSchema = z.strictObject({
  current: z.strictObject({ base: z.string(), handle: z.string() }).nullable(),
  keys: z.array(z.strictObject({ base: z.string(), handle: z.string(), key: z.string() })),
})
type CredentialsFile = z.infer<typeof fileSchema>

function path(): string {
  const home = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
  return join(home, 'pilotbase', 'credentials.json')
}

function read(): CredentialsFile {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path(), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, keys: [] }
    throw new Error(`${path()} cannot be read: ${(error as Error).message}. Delete it and sign in again.`, {
      cause: error,
    })
  }
}

export function remember(base: string, handle: string, key: string): void {
  const others = read().keys.filter((one) => one.base !== base || one.handle !== handle)
  mkdirSync(dirname(path()), { recursive: true, mode: 0o700 })
  const file: CredentialsFile = { current: { base, handle }, keys: [...others, { base, handle, key }] }
  writeFileSync(path(), `${JSON.stringify(file, null, 1)}\n`, { mode: 0o600 })
}

/** The key to use: of the person named, or of whoever signed in last. The environment beats the file. */
export function recall(handle: string | undefined): { base: string; key: string; handle: string } | null {
  const { PILOTBASE_URL: base, PILOTBASE_KEY: key } = process.env
  if (key !== undefined && handle === undefined)
    return { base: base ?? 'http://127.0.0.1:8080', key, handle: 'environment' }
  const { current, keys } = read()
  const wantedBase = base ?? current?.base
  const wanted = handle ?? current?.handle
  const found = keys.find((one) => one.base === wantedBase && one.handle === wanted)
  return found ?? null
}
