/**
 * Symbols of the MIT annotation codes (ecgcodes.h of the WFDB library; annot(5), Applications Guide), by code.
 * Codes 15, 17 and 42-49 have none.
 */
const SYMBOLS: ReadonlyMap<number, string> = new Map([
  [1, 'N'], // normal beat
  [2, 'L'], // left bundle branch block beat
  [3, 'R'], // right bundle branch block beat
  [4, 'a'], // aberrated atrial premature beat
  [5, 'V'], // premature ventricular contraction
  [6, 'F'], // fusion of ventricular and normal beat
  [7, 'J'], // nodal (junctional) premature beat
  [8, 'A'], // atrial premature beat
  [9, 'S'], // supraventricular premature or ectopic beat
  [10, 'E'], // ventricular escape beat
  [11, 'j'], // nodal (junctional) escape beat
  [12, '/'], // paced beat
  [13, 'Q'], // unclassifiable beat
  [14, '~'], // change of signal quality
  [16, '|'], // isolated QRS-like artefact
  [18, 's'], // ST change
  [19, 'T'], // T wave change
  [20, '*'], // systole
  [21, 'D'], // diastole
  [22, '"'], // comment
  [23, '='], // measurement
  [24, 'p'], // P wave peak
  [25, 'B'], // left or right bundle branch block
  [26, '^'], // non-conducted pacer spike
  [27, 't'], // T wave peak
  [28, '+'], // rhythm change
  [29, 'u'], // U wave peak
  [30, '?'], // learning
  [31, '!'], // ventricular flutter wave
  [32, '['], // start of ventricular flutter or fibrillation
  [33, ']'], // end of ventricular flutter or fibrillation
  [34, 'e'], // atrial escape beat
  [35, 'n'], // supraventricular escape beat
  [36, '@'], // link to external data
  [37, 'x'], // non-conducted P wave
  [38, 'f'], // fusion of paced and normal beat
  [39, '('], // waveform onset
  [40, ')'], // waveform end
  [41, 'r'], // R-on-T premature ventricular contraction
])

const CODES: ReadonlyMap<string, number> = new Map([...SYMBOLS].map(([code, symbol]) => [symbol, code]))

/** A code without a symbol reads as its number in brackets, as the WFDB library prints it. */
export function symbolOf(code: number): string {
  return SYMBOLS.get(code) ?? `[${code}]`
}

/** null where no code stands for the symbol. */
export function codeOf(symbol: string): number | null {
  const known = CODES.get(symbol)
  if (known !== undefined) return known
  const code = Number(/^\[(\d{1,2})\]$/.exec(symbol)?.[1] ?? 0)
  return code > 0 && code < 59 && !SYMBOLS.has(code) ? code : null
}

/** Symbols that mark a heart beat (isqrs of the WFDB library). */
export const beatSymbols: ReadonlySet<string> = new Set('NLRaVFJASEj/QB?!enfr')
