import { open } from 'node:fs/promises'
import { capMarker } from '../sampling.ts'

/** At most so much a call; the caller comes back with the next offset. */
const chunkBytes = 256 * 1024

/** The log as its reader sees it: the first bytes up to the limit, then, if there was more, the marker line. */
export async function readLogBytes(path: string, fromByte: number, limitBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (fromByte < Math.min(size, limitBytes)) {
      const buffer = Buffer.alloc(Math.min(chunkBytes, Math.min(size, limitBytes) - fromByte))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, fromByte)
      return buffer.subarray(0, bytesRead)
    }
    return size > limitBytes ? capMarker(limitBytes).subarray(fromByte - limitBytes) : new Uint8Array()
  } finally {
    await file.close()
  }
}
