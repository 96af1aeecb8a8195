import type { Subject } from '../recording.ts'
import { quoted } from '../text.ts'
import { problem } from './problems.ts'

export interface EdfSignal {
  readonly label: string
  readonly unit: string
  readonly physicalMin: number
  readonly physicalMax: number
  readonly digitalMin: number
  readonly digitalMax: number
  readonly prefilter: string
  readonly samplesPerRecord: number
  /** From the start of a data record. */
  readonly byteOffset: number
  readonly isAnnotations: boolean
}

export interface EdfHeader {
  readonly file: string
  /** 2 in EDF, 3 in BDF. */
  readonly sampleBytes: 2 | 3
  /** Plain EDF and BDF, or EDF+/BDF+ with records that follow each other, or with gaps between them. */
  readonly kind: 'plain' | 'continuous' | 'discontinuous'
  readonly headerBytes: number
  readonly recordBytes: number
  /** null: not known when the header was written (-1). */
  readonly records: number | null
  readonly recordSeconds: number
  /** YYYY-MM-DDTHH:MM:SS by the clock of the recorder; null where it was taken out ("00.00.00"). */
  readonly startAt: string | null
  readonly subject: Subject
  readonly signals: readonly EdfSignal[]
}

export const FIXED_BYTES = 256
const SIGNAL_BYTES = 256
const MOST_SIGNALS = 4096
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** The version field of BDF has a first byte that no text has. */
export function versionOf(bytes: Uint8Array): 'edf' | 'bdf' | null {
  const version = latin1(bytes.subarray(0, 8))
  if (version.length < 8) return null
  if (version === '\u00ffBIOSEMI') return 'bdf'
  return version.trimEnd() === '0' ? 'edf' : null
}

/** How many bytes the header has, from its first 256. */
export function headerSize(bytes: Uint8Array, file: string): number {
  if (bytes.length < FIXED_BYTES) {
    throw problem('data.edf-header-cut', { file, offset: bytes.length, neededBytes: FIXED_BYTES })
  }
  const field = fieldsOf(bytes, file)
  if (versionOf(bytes) === null) throw field.bad(0, 8, 'version')
  const count = field.whole(252, 4, 'number of signals')
  if (count > MOST_SIGNALS) throw field.bad(252, 4, 'number of signals')
  const size = FIXED_BYTES + count * SIGNAL_BYTES
  if (field.whole(184, 8, 'number of bytes in the header') !== size) {
    throw field.bad(184, 8, 'number of bytes in the header')
  }
  return size
}

