/** The repository's rules about itself: what a file may be called, how long it may be, and that documents tell the truth. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const root = fileURLToPath(new URL('..', import.meta.url))

export const rooms = ['kernel', 'statistics', 'data', 'compute', 'models', 'bench', 'release', 'apps'] as const
export const longestFile = 400
export const longestReadme = 40
export const fullestFolder = 15

/** Files under version control that are there, or are about to be. */
export async function trackedFiles(): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await run('git', args, { cwd: root, maxBuffer: 2 ** 26 })
  return stdout.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)))
}

export function isFixture(file: string): boolean {
  return /(^|\/)fixtures\//.test(file)
}

export async function linesOf(file: string): Promise<number> {
  const text = await readFile(path.join(root, file), 'utf8')
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** Folder to the number of files that lie directly in it. */
export function filesPerFolder(files: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1)
  return counts
}

/** What is wrong with a source file's name, or null. */
export function namingFault(file: string): string | null {
  const parts = file.split('/')
  const name = parts.at(-1) ?? ''
  const stem = name.replace(/(\.(test|perf|e2e|config|d))?\.(ts|tsx|mjs|cjs)$/, '')
  if (
    parts.some(
      (part) =>
        /^(utils?|helpers?|common|misc|manager|lib)(\.|$)/.test(part) || /-(utils?|helpers?|manager)\./.test(part),
    )
  )
    return 'says nothing about what it holds'
  if (name.endsWith('.tsx') && /^([A-Z][A-Za-z0-9]*|[a-z][a-z0-9-]*)$/.test(stem)) return null
  if (!/^\.?[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(stem)) return 'is not kebab-case'
  return null
}

/** Something that a document claims to exist. */
export interface Claim {
  readonly kind: 'path' | 'script' | 'command' | 'problem'
  readonly name: string
}

/** The paths, commands and problem codes in a document's code spans and blocks, and the targets of its links. */
export function claimsOf(document: string, text: string): Claim[] {
  const claims: Claim[] = []
  const code = [...text.matchAll(/```[^\n]*\n(.*?)```|`([^`\n]+)`/gs)].map((match) => match[1] ?? match[2] ?? '')
  for (const span of code) {
    for (const [, name = ''] of span.matchAll(/\bnpm run ([a-z][\w:-]*)/g)) claims.push({ kind: 'script', name })
    for (const [, name = ''] of span.matchAll(/(?:^|[\s/])pilotbase ([a-z][a-z-]*)/g))
      claims.push({ kind: 'command', name })
    const [whole = ''] = span.trim().split(/\s/)
    if (/^(src|bin|tools|docs|recipes|weights|console|e2e)\/[\w./-]+$/.test(whole) && !/\b(NAME|NNNN)/.test(whole))
      claims.push({ kind: 'path', name: whole })
    if (new RegExp(`^(${rooms.join('|')}|cli)\\.[a-z0-9]+(-[a-z0-9]+)+$`).test(span))
      claims.push({ kind: 'problem', name: span })
  }
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
    if (!/^[a-z]+:/.test(target)) claims.push({ kind: 'path', name: path.join(path.dirname(document), target) })
  }
  return claims
}

/** What there is to be claimed: scripts of package.json, the program's commands, and the catalogue's codes. */
export async function truths(
  files: readonly string[],
): Promise<Record<'script' | 'command' | 'problem', ReadonlySet<string>>> {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { scripts: object }
  const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  const texts = new Map<string, string>()
  for (const file of sources) texts.set(file, await readFile(path.join(root, file), 'utf8'))
  const matches = (pattern: RegExp, within: (file: string) => boolean) =>
    [...texts]
      .filter(([file]) => within(file))
      .flatMap(([, text]) => [...text.matchAll(pattern)].map(([, name = '']) => name))
  return {
    script: new Set(Object.keys(scripts)),
    command: new Set(matches(/\.command\('([a-z][a-z-]*)/g, (file) => file.startsWith('src/cli/'))),
    problem: new Set(matches(/'([a-z]+\.[a-z0-9-]+)': \{/g, () => true)),
  }
}
