/**
 * The canonical form of JSON data (RFC 8785): members by UTF-16 code units of their names, numbers and strings as ECMAScript
 * writes them, no white space. What JSON does not have (undefined, NaN, a lone surrogate, a class) throws.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return String(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`)
      return JSON.stringify(value)
    case 'string':
      return canonicalString(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? list(value) : members(value)
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`)
  }
}

function list(values: readonly unknown[]): string {
  return `[${Array.from(values, canonicalJson).join(',')}]`
}

function members(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects have a JSON form')
  // Default order of sort() is that of UTF-16 code units, as section 3.2.3 asks.
  const names = Object.keys(value).sort()
  const found = value as Readonly<Record<string, unknown>>
  return `{${names.map((name) => `${canonicalString(name)}:${canonicalJson(found[name])}`).join(',')}}`
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a string with half a surrogate pair has no canonical form')
  return JSON.stringify(text)
}
