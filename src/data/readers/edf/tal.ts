import { decodeText } from '../text.ts'

/** One text of a time-stamped annotation list of EDF+; '' is the time of the data record itself. */
export interface TimedText {
  readonly onsetSeconds: number
  readonly durationSeconds: number | null
  readonly text: string
}

const DURATION = '\x15'
const SEPARATOR = '\x14'

/**
 * The annotation lists in one annotation signal of one data record, in order: onset, perhaps 0x15 and a duration, then
 * texts, each after a 0x14, and 0x14 0x00 at the end; zeros fill the rest (EDF+ 2.2.2 and 2.2.4). null: not such lists.
 */
export function parseLists(bytes: Uint8Array): TimedText[] | null {
  const found: TimedText[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0) {
      at++
      continue
    }
    const end = bytes.indexOf(0, at)
    if (end < 0) return null
    const list = parseList(decodeText(bytes.subarray(at, end)))
    if (list === null) return null
    found.push(...list)
    at = end + 1
  }
  return found
}

function parseList(list: string): TimedText[] | null {
  const [stamp = '', ...texts] = list.split(SEPARATOR)
  // the last 0x14 ends the list: what follows it must be nothing
  if (texts.length < 2 || texts.pop() !== '') return null
  const [onset = '', duration, surplus] = stamp.split(DURATION)
  const isStamp = /^[+-]\d{1,12}(?:\.\d{0,12})?$/.test(onset) && surplus === undefined
  if (!isStamp || (duration !== undefined && !/^(?:\d{1,12}(?:\.\d{0,12})?)?$/.test(duration))) return null
  const durationSeconds = duration === undefined || duration === '' ? null : Number(duration)
  return texts.map((text) => ({ onsetSeconds: Number(onset), durationSeconds, text }))
}
