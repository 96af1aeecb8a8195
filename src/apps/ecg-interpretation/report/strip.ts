/** An ECG strip as SVG on paper: 25 mm a second, 10 mm a millivolt, a grid of 1 and 5 mm. One unit is 1 mm. Pure. */
import type { EcgBeat, EcgInput } from '../contract.ts'

export const mmPerSecond = 25
export const mmPerMv = 10
const leadHeightMm = 35
const topMm = 8
/** Points a millimetre at most: finer than any printer shows at this scale. */
const pointsPerMm = 8

export interface StripWish {
  readonly input: EcgInput
  readonly beats: readonly EcgBeat[]
  /** Samples of beats to be marked. */
  readonly marked: ReadonlySet<number>
  readonly startS: number
  readonly endS: number
  /** Read out to who cannot see it. */
  readonly title: string
  /** Names of the two leads shown, at most. */
  readonly leads: readonly string[]
}

export function stripSvg(wish: StripWish): string {
  const leads = wish.input.leads.filter(({ name }) => wish.leads.includes(name)).slice(0, 3)
  const width = round((wish.endS - wish.startS) * mmPerSecond)
  const height = topMm + leads.length * leadHeightMm
  const rows = leads.map((lead, k) => leadRow(wish, lead, topMm + (k + 0.5) * leadHeightMm))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeHtml(wish.title)}</title>`,
    '<defs>',
    '<pattern id="fine" width="1" height="1" patternUnits="userSpaceOnUse"><path d="M1 0H0V1" fill="none" stroke="#f3c9c9" stroke-width="0.1"/></pattern>',
    '<pattern id="paper" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="url(#fine)"/><path d="M5 0H0V5" fill="none" stroke="#e08f8f" stroke-width="0.2"/></pattern>',
    '</defs>',
    `<rect width="${width}" height="${height}" fill="url(#paper)"/>`,
    ...secondsRow(wish, height),
    ...beatsRow(wish),
    ...rows,
    '</svg>',
  ].join('\n')
}

function leadRow({ input, startS, endS }: StripWish, lead: EcgInput['leads'][number], middle: number): string {
  const from = Math.max(0, Math.round(startS * input.fs))
  const samples = lead.samplesMv.subarray(from, Math.round(endS * input.fs))
  const centre = middleOf(samples)
  const step = Math.max(1, Math.floor(input.fs / (mmPerSecond * pointsPerMm)))
  let path = ''
  let isPenDown = false
  for (let i = 0; i < samples.length; i += step) {
    const value = samples[i] ?? Number.NaN
    if (!Number.isFinite(value)) {
      isPenDown = false
      continue
    }
    const x = round(((from + i) / input.fs - startS) * mmPerSecond)
    const limit = leadHeightMm / 2 + 4
    const y = round(middle - Math.max(-limit, Math.min(limit, (value - centre) * mmPerMv)))
    path += `${isPenDown ? 'L' : 'M'}${x} ${y}`
    isPenDown = true
  }
  // the calibration pulse of recorders: 1 mV for 0.2 s
  const pulse = `M0 ${round(middle)}h1v-${mmPerMv}h5v${mmPerMv}h1`
  return [
    `<path d="${pulse}" fill="none" stroke="#555" stroke-width="0.25"/>`,
    `<path d="${path}" fill="none" stroke="#111" stroke-width="0.3" stroke-linejoin="round"/>`,
    `<text x="1" y="${round(middle - leadHeightMm / 2 + 4)}" font-size="3.5" font-weight="bold">${escapeHtml(lead.name)}</text>`,
  ].join('')
}

/** The class of each beat above the first lead; the beats meant by the finding in red with a mark, not by colour alone. */
function beatsRow({ beats, marked, startS, endS }: StripWish): string[] {
  return beats
    .filter(({ timeS }) => timeS >= startS && timeS < endS)
    .map((beat) => {
      const x = round((beat.timeS - startS) * mmPerSecond)
      const isMarked = marked.has(beat.sample)
      const text = `<text x="${x}" y="6" font-size="3" text-anchor="middle" fill="${isMarked ? '#b00020' : '#333'}"${isMarked ? ' font-weight="bold"' : ''}>${beat.class}</text>`
      return isMarked ? `${text}<path d="M${x} 7l-1.2 2h2.4z" fill="#b00020"/>` : text
    })
}

function secondsRow({ startS, endS }: StripWish, height: number): string[] {
  const first = Math.ceil(startS)
  return Array.from({ length: Math.max(0, Math.floor(endS) - first + 1) }, (_, k) => {
    const x = round((first + k - startS) * mmPerSecond)
    return `<text x="${x}" y="${height - 1}" font-size="2.5" fill="#555">${first + k} s</text>`
  })
}

/** The middle value: half of the samples lie above it. */
function middleOf(samples: Float32Array): number {
  const finite = samples.filter(Number.isFinite).toSorted()
  return finite[Math.floor(finite.length / 2)] ?? 0
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

export function escapeHtml(text: string): string {
  const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (mark) => marks[mark] ?? mark)
}
