import type { Subject } from './recording.ts'

const OLDEST_YEARS = 125

/**
 * Age and sex out of free comment lines. WFDB has no field for them; three habits are read: "75 F 1011 654 x1" (MIT-BIH,
 * age -1 for unknown), "Age: 74" with "Sex: Female" on lines of their own (PhysioNet challenges), and
 * "<age>: 61 <sex>: M" (European ST-T). An age in another unit than years is not told.
 */
export function subjectOf(comments: readonly string[]): Subject {
  const mitBih = /^(-?\d{1,3})\s+([MF])\b/.exec(comments[0] ?? '')
  if (mitBih !== null) return { ageYears: age(mitBih[1]), sex: mitBih[2] === 'F' ? 'F' : 'M' }
  const text = comments.join('\n')
  const years = /\bage\b[>:= \t]{0,9}(\d{1,3}(?:\.\d+)?)(?![ \t]?(?:mo|w|d)|[\d.])/i.exec(text)
  const sex = /\b(?:sex|gender)\b[>:= \t]{0,9}(male|female|m|f)\b/i.exec(text)
  const letter = sex?.[1]?.[0]?.toUpperCase()
  return { ageYears: age(years?.[1]), sex: letter === 'F' || letter === 'M' ? letter : null }
}

function age(text: string | undefined): number | null {
  const years = Number(text ?? -1)
  return years >= 0 && years <= OLDEST_YEARS ? years : null
}
