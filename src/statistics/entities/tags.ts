import type { Span } from './spans.ts'

/**
 * BIO tags to spans [start, end) in tokens by the lenient rule of conlleval: B-x opens, I-x goes on with an open x and else
 * opens one, a change of type closes and opens, O closes.
 */
export function spansOfTags(tags: readonly string[]): Span[] {
  return decode(tags, (prefix, type, open) => prefix === 'B' || type !== open)
}

/** The strict reading of IOB2, for comparison: an I-x that does not go on with an open x is no entity. */
export function spansOfTagsStrict(tags: readonly string[]): Span[] {
  return decode(tags, (prefix) => prefix === 'B')
}

/** Spans of tokens as spans of characters: from the start of the first token to the end of the last. */
export function characterSpans(spans: readonly Span[], tokens: readonly (readonly [number, number])[]): Span[] {
  return spans.map(([start, end, type]) => {
    const first = tokens[start]
    const last = tokens[end - 1]
    if (!first || !last)
      throw new RangeError(`a span of tokens ${start} to ${end} lies outside ${tokens.length} tokens`)
    return [first[0], last[1], type]
  })
}

/** `opens` tells whether a B- or I- tag of a type begins a span, given the type that is open. */
function decode(
  tags: readonly string[],
  opens: (prefix: string, type: string, open: string | null) => boolean,
): Span[] {
  const spans: Span[] = []
  let start = 0
  let open: string | null = null
  const close = (end: number): void => {
    if (open !== null) spans.push([start, end, open])
    open = null
  }
  for (const [place, tag] of tags.entries()) {
    const parts = /^([BI])-(.+)$/su.exec(tag)
    if (!parts) {
      close(place)
      continue
    }
    const [, prefix = '', type = ''] = parts
    if (opens(prefix, type, open)) {
      close(place)
      start = place
      open = type
    } else if (type !== open) close(place)
  }
  close(tags.length)
  return spans
}
