import { problem } from './problems.ts'

/**
 * The one JSON text of a value by RFC 8785 (JCS): no spaces, members sorted by UTF-16 code units, numbers and
 * strings as ECMAScript writes them. Two parties that agree on the value agree on its bytes, and so on its digest.
 * A member that is undefined is left out; what has no JSON (NaN, bigint, a lone surrogate, a Date) is refused.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$')
}

/** UTF-8 bytes of canonicalJson. */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8')
}

function write(value: unknown, path: string): string {
  if (value === null || value === true || value === false) return String(value)
  if (typeof value === 'string') return text(value, path)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw problem('kernel.no-canonical-json', { path, detail: String(value) })
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`)).join(',')}]`
  }
  if (isPlain(value)) {
    const members: string[] = []
    for (const name of Object.keys(value).sort()) {
      const member = value[name]
      if (member !== undefined) members.push(`${text(name, path)}:${write(member, `${path}.${name}`)}`)
    }
    return `{${members.join(',')}}`
  }
  throw problem('kernel.no-canonical-json', { path, detail: typeof value })
}

function text(value: string, path: string): string {
  if (!value.isWellFormed()) throw problem('kernel.no-canonical-json', { path, detail: 'half of a surrogate pair' })
  return JSON.stringify(value)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