/** Parses the whole header: EDF (Kemp et al. 1992), EDF+ (Kemp and Olivan 2003), BDF (BioSemi). */
export function parseHeader(bytes: Uint8Array, file: string): EdfHeader {
  const headerBytes = headerSize(bytes, file)
  if (bytes.length < headerBytes) {
    throw problem('data.edf-header-cut', { file, offset: bytes.length, neededBytes: headerBytes })
  }
  const field = fieldsOf(bytes, file)
  const isBdf = versionOf(bytes) === 'bdf'
  const sampleBytes = isBdf ? 3 : 2
  const plus = /^[EB]DF\+([CD])/.exec(field.text(192, 44))
  const recordsText = field.text(236, 8)
  const recordSeconds = field.number(244, 8, 'duration of a data record')
  const count = (headerBytes - FIXED_BYTES) / SIGNAL_BYTES
  /** Columns of the signal part: each field of all signals, then the next field of all. */
  const column = (index: number, before: number, width: number) => FIXED_BYTES + count * before + index * width
  let byteOffset = 0
  const signals = Array.from({ length: count }, (_, i): EdfSignal => {
    const label = field.text(column(i, 0, 16), 16)
    const samplesPerRecord = field.whole(column(i, 216, 8), 8, 'number of samples in a data record')
    const isAnnotations = plus !== null && /^[EB]DF Annotations$/.test(label)
    const digitalMin = field.number(column(i, 120, 8), 8, 'digital minimum')
    const digitalMax = field.number(column(i, 128, 8), 8, 'digital maximum')
    if (!isAnnotations && digitalMax <= digitalMin) throw field.bad(column(i, 128, 8), 8, 'digital maximum')
    if (samplesPerRecord < 1) throw field.bad(column(i, 216, 8), 8, 'number of samples in a data record')
    const signal = {
      label,
      unit: field.text(column(i, 96, 8), 8),
      physicalMin: field.number(column(i, 104, 8), 8, 'physical minimum'),
      physicalMax: field.number(column(i, 112, 8), 8, 'physical maximum'),
      digitalMin,
      digitalMax,
      prefilter: field.text(column(i, 136, 80), 80),
      samplesPerRecord,
      byteOffset,
      isAnnotations,
    }
    byteOffset += samplesPerRecord * sampleBytes
    return signal
  })
  if (signals.every(({ isAnnotations }) => isAnnotations)) throw problem('data.edf-no-signals', { file })
  if (!(recordSeconds > 0)) throw field.bad(244, 8, 'duration of a data record')
  const startDate = dateOf(field.text(88, 80), field.text(168, 8), plus !== null)
  const clock = /^([01]\d|2[0-3])[.:]([0-5]\d)[.:]([0-5]\d)$/.exec(field.text(176, 8))
  return {
    file,
    sampleBytes,
    kind: plus === null ? 'plain' : plus[1] === 'D' ? 'discontinuous' : 'continuous',
    headerBytes,
    recordBytes: byteOffset,
    records: recordsText === '-1' ? null : field.whole(236, 8, 'number of data records'),
    recordSeconds,
    startAt: startDate === null || clock === null ? null : `${startDate}T${clock[1]}:${clock[2]}:${clock[3]}`,
    subject: plus === null ? { ageYears: null, sex: null } : subjectOf(field.text(8, 80), startDate),
    signals,
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function fieldsOf(bytes: Uint8Array, file: string) {
  const text = (offset: number, width: number) => latin1(bytes.subarray(offset, offset + width)).trim()
  const bad = (offset: number, width: number, field: string) =>
    problem('data.edf-header-field', { file, offset, field, value: quoted(text(offset, width)) })
  return {
    text,
    bad,
    whole(offset: number, width: number, field: string): number {
      const found = text(offset, width)
      if (!/^\d{1,8}$/.test(found)) throw bad(offset, width, field)
      return Number(found)
    },
    number(offset: number, width: number, field: string): number {
      const found = text(offset, width)
      if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(found)) throw bad(offset, width, field)
      const value = Number(found)
      if (!Number.isFinite(value)) throw bad(offset, width, field)
      return value
    },
  }
}

/** EDF+ has the year in full; EDF only its end: 85 to 99 is 19.., the rest 20... YYYY-MM-DD, or null. */
function dateOf(recording: string, short: string, isPlus: boolean): string | null {
  const full = isPlus ? /^Startdate (\d{2}-[A-Z]{3}-\d{4})\b/.exec(recording)?.[1] : undefined
  if (full !== undefined) return longDate(full)
  const parts = /^(\d{2})[.](\d{2})[.](\d{2})$/.exec(short)
  if (parts === null) return null
  const [, day = '', month = '', year = ''] = parts
  return calendarDate(`${Number(year) >= 85 ? '19' : '20'}${year}`, month, day)
}

/** dd-MMM-yyyy */
function longDate(text: string): string | null {
  const parts = /^(\d{2})-([A-Z]{3})-(\d{4})$/.exec(text)
  if (parts === null) return null
  const [, day = '', name = '', year = ''] = parts
  return calendarDate(year, String(MONTHS.indexOf(name) + 1).padStart(2, '0'), day)
}

function calendarDate(year: string, month: string, day: string): string | null {
  const longest = [31, Number(year) % 4 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0
  return Number(day) >= 1 && Number(day) <= longest ? `${year}-${month}-${day}` : null
}

/** EDF+: "code sex birthdate name"; 'X' for what is not told. Name and code are not taken up. */
function subjectOf(patient: string, startDate: string | null): Subject {
  const [, sex, birth] = patient.split(' ')
  const born = longDate(birth ?? '')
  const isSexTold = sex === 'F' || sex === 'M'
  return {
    ageYears: born === null || startDate === null ? null : yearsBetween(born, startDate),
    sex: isSexTold ? sex : null,
  }
}

/** Completed years; null where the dates are in the wrong order. */
function yearsBetween(born: string, day: string): number | null {
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(5) < born.slice(5) ? 1 : 0)
  return years >= 0 ? years : null
}
