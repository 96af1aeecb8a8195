import type { Readable } from 'node:stream'
import { problem } from './problems.ts'

export interface BodyOptions {
  readonly limitBytes: number
  /** Content-Length; null when the body comes in chunks of unknown number. */
  readonly declaredBytes: number | null
  /** Bytes before the place that shall be aligned to 8: the JSON header's length, or 0. */
  readonly headerBytes: number
}

/**
 * Reads a body into one buffer of its own, so placed that what follows the JSON header starts at a multiple of 8: then
 * a tensor of any datatype can be looked at where it lies, and the buffer can be handed to a thread without a copy.
 */
export function readBody(
  stream: Readable,
  { limitBytes, declaredBytes, headerBytes }: BodyOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): Error => problem('models.oip-body-limit', { limitBytes })
    if (declaredBytes !== null && declaredBytes > limitBytes) {
      reject(tooLarge())
      return
    }
    const padding = (8 - (headerBytes % 8)) % 8
    const chunks: Uint8Array[] = []
    let whole: Uint8Array | null = null
    let received = 0
    let isDone = false
    const take = (chunk: Uint8Array): void => {
      const at = received
      received += chunk.byteLength
      if (received > limitBytes) {
        stream.off('data', take)
        stream.resume()
        reject(tooLarge())
        return
      }
      // Only now: a client that announces much and sends nothing takes no memory.
      if (declaredBytes !== null) whole ??= placeFor(padding, declaredBytes)
      if (whole !== null && received <= whole.byteLength) whole.set(chunk, at)
      else chunks.push(chunk)
    }
    stream.on('data', take)
    stream.on('end', () => {
      isDone = true
      if (whole !== null && received === declaredBytes) {
        resolve(whole)
        return
      }
      if (declaredBytes !== null && received !== declaredBytes) {
        reject(problem('models.oip-body-cut', { actual: received }))
        return
      }
      const joined = placeFor(padding, received)
      let at = 0
      for (const chunk of chunks) {
        joined.set(chunk, at)
        at += chunk.byteLength
      }
      resolve(joined)
    })
    stream.on('error', (error) => reject(problem('models.oip-body-cut', { actual: received }, error)))
    stream.on('close', () => {
      if (!isDone) reject(problem('models.oip-body-cut', { actual: received }))
    })
  })
}

function placeFor(padding: number, length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(padding + length), padding)
}
