import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Case, ListedCase } from '../../apps/contract.ts'
import { type BaseClient, connect, exit, pages, queryOf, Stop } from '../base/client.ts'
import { language, words } from '../base/language.ts'
import { fields, instant, show, table } from '../base/output.ts'
import { readable } from '../base/read-file.ts'
import { waitFor } from '../base/wait.ts'
import { findSnapshot } from '../data/manifest.ts'
import { recordFiles } from './record-pack.ts'

export function appsCommand(program: Command): void {
  const apps = program.command('apps').description('clinical applications: cases, findings, decisions')
  const cases = apps
    .command('cases')
    .description('cases of an application')
    .option('--app <id>', 'the application', 'ecg-interpretation')
  readCommands(cases)
  openCommand(cases)
  decideCommand(cases)
}

/** Address of the cases of the application that the call names. */
function pathOf(command: Command): string {
  const { app } = command.optsWithGlobals<{ app: string }>()
  return `./apps/${encodeURIComponent(app)}/cases`
}

function readCommands(cases: Command): void {
  cases
    .command('list')
    .description('the worklist, newest first')
    .option('--state <state>', 'open, refused, answered or decided')
    .option('--limit <n>', 'how many at most', '50')
    .action(async (options: { state?: string; limit: string }, command: Command) => {
      const path = `${pathOf(command)}${queryOf({ state: options.state })}`
      const found: ListedCase[] = []
      for await (const one of pages<ListedCase>(connect(command), path, 'cases', Number(options.limit))) found.push(one)
      const rows = found.map((one) => [
        one.id,
        one.state,
        one.topFinding === null ? '' : `${one.topFinding.severity}: ${one.topFinding.words[language].title}`,
        one.modelLabel,
        one.isSynthetic ? words('synthetic', '合成') : '',
        instant(one.createdAt),
      ])
      show(command, { cases: found }, () => table(['id', 'state', 'first finding', 'model', '', 'opened at'], rows))
    })
  cases
    .command('show')
    .description('one case with its findings and decisions')
    .argument('<case>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const found = await connect(command).get<Case>(`${pathOf(command)}/${id}`)
      show(command, found, () => described(found))
    })
  cases
    .command('report')
    .description('the page to print')
    .argument('<case>', 'id')
    .argument('<file>', 'file to write (.html)')
    .action(async (id: string, file: string, _options, command: Command) => {
      const page = await connect(command).raw(`${pathOf(command)}/${id}/report.html${queryOf({ lang: language })}`)
      writeFileSync(file, Buffer.from(await page.arrayBuffer()), { mode: 0o600 })
      show(command, { file }, () => words(`Written to ${file}.`, `已写入 ${file}。`))
    })
}

interface OpenOptions {
  readonly snapshot?: string
  readonly subject?: string
  readonly release?: string
  readonly site?: string
  readonly wait?: boolean
}

function openCommand(cases: Command): void {
  cases
    .command('open')
    .description('open a case of a recording; the released model answers')
    .argument('<recording>', 'with --snapshot its path there; otherwise a WFDB header (.hea) or an EDF file here')
    .option('--snapshot <snapshot>', 'id, digest or name')
    .option('--subject <code>', 'a code of the site’s own; never a patient number or a name')
    .option('--release <id>', 'a release in shadow or pilot; the live one where left out')
    .option('--site <site>', 'needed where several sites have a live release')
    .option('--wait', 'stay until it is answered or refused: exit code 1 if refused')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase apps cases open s0001 --snapshot made-up --wait --as clinician\n  pilotbase apps cases open ./s0001.hea --wait --as clinician',
    )
    .action(async (recording: string, options: OpenOptions, command: Command) => {
      const base = connect(command)
      const path = pathOf(command)
      const opened = await (options.snapshot === undefined
        ? upload(base, path, recording, options)
        : base.send<Opened>('POST', path, {
            snapshot: (await findSnapshot(base, options.snapshot)).digest,
            record: recording,
            ...commonOf(options),
          }))
      if (options.wait === true) return waitForCase(command, base, `${path}/${opened.id}`)
      show(command, opened, () => words(`Opened as ${opened.id}.`, `已建立病例 ${opened.id}。`))
    })
}

