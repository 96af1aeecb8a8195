import { z } from 'zod'
import type { Executor, Handle } from '../executors/executor.ts'

/** A recipe reports how far it is as one JSON object a line: `{"event": "progress", "step": 3, "of": 100}`. */
const progressLine = z.looseObject({ event: z.literal('progress') })
export type Progress = Record<string, z.core.util.JSONType>

/** The last progress line among these, or null. Lines of anything else are the command's own. */
export function lastProgress(lines: readonly string[]): Progress | null {
  for (const line of lines.toReversed()) {
    if (!line.startsWith('{') || !line.includes('"progress"')) continue
    const parsed = progressLine.safeParse(parseLine(line))
    if (parsed.success) return parsed.data as Progress
  }
  return null
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Follows one attempt's standard output, remembering how far it was read. */
export interface ProgressReader {
  next(): Promise<Progress | null>
}

export function progressReader(executor: Executor, handle: Handle): ProgressReader {
  let at = 0
  let unfinished = ''
  return {
    async next() {
      const bytes = await executor.readLog(handle, 'stdout', at)
      if (bytes.length === 0) return null
      at += bytes.length
      const lines = (unfinished + Buffer.from(bytes).toString('utf8')).split('\n')
      // A line beyond this is no progress line; holding it would let a job fill the base's memory.
      unfinished = (lines.pop() ?? '').slice(-65_536)
      return lastProgress(lines)
    },
  }
}
