import type { Command } from 'commander'
import type { GlobalOptions } from './client.ts'

/** Prints a value for the one who asked: as JSON on one line with `--json`, otherwise in words. */
export function show(command: Command, value: unknown, words: () => string): void {
  const { json = false } = command.optsWithGlobals<GlobalOptions>()
  write(command, `${json ? JSON.stringify(value) : words()}\n`)
}

/** Text as it is, on standard output. */
export function write(command: Command, text: string): void {
  command.configureOutput().writeOut?.(text)
}

/** Progress of long work, on standard error so that it never mixes with a result. */
export function tell(command: Command, line: string): void {
  command.configureOutput().writeErr?.(`${line}\n`)
}

/** Rows as columns, each as wide as its widest cell. CJK characters take two columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, c) => Math.max(...all.map((row) => width(row[c] ?? ''))))
  return all
    .map((row) =>
      row
        .map((cell, c) => cell + ' '.repeat((widths[c] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values, one a line, values aligned; what is null is shown as a dash. */
export function fields(rows: readonly (readonly [name: string, value: string | number | boolean | null])[]): string {
  const widest = Math.max(...rows.map(([name]) => width(name)))
  return rows.map(([name, value]) => `${name}${' '.repeat(widest - width(name) + 2)}${value ?? '–'}`).join('\n')
}

function width(text: string): number {
  let columns = 0
  for (const character of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1
  return columns
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** An instant to the minute, UTC. */
export function instant(iso: string | null): string {
  return iso === null ? '–' : `${iso.slice(0, 16).replace('T', ' ')}Z`
}

export function duration(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