interface Opened {
  readonly id: string
  readonly state: string
}

function commonOf({ subject, release: releaseId, site }: OpenOptions): Record<string, string> {
  const given = { subject, releaseId, site }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

async function upload(base: BaseClient, path: string, recording: string, options: OpenOptions): Promise<Opened> {
  const form = new FormData()
  for (const [name, value] of Object.entries(commonOf(options))) form.set(name, value)
  const files = recording.endsWith('.hea') ? recordFiles(recording) : [recording]
  for (const file of files) form.append('files', new Blob([readFileSync(readable(file))]), basename(file))
  const answer = await base.raw(`${path}/upload`, { method: 'POST', body: form })
  return (await answer.json()) as Opened
}

async function waitForCase(command: Command, base: BaseClient, path: string): Promise<void> {
  const found = await waitFor(
    command,
    () => base.get<Case>(path),
    ({ id, state }) => ({ isOver: state !== 'open', words: `${id} ${state}` }),
  )
  show(command, found, () => described(found))
  if (found.refusal === null) return
  const { title, fix } = found.refusal[language]
  throw new Stop(`${title}. ${fix} [${found.refusal.code}]`, exit.refused)
}

function decideCommand(cases: Command): void {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  cases
    .command('decide')
    .description('accept or reject each finding, in your own name; edits and corrections are made in the console')
    .argument('<case>', 'id')
    .option('--accept-all', 'every finding stands as proposed')
    .option('--reject <code>', 'reject the finding of this code and accept the others; may be repeated', collect, [])
    .option('--note <text>', 'what else is to be said', '')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase apps cases decide 7be1… --accept-all --as clinician\n  pilotbase apps cases decide 7be1… --reject pause --note "movement" --as clinician',
    )
    .action(async (id: string, options: { acceptAll?: boolean; reject: string[]; note: string }, command: Command) => {
      if ((options.acceptAll === true) === options.reject.length > 0)
        throw new Stop(words('Give --accept-all, or --reject CODE', '请给出 --accept-all 或 --reject 编码'), exit.call)
      const base = connect(command)
      const path = `${pathOf(command)}/${id}`
      const { revision, findings } = await base.get<Case>(path)
      const strange = options.reject.find((code) => !findings.some((one) => one.code === code))
      if (strange !== undefined) {
        const there = findings.map((one) => one.code).join(', ')
        throw new Stop(
          words(`The case has no finding ${strange}; it has ${there}`, `该病例没有所见 ${strange}；有 ${there}`),
          exit.call,
        )
      }
      const given = findings.map((one) => ({
        id: one.id,
        verdict: options.reject.includes(one.code) ? 'reject' : 'accept',
      }))
      const decided = await base.send<Case>('POST', `${path}/decisions`, {
        revision,
        findings: given,
        note: options.note,
      })
      show(command, decided, () => described(decided))
    })
}

function described(found: Case): string {
  const head = fields([
    ['id', found.id],
    ['state', found.state],
    ['model', `${found.modelLabel}, ${found.stage}`],
    ['input', `${found.input.name} (${found.input.origin})`],
    ['marks', [...(found.isSynthetic ? ['synthetic'] : []), ...(found.isDemo ? ['demo'] : [])].join(', ') || null],
    ['opened', instant(found.createdAt)],
    [
      'withheld',
      found.isWithheld
        ? words('yes: in shadow the answer is kept and not shown', '是：影子阶段只保存结果，不予显示')
        : 'no',
    ],
    ['refused', found.refusal === null ? null : `${found.refusal[language].title} [${found.refusal.code}]`],
  ])
  const rows = found.findings.map((one) => [
    String(one.rank),
    one.severity,
    one.words[language].title,
    one.sureness,
    one.state,
    one.code,
  ])
  const decisions = found.decisions.map(
    (one) => `${instant(one.decidedAt)} ${one.decidedBy.name ?? ''}: ${one.outcome} ${one.note}`,
  )
  const limits = found.limits[language].map((limit) => `· ${limit}`)
  return [
    head,
    ...(rows.length === 0 ? [] : [table(['', 'severity', 'finding', 'sure', 'state', 'code'], rows)]),
    ...decisions,
    ...limits,
  ].join('\n')
}
