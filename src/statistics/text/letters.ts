/** Option letter to option text, letters A .. Z. */
export type Options = Readonly<Record<string, string>>

/**
 * The letters that a free answer gives, in alphabetical order, or null: unanswered, which is wrong. The first rule that fires
 * decides (definitions 1: CMExam, MedBench); several letters for a single-choice item are no answer.
 */
export function answerLetters(answer: string, options: Options, multiple: boolean): readonly string[] | null {
  const text = cleaned(answer)
  const letters = Object.keys(options)
  if (letters.length === 0) return null
  for (const rule of rules) {
    const found = rule(text, letters, options)
    if (found === null) continue
    const distinct = [...new Set(found)].sort()
    return multiple || distinct.length === 1 ? distinct : null
  }
  return null
}

/** Null: the rule does not fire. */
type Rule = (text: string, letters: readonly string[], options: Options) => readonly string[] | null

const closing = '.。:：、)\\]】'
const brackets = '()\\[\\]{}【】<>《》「」『』'
const opening = '(\\[{【<《「『“"‘\''
const ending = ')\\]}】>》」』”"’\''

/** A letter of the item, then more of them joined by nothing, white space or a separator. */
const group = (letters: readonly string[]): string => {
  const one = `[${letters.map((letter) => letter.replace(/[^A-Za-z0-9]/g, '\\$&')).join('')}]`
  return `${one}(?:[\\s,、;/|和与及]*${one})*`
}

const lettersIn = (text: string, letters: readonly string[]): string[] =>
  [...text].filter((one) => letters.includes(one))

const lastOf = (pattern: RegExp, text: string, letters: readonly string[]): string[] | null => {
  const last = [...text.matchAll(pattern)].at(-1)?.[1]
  return last === undefined ? null : lettersIn(last, letters)
}

const bracketedByAngles: Rule = (text, letters) =>
  lastOf(new RegExp(`<\\s*(${group(letters)})\\s*>`, 'gu'), text, letters)

const wholeText: Rule = (text, letters) =>
  lastOf(new RegExp(`^[${opening}]?\\s*(${group(letters)})\\s*[${ending}]?[.。:、,;!]?$`, 'gu'), text, letters)

const announced: Rule = (text, letters) => {
  const not = '(?<!不|勿|别|非|不能|不应|不可)'
  const word = '(?:答案|正确选项|应选|故选|选择|选|[Aa][Nn][Ss][Ww][Ee][Rr])'
  // Each optional part carries its own white space: side by side, several \s* would take polynomial time on a long gap.
  const link = `(?:\\s*(?:应该|应当|应))?(?:\\s*(?:是|为|选|[Ii][Ss]))?(?:\\s*:)?(?:\\s*[${opening}])?\\s*`
  return lastOf(new RegExp(`${not}${word}${link}(${group(letters)})(?![A-Za-z0-9])`, 'gu'), text, letters)
}

const withOwnText: Rule = (text, letters, options) => {
  const found = letters.filter((letter) => {
    const own = plain(options[letter] ?? '')
    if (own === '') return false
    return new RegExp(`(?<![A-Za-z0-9])${escaped(letter)}[${closing}\\s]*${escaped(own)}`, 'u').test(text)
  })
  return found.length === 0 ? null : found
}

const atTheStart: Rule = (text, letters) =>
  lastOf(new RegExp(`^(${group(letters)})(?:[${brackets}.。:、,;]|\\s*(?:\\n|$))`, 'gu'), text, letters)

const doubts = ['不', '非', '排除', '除了', '错误', 'not', 'except', 'incorrect', 'wrong']

const aloneWithoutDoubt: Rule = (text, letters) => {
  const lower = text.toLowerCase()
  if (doubts.some((doubt) => lower.includes(doubt))) return null
  const alone = letters.filter((letter) =>
    new RegExp(`(?<![A-Za-z0-9])${escaped(letter)}(?![A-Za-z0-9])`, 'u').test(text),
  )
  return alone.length === 1 ? alone : null
}

const onlyOptionNamed: Rule = (text, letters, options) => {
  const named = letters.filter((letter) => {
    const own = plain(options[letter] ?? '')
    return own !== '' && text.includes(own)
  })
  return named.length === 1 ? named : null
}

const rules: readonly Rule[] = [
  bracketedByAngles,
  wholeText,
  announced,
  withOwnText,
  atTheStart,
  aloneWithoutDoubt,
  onlyOptionNamed,
]

function cleaned(answer: string): string {
  const text = plain(answer.replace(/<think>.*?<\/think>/gsu, ''))
  return /^[a-z]+$/.test(text) ? text.toUpperCase() : text
}

function plain(text: string): string {
  return text.normalize('NFKC').trim()
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
