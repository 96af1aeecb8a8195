/** Reads every import of the tree and holds it against `.dependency-cruiser.cjs`. Run as a program it reports and fails. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

export interface Cruise {
  /** Source file to the files and packages that it imports, types included. */
  readonly imports: ReadonlyMap<string, readonly string[]>
  readonly violations: readonly Violation[]
}

interface Report {
  readonly modules: readonly {
    readonly source: string
    readonly dependencies: readonly { readonly resolved: string }[]
  }[]
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string }
      readonly from: string
      readonly to: string
    }[]
  }
}

const folders = ['src', 'tools', 'console', 'e2e']

/** Cruises the sources that lie in `base`, by default the repository. */
export async function cruise(base: string = root): Promise<Cruise> {
  const program = path.join(root, 'node_modules', '.bin', 'depcruise')
  const config = path.join(root, '.dependency-cruiser.cjs')
  const there = folders.filter((folder) => existsSync(path.join(base, folder)))
  const args = [program, '--config', config, '--output-type', 'json', ...there]
  const { stdout } = await run(process.execPath, args, { cwd: base, maxBuffer: 2 ** 28 })
  const report = JSON.parse(stdout) as Report
  return {
    imports: new Map(
      report.modules.map(({ source, dependencies }) => [source, dependencies.map(({ resolved }) => resolved)]),
    ),
    violations: firstOfEach(report.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))),
  }
}

/** A rule about all that a file reaches names everything behind the one wrong import; the first says enough. */
function firstOfEach(violations: readonly Violation[]): Violation[] {
  const seen = new Set<string>()
  return violations.filter(({ rule, from }) => {
    if (!/-(reaches-nothing|is-for-browsers)$/.test(rule)) return true
    const isNew = !seen.has(`${rule} ${from}`)
    seen.add(`${rule} ${from}`)
    return isNew
  })
}

/** TypeScript sources under version control, in the folders that are cruised. */
export async function trackedSources(): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '-z', '--', ...folders], { cwd: root, maxBuffer: 2 ** 26 })
  const isSource = (file: string) => /\.tsx?$/.test(file) && !file.includes('/fixtures/')
  return stdout.split('\0').filter((file) => isSource(file) && existsSync(path.join(root, file)))
}

/** The sources whose text imports one of our own files: what a cruise that reads them must have seen. */
export async function importingSources(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, file), 'utf8')))
  return files.filter((_, at) => /^(import|export)\b[^;'"]*\bfrom '\.\.?\//m.test(texts[at] ?? ''))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { imports, violations } = await cruise()
  for (const { rule, from, to } of violations) console.error(`${rule}: ${from} imports ${to}`)
  console.log(`${imports.size} modules read, ${violations.length} forbidden imports`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
