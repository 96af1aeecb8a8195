import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { AuditRow } from '../kernel/offline.ts'
import type { AuditReport } from '../kernel/offline.ts'
import { connect, exit, queryOf, Stop } from './base/client.ts'
import { language, words } from './base/language.ts'
import { fields, show, table } from './base/output.ts'
import { readable } from './base/read-file.ts'

export function auditCommand(program: Command): void {
  const audit = program
    .command('audit')
    .description('who did what: search the log, export it, verify an export without a base')
  audit
    .command('search')
    .description('who did what to which in the project, newest first')
    .option('--action <name>', 'such as snapshot.create')
    .option('--person <name>', 'name of who acted')
    .option('--before <row>', 'rows older than this one')
    .option('--limit <n>', 'how many at most, 500 or fewer', '50')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase audit search --action release.approve\n  pilotbase audit search --json',
    )
    .action(async (options: Record<string, string>, command: Command) => {
      const { action, person, before, limit } = options
      const found = await connect(command).get<{ rows: AuditRow[] }>(
        `./audit${queryOf({ action, person, before, limit })}`,
      )
      show(command, found, () => table(['row', 'at', 'who', 'did', 'to', 'outcome'], found.rows.map(rowWords)))
    })
  audit
    .command('export')
    .description('the whole sealed log as JSON lines, for those who verify it elsewhere (operators only)')
    .argument('<file>', 'file to write, or - for standard output')
    .addHelpText('after', '\nExample:\n  pilotbase audit export log.jsonl && pilotbase audit verify log.jsonl')
    .action(async (file: string, _options, command: Command) => {
      const answer = await connect(command).raw('audit/export')
      const body = Readable.fromWeb(answer.body as never)
      if (file === '-') return void (await pipeline(body, process.stdout, { end: false }))
      await pipeline(body, createWriteStream(file, { mode: 0o600 }))
      show(command, { file }, () => words(`Written to ${file}.`, `已写入 ${file}。`))
    })
  audit
    .command('verify')
    .description('whether an export is whole and unchanged; needs no base, and names the first row that does not fit')
    .argument('<export>', 'file that audit export wrote')
    .option('--keys <file>', 'keys that you trust (evidence keys); without them the export vouches for itself')
    .option('--head <row:hash>', 'a head that you noted from an earlier export; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase audit verify log.jsonl --keys base-keys.json\n  pilotbase audit verify log.jsonl --keys base-keys.json --head 1200:9f3c…\nExit code 0 only if everything holds.',
    )
    .action((file: string, options: { keys?: string; head: readonly string[] }, command: Command) =>
      verify(command, file, options),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

async function verify(
  command: Command,
  file: string,
  options: { keys?: string; head: readonly string[] },
): Promise<void> {
  const { verifyAudit } = await import('../kernel/offline.ts')
  const { readKeyRing } = await import('../kernel/offline.ts')
  const known = options.head.map(headOf)
  readable(file)
  const report = await verifyAudit(createReadStream(file, { highWaterMark: 1 << 20 }), {
    known,
    ...(options.keys === undefined ? {} : { ring: readKeyRing(readFileSync(readable(options.keys), 'utf8')) }),
  })
  const { refusal, ...rest } = report
  const refused = refusal === null ? null : { ...refusal, problem: refusal.problem.code, words: wordsOf(refusal) }
  show(command, { ...rest, refusal: refused }, () => described(report))
  if (refusal !== null) throw new Stop(`${file}: ${wordsOf(refusal)} [${refusal.problem.code}]`, exit.refused)
}

function headOf(text: string): { seq: number; hash: string } {
  const [, seq = '', hash = ''] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq !== '') return { seq: Number(seq), hash }
  throw new Stop(words(`--head needs ROW:HASH, not ${text}`, `--head 应为 行号:哈希，而不是 ${text}`), exit.call)
}

function wordsOf(refusal: NonNullable<AuditReport['refusal']>): string {
  const { title, fix } = refusal.problem.words(language)
  return `${title}. ${fix}`
}

function described(report: AuditReport): string {
  const verdict = report.ok
    ? words('Whole and unchanged.', '完整且未被改动。')
    : words(`Does not hold after row ${report.lastSeq}.`, `第 ${report.lastSeq} 行之后不成立。`)
  const note =
    report.keysFrom === 'file'
      ? words(
          '\nNo --keys were given: the export is only known to agree with itself, not whose it is.',
          '\n未给出 --keys：只能确认导出文件自身一致，不能确认其来源。',
        )
      : ''
  const rows = fields([
    ['log', report.log],
    ['rows verified', report.rows],
    ['of them withheld', report.withheld],
    ['seals verified', report.seals],
    ['not sealed yet', report.unsealed],
    ['exported at', report.exportedAt],
    ['head to note', report.headHash === null ? null : `${report.lastSeq}:${report.headHash}`],
  ])
  return `${verdict}\n${rows}${note}`
}

function rowWords(row: AuditRow): string[] {
  const target = [row.targetKind, row.targetId].filter((part) => part !== null).join(' ')
  const outcome = row.outcome === 'done' ? '' : `${row.outcome}: ${row.problem ?? ''}`
  return [row.id, row.at.slice(0, 19).replace('T', ' '), row.actorName ?? row.actorKind, row.action, target, outcome]
}
