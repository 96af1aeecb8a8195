/** Markup that is safe to insert as it is: only `html` makes it. */
export interface Html {
  readonly markup: string
}

type Piece = string | number | null | Html | readonly Html[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter)
}

/** Builds markup: everything put into it is escaped, unless it is markup already. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const inserted = pieces.map(insertedOf)
  return { markup: parts.map((part, at) => part + (inserted[at] ?? '')).join('') }
}

function insertedOf(piece: Piece): string {
  if (piece === null) return ''
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece))
  return 'markup' in piece ? piece.markup : piece.map((one) => one.markup).join('')
}

/** Markup that is written here and holds nothing of anybody's: the style. */
export function trusted(markup: string): Html {
  return { markup }
}
