import { locate, type Source } from './files.ts'
import { problem } from './problems.ts'
import { type OpenOptions, type OpenRecording, type Reader, readWhole } from './reader.ts'
import type { Recording } from './recording.ts'
import { edf } from './edf/reader.ts'
import { wfdb } from './wfdb/reader.ts'

/** Every format that can be read. */
export const readers: readonly Reader[] = [wfdb, edf]

/** Opens a recording of whatever format its name and first bytes show. */
export async function openRecording(source: Source, options: OpenOptions = {}): Promise<OpenRecording> {
  const { files, name } = locate(source)
  for (const reader of readers) {
    // each `open` closes the files itself when it refuses
    if (await reader.claims(files, name)) return reader.open(files, name, options)
  }
  await files.close()
  throw problem('data.recording-format-unknown', { file: name, known: readers.map(({ title }) => title).join(', ') })
}

/** A whole recording in memory, of whatever format. */
export async function readRecording(source: Source, options: OpenOptions = {}): Promise<Recording> {
  return readWhole(await openRecording(source, options))
}
