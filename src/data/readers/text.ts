/** Text of a file that names no encoding: UTF-8, else Latin-1 (old exporters write µV and names so). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // expected: not UTF-8. Latin-1 gives every byte a character, so this can't fail.
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  }
}

/** What was found, short enough to be quoted in a refusal. */
export function quoted(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
