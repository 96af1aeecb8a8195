import { problem } from '../problems.ts'

/**
 * Many files in one request. Each file is a header, a line of JSON `{"name", "sizeBytes", "sha256"}`, followed by its
 * bytes; the stream ends after the last file.
 */
export interface PackHeader {
  readonly name: string
  readonly sizeBytes: number
}

const headerLimitBytes = 8192

export function packHeader(header: PackHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`)
}

/** Reads a pack, one whole file after another. Files are small here; a large one travels in a pack of its own. */
export async function* unpack(stream: AsyncIterable<Uint8Array>): AsyncGenerator<{ name: string; content: Buffer }> {
  const reader = byteReader(stream)
  for (;;) {
    const line = await reader.line()
    if (line === null) return
    const header = headerOf(line)
    yield { name: header.name, content: await reader.bytes(header) }
  }
}

function headerOf(line: string): PackHeader {
  let header: unknown
  try {
    header = JSON.parse(line)
  } catch (error) {
    throw problem('data.pack-broken', { reason: 'a header is not JSON' }, error)
  }
  const { name, sizeBytes } = header as Partial<PackHeader>
  if (typeof name !== 'string' || !Number.isSafeInteger(sizeBytes) || (sizeBytes ?? -1) < 0)
    throw problem('data.pack-broken', { reason: 'a header lacks its name or size' })
  return { name, sizeBytes: sizeBytes as number }
}

function byteReader(stream: AsyncIterable<Uint8Array>) {
  const source = stream[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { done, value } = await source.next()
    if (done === true) return false
    held = held.length === 0 ? Buffer.from(value) : Buffer.concat([held, value])
    return true
  }
  return {
    async line(): Promise<string | null> {
      for (;;) {
        const end = held.indexOf(10)
        if (end >= 0) {
          const text = held.toString('utf8', 0, end)
          held = held.subarray(end + 1)
          return text
        }
        if (held.length > headerLimitBytes) throw problem('data.pack-broken', { reason: 'a header is too long' })
        if (await more()) continue
        if (held.length > 0) throw problem('data.pack-broken', { reason: 'it ends in the middle of a header' })
        return null
      }
    },
    async bytes({ name, sizeBytes }: PackHeader): Promise<Buffer> {
      const parts: Buffer[] = []
      let wanted = sizeBytes
      for (;;) {
        const taken = held.subarray(0, wanted)
        parts.push(taken)
        held = held.subarray(taken.length)
        wanted -= taken.length
        if (wanted === 0) return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
        if (!(await more())) throw problem('data.pack-broken', { reason: `it ends in the middle of ${name}` })
      }
    },
  }
}
