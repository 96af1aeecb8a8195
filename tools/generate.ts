/**
 * Writes docs/problems.md and docs/openapi.json from the program itself; with --check it only compares, and ends with 1
 * where they differ. A whole base is started on an empty database, since the routes exist only then.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { allProblems, configSchema, openLog, type ProblemRow } from '../src/kernel/index.ts'
import { testDatabase } from '../src/kernel/database/server/testing.ts'
import { openBase } from '../src/main.ts'
import { rooms } from './house.ts'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))

const written: Readonly<Record<string, string>> = {
  'problems.md': problemsPage(allProblems()),
  'openapi.json': await openapi(),
}
for (const [name, text] of Object.entries(written)) {
  const file = path.join(docs, name)
  if (!process.argv.includes('--check')) await writeFile(file, text)
  else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`docs/${name} is not what the program says; to write it anew: node tools/generate.ts`)
    process.exitCode = 1
  }
}

async function openapi(): Promise<string> {
  const data = await mkdtemp(path.join(tmpdir(), 'pilotbase-generate-'))
  const { url: databaseUrl, drop } = await testDatabase()
  try {
    const base = await openBase(configSchema.parse({ data, databaseUrl, port: 0, demo: false }), openLog('silent'))
    try {
      const answer = await fetch(`${base.address}/api/openapi.json`)
      if (!answer.ok) throw new Error(`the base answers ${answer.status} for its own description`)
      return `${JSON.stringify(sorted(await answer.json()), null, 1)}\n`
    } finally {
      await base.stop()
    }
  } finally {
    await drop()
    // Under root a base keeps its attempts beside the clusters, by the name of its data folder.
    for (const folder of [data, path.join('/var/lib/pilotbase/attempts', data.replaceAll('/', '_'))])
      await rm(folder, { recursive: true, force: true })
  }
}

/** Members in the order of their names, so that the file changes only where the contract does. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}

function problemsPage(problems: ReadonlyMap<string, ProblemRow>): string {
  const codes = [...problems.keys()].sort()
  const known: readonly string[] = rooms
  const of = (room: string) => codes.filter((code) => code.startsWith(`${room}.`))
  const others = [...new Set(codes.map((code) => code.slice(0, code.indexOf('.'))))].filter(
    (one) => !known.includes(one),
  )
  const sections = [...rooms, ...others].filter((room) => of(room).length > 0).map((room) => section(room, of(room)))
  return [
    '# Problems',
    '',
    'Every refusal that the program foresees; made from the catalogue by `node tools/generate.ts`. Words in braces are filled in.',
    '"Again" says that the same request may succeed later without a change.',
    '',
    ...sections,
  ].join('\n')

  function section(room: string, own: readonly string[]): string {
    const rows = own.map((code) => problemRow(code, problems.get(code)))
    return [
      `## ${room}`,
      '',
      '| code | status | again | what, and what to do | 说明与处理 |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n')
  }
}

function problemRow(code: string, row: ProblemRow | undefined): string {
  if (row === undefined) throw new Error(`${code} is in no row of the catalogue`)
  const { status, retry, en, zh } = row
  const cells = [
    `\`${code}\``,
    status,
    retry ? 'yes' : 'no',
    `**${en.title}.** ${en.fix}`,
    `**${zh.title}。**${zh.fix}`,
  ]
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
