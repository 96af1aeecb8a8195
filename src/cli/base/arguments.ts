import { exit, Stop } from './client.ts'
import { words } from './language.ts'

/** A number from the command line, within its bounds. */
export function numberOf(value: string, option: string, least: number, most: number): number {
  const number = Number(value)
  if (value.trim() !== '' && number >= least && number <= most) return number
  throw wrong(value, option, `${least}–${most}`)
}

export function wholeNumber(value: string, option: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const number = numberOf(value, option, least, most)
  if (Number.isSafeInteger(number)) return number
  throw wrong(value, option, '1, 2, 3…')
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30, t: 2 ** 40 }

/** `512`, `200M`, `2GiB` → bytes. Units are powers of 1024. */
export function sizeOf(value: string, option: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(value.trim()) ?? []
  if (number === '') throw wrong(value, option, '200M, 2G')
  return Math.round(Number(number) * (unitBytes[unit.toLowerCase()] ?? 1))
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `30m`, `2h` → milliseconds; a bare number is seconds. */
export function durationOf(value: string, option: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/i.exec(value.trim()) ?? []
  if (number === '') throw wrong(value, option, '90s, 30m, 2h')
  return Math.round(Number(number) * (unitMs[unit.toLowerCase()] ?? 1000))
}

function wrong(value: string, option: string, expected: string): Stop {
  return new Stop(
    words(`${option} cannot be ${value}; expected ${expected}`, `${option} 不能为 ${value}；应为 ${expected}`),
    exit.call,
  )
}
