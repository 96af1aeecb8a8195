import type { FileSet } from '../../files.ts'
import { type Group, readBytes } from './group.ts'

/** How far first differences were summed: the value of each signal just before `frame`. */
export interface Cursor {
  readonly frame: number
  readonly values: readonly number[]
}

const BLOCK_BYTES = 2 ** 20

/**
 * Frames `from` to `end` of a group in format 8, interleaved, as values. Differences only mean something summed from
 * the first sample, so all frames before `from` are read too, except those before `cursor`. The cursor that comes back
 * stands at `to`, where the next chunk begins.
 */
export async function readDifferences(
  files: FileSet,
  group: Group,
  cursor: Cursor | undefined,
  range: { readonly from: number; readonly to: number; readonly end: number },
): Promise<{ samples: Int32Array; cursor: Cursor }> {
  const { frameSamples, signals, byteOffset, path } = group
  if (range.from === range.end) return { samples: new Int32Array(0), cursor: cursor ?? startOf(group) }
  const begin = cursor !== undefined && cursor.frame <= range.from ? cursor : startOf(group)
  const values = [...begin.values]
  const owner = signals.flatMap(({ samplesPerFrame }, index) => Array<number>(samplesPerFrame).fill(index))
  const samples = new Int32Array((range.end - range.from) * frameSamples)
  const blockFrames = Math.max(1, Math.floor(BLOCK_BYTES / frameSamples))
  let kept: Cursor | null = begin.frame === range.to ? begin : null
  for (let frame = begin.frame; frame < range.end; ) {
    // a block ends where the next chunk begins, so that the cursor can be kept there
    const stops = [frame + blockFrames, range.end, ...(frame < range.to ? [range.to] : [])]
    const stop = Math.min(...stops)
    const bytes = await readBytes(files, path, byteOffset + frame * frameSamples, byteOffset + stop * frameSamples)
    const shift = (frame - range.from) * frameSamples // negative before `from`: written nowhere
    for (let i = 0, k = 0; i < bytes.length; i++) {
      const signal = owner[k] as number // k runs over one frame
      const value = ((values[signal] as number) + (((bytes[i] as number) << 24) >> 24)) | 0
      values[signal] = value
      if (shift + i >= 0) samples[shift + i] = value
      if (++k === frameSamples) k = 0
    }
    frame = stop
    if (frame === range.to) kept = { frame, values: [...values] }
  }
  return { samples, cursor: kept ?? begin }
}

function startOf({ signals }: Group): Cursor {
  return { frame: 0, values: signals.map(({ initialValue, adcZero }) => initialValue ?? adcZero) }
}
