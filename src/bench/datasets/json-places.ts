/** Where values stand in a JSON text, so that a refusal can name the line. */

interface Frame {
  readonly path: string
  /** Next index of an array; null in an object. */
  index: number | null
  key: string | null
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|\n|[^\s{}[\],:"]+/g

/** Line (from 1) of every member and element by path, as in `tasks.0.columns.id`. The text must be valid JSON. */
export function jsonPlaces(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>([['', 1]])
  const frames: Frame[] = []
  let line = 1
  const here = (): string => {
    const frame = frames.at(-1)
    if (frame === undefined) return ''
    const step = frame.index === null ? (frame.key ?? '') : String(frame.index)
    return frame.path === '' ? step : `${frame.path}.${step}`
  }
  for (const [token] of text.matchAll(tokens)) {
    const frame = frames.at(-1)
    if (token === '\n') line++
    else if (token === '}' || token === ']') frames.pop()
    else if (token === ',' && frame !== undefined) {
      if (frame.index === null) frame.key = null
      else frame.index++
    } else if (token !== ':' && token !== ',') {
      const isKey = frame !== undefined && frame.index === null && frame.key === null
      if (isKey) frame.key = JSON.parse(token)
      if (!places.has(here())) places.set(here(), line)
      if (token === '{') frames.push({ path: here(), index: null, key: null })
      if (token === '[') frames.push({ path: here(), index: 0, key: null })
    }
  }
  return places
}

/** Line of the deepest part of a path that stands in the text. */
export function lineAt(places: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const line = places.get(path.slice(0, length).map(String).join('.'))
    if (line !== undefined) return line
  }
  return 1
}

/** Line that a syntax error of `JSON.parse` speaks of; the last one where the text just ends. */
export function lineOfSyntaxError(text: string, error: unknown): number {
  const message = error instanceof Error ? error.message : ''
  const named = /line (\d+)/.exec(message)?.[1]
  if (named !== undefined) return Number(named)
  const position = /position (\d+)/.exec(message)?.[1]
  return text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
}
