import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { Approval, Gate, Move, Release } from '../../release/contract.ts'
import type { Version } from '../../models/contract.ts'
import { type BaseClient, connect, exit, pages, Stop } from '../base/client.ts'
import { language, words } from '../base/language.ts'
import { fields, instant, show, table } from '../base/output.ts'

const stagesAfter: Readonly<Record<string, string>> = { proposed: 'shadow', shadow: 'pilot', pilot: 'live' }

export function releaseCommand(program: Command): void {
  const release = program.command('release').description('take versions to a ward through gates and approvals')
  release
    .command('propose')
    .description('propose a version for one purpose at one site')
    .argument('<model>', 'name')
    .argument('<version>', 'label, alias or id')
    .requiredOption('--purpose <text>', 'what for; an application asks for it by this name')
    .requiredOption('--site <text>', 'where, such as the ward')
    .requiredOption('--scope <text>', 'population, devices and settings in which it may be used')
    .requiredOption('--reason <text>', 'why')
    .action(async (model: string, key: string, options: Record<string, string>, command: Command) => {
      const base = connect(command)
      const version = (await base.get<Version>(`./models/${model}/versions/${key}`)).id
      const { purpose, site, scope, reason } = options
      const made = await base.send<Release>('POST', './releases', { version, purpose, site, scope, reason })
      show(command, made, () => described(made))
    })
  readCommands(release)
  approvalCommands(release)
  moveCommands(release)
  release
    .command('dossier')
    .description('every statement behind a release’s version, signed as a whole, to verify offline')
    .argument('<release>', 'id of the release')
    .argument('<file>', 'file to write; .html gives the page to read, in the language of this terminal')
    .addHelpText(
      'after',
      '\nExample:\n  pilotbase release dossier 3f0c… dossier.json\n  pilotbase evidence verify dossier.json --keys base-keys.json',
    )
    .action(async (id: string, file: string, _options, command: Command) => {
      const base = connect(command)
      const { versionId } = await base.get<Release>(`./releases/${id}`)
      const kind = file.endsWith('.html') ? 'html' : 'json'
      const answer = await base.raw(`./versions/${versionId}/dossier.${kind}`)
      await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file))
      show(command, { file, versionId }, () => words(`Written to ${file}.`, `已写入 ${file}。`))
    })
}

function readCommands(release: Command): void {
  release
    .command('list')
    .description('releases, newest first')
    .action(async (_options, command: Command) => {
      const releases = await Array.fromAsync(pages<Release>(connect(command), './releases', 'releases'))
      const rows = releases.map((one) => [
        one.id,
        `${one.model} ${one.label}`,
        one.purpose,
        one.site,
        one.state,
        instant(one.proposedAt),
      ])
      show(command, { releases }, () => table(['id', 'version', 'purpose', 'site', 'stage', 'proposed at'], rows))
    })
  release
    .command('show')
    .description('one release: how it went, and who decided what')
    .argument('<release>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const base = connect(command)
      const one = await base.get<Release>(`./releases/${id}`)
      const { moves } = await base.get<{ moves: Move[] }>(`./releases/${id}/history`)
      const { approvals } = await base.get<{ approvals: Approval[] }>(`./releases/${id}/approvals`)
      show(command, { ...one, moves, approvals }, () => {
        const story = [
          ...moves.map((each) => ({
            at: each.movedAt,
            row: [each.movedByName ?? '', '', `→ ${each.to}`, each.reason],
          })),
          ...approvals.map((each) => ({
            at: each.decidedAt,
            row: [each.person, each.organisation ?? '', `${each.decision} ${each.to}`, each.reason],
          })),
        ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
        const rows = story.map(({ at, row }) => [instant(at), ...row])
        return `${described(one)}\n\n${table(['at', 'who', 'of', 'did', 'why'], rows)}`
      })
    })
  release
    .command('gate')
    .description('what the next stage asks for, and what is still lacking; exit code 1 while it is shut')
    .argument('<release>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const gate = await connect(command).get<Gate>(`./releases/${id}/gate`)
      show(command, gate, () => {
        const mark = { pass: '✓', fail: '✗', 'not-assessed': '?' }
        const rows = gate.checks.map((one) => [
          mark[one.outcome],
          one.title[language],
          one.required[language],
          one.observed?.[language] ?? '–',
        ])
        return `${gate.from} → ${gate.to}: ${gate.outcome}\n${table(['', 'check', 'asked for', 'found'], rows)}`
      })
      if (gate.outcome === 'shut')
        throw new Stop(words(`The gate to ${gate.to} is shut`, `通往 ${gate.to} 的关口未开`), exit.refused)
    })
}

function approvalCommands(release: Command): void {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  for (const [verb, decision] of [
    ['approve', 'approved'],
    ['refuse', 'refused'],
  ] as const) {
    release
      .command(verb)
      .description(`${verb} the next stage, in your own name`)
      .argument('<release>', 'id')
      .requiredOption('--reason <text>', 'why')
      .option('--to <stage>', 'the stage that you decided on; the next one where left out')
      .option('--condition <text>', 'under which; may be repeated', collect, [])
      .addHelpText(
        'after',
        `\nExample:\n  pilotbase release ${verb} 3f0c… --reason "read the dossier" --as approver-hospital`,
      )
      .action(async (id: string, options: { reason: string; to?: string; condition: string[] }, command: Command) => {
        const base = connect(command)
        const to = options.to ?? (await nextStage(base, id))
        const body = { to, decision, conditions: options.condition, reason: options.reason }
        const list = await base.send<{ approvals: Approval[] }>('POST', `./releases/${id}/approvals`, body)
        const rows = list.approvals.map((one) => [one.person, one.organisation ?? '', one.decision, one.to, one.reason])
        show(command, list, () => table(['who', 'of', 'decided', 'on', 'why'], rows))
      })
  }
}

function moveCommands(release: Command): void {
  release
    .command('advance')
    .description('take a release through its next gate')
    .argument('<release>', 'id')
    .requiredOption('--reason <text>', 'why')
    .option('--to <stage>', 'the stage; the next one where left out')
    .action(async (id: string, options: { reason: string; to?: string }, command: Command) => {
      const base = connect(command)
      const to = options.to ?? (await nextStage(base, id))
      const moved = await base.send<Release>('POST', `./releases/${id}/advance`, { to, reason: options.reason })
      show(command, moved, () => described(moved))
    })
  release
    .command('withdraw')
    .description('take a release out of use, at once')
    .argument('<release>', 'id')
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, options: { reason: string }, command: Command) => {
      const moved = await connect(command).send<Release>('POST', `./releases/${id}/withdraw`, {
        reason: options.reason,
      })
      show(command, moved, () => described(moved))
    })
}

async function nextStage(base: BaseClient, id: string): Promise<string> {
  const { state } = await base.get<Release>(`./releases/${id}`)
  const next = stagesAfter[state]
  if (next !== undefined) return next
  throw new Stop(words(`The release is ${state}; nothing follows`, `该发布为 ${state}，没有下一阶段`), exit.refused)
}

function described(release: Release): string {
  return fields([
    ['id', release.id],
    ['version', `${release.model} ${release.label}`],
    ['weights', release.weightsDigest],
    ['purpose', release.purpose],
    ['site', release.site],
    ['scope', release.scope],
    ['stage', release.state],
    ['rules', `version ${release.policyVersion}`],
    ['marks', [...(release.synthetic ? ['synthetic'] : []), ...(release.demo ? ['demo'] : [])].join(', ') || null],
    ['proposed', instant(release.proposedAt)],
  ])
}
