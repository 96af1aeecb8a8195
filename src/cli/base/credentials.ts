import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

interface Key {
  readonly base: string
  readonly handle: string
  readonly key: string
}

/** Who this terminal is at which base: one key a person, kept in a file that only its owner reads. */
interface CredentialsFile {
  readonly current: { readonly base: string; readonly handle: string } | null
  readonly keys: readonly Key[]
}

function path(): string {
  const home = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
  return join(home, 'pilotbase', 'credentials.json')
}

function read(): CredentialsFile {
  try {
    return fileOf(JSON.parse(readFileSync(path(), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, keys: [] }
    throw new Error(`${path()} cannot be read: ${(error as Error).message}. Delete it and sign in again.`, {
      cause: error,
    })
  }
}

/** Checked by hand: every command reads this file, and a schema library would double its start. */
function fileOf(value: unknown): CredentialsFile {
  const { current, keys } = value as Partial<CredentialsFile>
  const isNamed = (one: unknown): boolean => {
    const { base, handle } = (one ?? {}) as Partial<Key>
    return typeof base === 'string' && typeof handle === 'string'
  }
  if (current === undefined || (current !== null && !isNamed(current))) throw new Error('"current" is not as expected')
  if (!Array.isArray(keys) || !keys.every((one) => isNamed(one) && typeof one.key === 'string'))
    throw new Error('"keys" is not as expected')
  return { current, keys }
}

export function remember(base: string, handle: string, key: string): void {
  const others = read().keys.filter((one) => one.base !== base || one.handle !== handle)
  write({ current: { base, handle }, keys: [...others, { base, handle, key }] })
}

/** Forgets a person's key; what was forgotten, or null where there was nothing. */
export function forget(handle: string | undefined): Key | null {
  const file = read()
  const wanted = handle ?? file.current?.handle
  const gone = file.keys.find((one) => one.handle === wanted && one.base === file.current?.base)
  if (gone === undefined) return null
  const keys = file.keys.filter((one) => one !== gone)
  const isCurrent = file.current?.base === gone.base && file.current.handle === gone.handle
  write({ current: isCurrent ? (keys[0] ?? null) : file.current, keys })
  return gone
}

function write(file: CredentialsFile): void {
  mkdirSync(dirname(path()), { recursive: true, mode: 0o700 })
  const { current, keys } = file
  const kept = { current: current === null ? null : { base: current.base, handle: current.handle }, keys }
  // Written aside first: a command that is killed here leaves the old file whole.
  writeFileSync(`${path()}.new`, `${JSON.stringify(kept, null, 1)}\n`, { mode: 0o600 })
  renameSync(`${path()}.new`, path())
}

/** The key to use: of the person named, or of whoever signed in last. The environment beats the file. */
export function recall(handle: string | undefined): Key | null {
  const { PILOTBASE_URL: base, PILOTBASE_KEY: key } = process.env
  if (key !== undefined && handle === undefined)
    return { base: base ?? 'http://127.0.0.1:8080', key, handle: 'environment' }
  const { current, keys } = read()
  const wantedBase = base ?? current?.base
  const wanted = handle ?? current?.handle
  const found = keys.find((one) => one.base === wantedBase && one.handle === wanted)
  return found ?? null
}
