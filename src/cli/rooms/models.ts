import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { EcgAnswer, Model, ModelCard, ServedDeployment, Version, VersionDetail } from '../../models/contract.ts'
import { wholeNumber } from '../base/arguments.ts'
import { connect, exit, pages, Stop } from '../base/client.ts'
import { language, words } from '../base/language.ts'
import { fields, instant, show, table } from '../base/output.ts'
import { readable } from '../base/read-file.ts'
import { waitFor } from '../base/wait.ts'
import { findSnapshot } from '../data/manifest.ts'
import { recordPack } from './record-pack.ts'

export function modelsCommand(program: Command): void {
  const models = program.command('models').description('register versions of models, deploy them and ask them')
  readCommands(models)
  changeCommands(models)
  deploymentCommands(models)
  askCommands(models)
}

function readCommands(models: Command): void {
  models
    .command('list')
    .description('models with where their aliases stand; with a name, its versions, newest first')
    .argument('[model]', 'name')
    .action(async (model: string | undefined, _options, command: Command) => {
      const base = connect(command)
      if (model === undefined) {
        const found = await Array.fromAsync(pages<Model>(base, './models', 'models'))
        const rows = found.map((one) => [
          one.slug,
          one.title,
          String(one.versions),
          one.aliases.map(({ alias, label }) => `${alias}=${label}`).join(' '),
        ])
        return show(command, { models: found }, () => table(['model', 'title', 'versions', 'aliases'], rows))
      }
      const versions = await Array.fromAsync(pages<Version>(base, `./models/${model}/versions`, 'versions'))
      const rows = versions.map((one) => [
        one.label,
        one.id,
        one.kind,
        one.aliases.join(' '),
        one.weightsDigest.slice(0, 12),
        instant(one.createdAt),
      ])
      show(command, { versions }, () => table(['version', 'id', 'kind', 'aliases', 'weights', 'made at'], rows))
    })
  models
    .command('show')
    .description('one version with its card')
    .argument('<model>', 'name')
    .argument('<version>', 'label, alias or id')
    .action(async (model: string, key: string, _options, command: Command) => {
      const version = await connect(command).get<VersionDetail>(`./models/${model}/versions/${key}`)
      show(command, version, () => described(version))
    })
}

function changeCommands(models: Command): void {
  models
    .command('register')
    .description('register the weights folder of a snapshot as an immutable, signed version')
    .argument('<model>', 'name; made where it is new')
    .argument('<snapshot>', 'id, digest or name')
    .requiredOption('--label <label>', 'three numbers, such as 1.0.0')
    .option('--title <title>', 'of the model, where this is its first version')
    .option('--card <file>', 'card.json, where the weights folder has none')
    .option('--job <id>', 'the training job that made the weights')
    .addHelpText(
      'after',
      '\nExample:\n  pilotbase data add ./weights --name ecg-weights --source "job 0a1b…" --licence Apache-2.0\n  pilotbase models register ecg ecg-weights --label 1.1.0 --job 0a1b…',
    )
    .action(async (model: string, key: string, options: Record<string, string>, command: Command) => {
      const base = connect(command)
      const { label, title, card, job: trainingJobId } = options
      const snapshot = (await findSnapshot(base, key)).digest
      const body = {
        label,
        snapshot,
        ...(title === undefined ? {} : { title }),
        ...(trainingJobId === undefined ? {} : { trainingJobId }),
        ...(card === undefined ? {} : { card: JSON.parse(readFileSync(readable(card), 'utf8')) as ModelCard }),
      }
      const version = await base.send<VersionDetail>('POST', `./models/${model}/versions`, body)
      show(command, version, () => described(version))
    })
  models
    .command('alias')
    .description('point an alias at a version')
    .argument('<model>', 'name')
    .argument('<alias>', 'such as candidate')
    .argument('<version>', 'label, alias or id')
    .option('--reason <text>', 'why')
    .action(async (model: string, alias: string, version: string, options: { reason?: string }, command: Command) => {
      const moved = await connect(command).send<Version>('POST', `./models/${model}/aliases/${alias}`, {
        version,
        ...options,
      })
      show(command, moved, () =>
        words(`${alias} is ${model} ${moved.label} now.`, `${alias} 现指向 ${model} ${moved.label}。`),
      )
    })
}

function deploymentCommands(models: Command): void {
  models
    .command('deployments')
    .description('deployments, newest first, stopped ones among them')
    .action(async (_options, command: Command) => {
      const found = await Array.fromAsync(pages<ServedDeployment>(connect(command), './deployments', 'deployments'))
      const rows = found.map((one) => [
        one.name,
        `${one.model} ${one.label}`,
        one.state,
        String(one.replicas),
        one.reason?.[language] ?? '',
      ])
      show(command, { deployments: found }, () => table(['name', 'version', 'state', 'replicas', ''], rows))
    })
  models
    .command('deploy')
    .description('make a version callable')
    .argument('<model>', 'name')
    .argument('<version>', 'label, alias or id')
    .requiredOption('--name <name>', 'by which it is called')
    .option('--replicas <n>', 'requests at the same time', (value) => wholeNumber(value, '--replicas', 1, 16), 1)
    .option('--wait', 'stay until it is ready: exit code 1 if it gets worse')
    .addHelpText(
      'after',
      '\nExample:\n  pilotbase models deploy ecg 1.0.0 --name ecg --wait && pilotbase models ecg ecg ./s0001.hea',
    )
    .action(
      async (
        model: string,
        version: string,
        options: { name: string; replicas: number; wait?: boolean },
        command: Command,
      ) => {
        const base = connect(command)
        const { name, replicas } = options
        let deployed = await base.send<ServedDeployment>('POST', './deployments', { model, version, name, replicas })
        if (options.wait === true) {
          deployed = await waitFor(
            command,
            () => base.get<ServedDeployment>(`./deployments/${deployed.id}`),
            ({ state }) => ({ isOver: state !== 'pending', words: `${name} ${state}` }),
          )
        }
        show(command, deployed, () =>
          words(
            `${name}: ${model} ${deployed.label}, ${deployed.state}`,
            `${name}：${model} ${deployed.label}，${deployed.state}`,
          ),
        )
        if (deployed.state === 'degraded') throw new Stop(deployed.reason?.[language] ?? deployed.state, exit.refused)
      },
    )
  models
    .command('stop')
    .description('stop a deployment for good')
    .argument('<deployment>', 'name or id')
    .action(async (key: string, _options, command: Command) => {
      const stopped = await connect(command).send<ServedDeployment>('POST', `./deployments/${key}/stop`)
      show(command, stopped, () =>
        words(`${stopped.name} is ${stopped.state}.`, `${stopped.name} 现为 ${stopped.state}。`),
      )
    })
}

function askCommands(models: Command): void {
  models
    .command('ecg')
    .description('ask a deployed ECG model about a recording')
    .argument('<deployment>', 'name or id')
    .argument('<header>', 'WFDB header (.hea); the files that it names are sent with it')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase models ecg ecg ./s0001.hea\n  pilotbase models ecg ecg ./s0001.hea --json > beats.json',
    )
    .action(async (key: string, header: string, _options, command: Command) => {
      const answer = await connect(command).raw(`./deployments/${key}/ecg`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.pilotbase.pack' },
        body: recordPack(readable(header)),
      })
      const read = (await answer.json()) as EcgAnswer
      show(command, read, () => ecgWords(read))
    })
}

function described(version: VersionDetail): string {
  const { title = version.model } = version.card
  return fields([
    ['model', version.model],
    ['title', typeof title === 'string' ? title : title[language]],
    ['version', version.label],
    ['id', version.id],
    ['kind', version.kind],
    ['weights', version.weightsDigest],
    ['snapshot', version.snapshotDigest],
    ['aliases', version.aliases.join(' ') || null],
    ['trained by', version.trainingJobId],
    ['synthetic', version.synthetic ? 'yes: learnt from made-up data' : 'no'],
    ['made at', instant(version.createdAt)],
  ])
}

function ecgWords({ fs, durationS, beats, rate, rhythm, unreadable, readableShare, leads }: EcgAnswer): string {
  const counts = Object.entries(rhythm.counts).flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`]))
  const number = (value: number | null, digits: number) => value?.toFixed(digits) ?? '–'
  return fields([
    ['recording', `${durationS.toFixed(1)} s at ${fs} Hz`],
    ['leads', leads.map((lead) => `${lead.name} ${lead.verdict}`).join(', ')],
    ['beats', `${beats.length}: ${counts.join(', ')}`],
    ['rate', `${number(rate.meanBpm, 0)} /min (${number(rate.lowestBpm, 0)}–${number(rate.highestBpm, 0)})`],
    ['irregularity', rhythm.irregularity === null ? null : rhythm.irregularity.toFixed(3)],
    ['longest pause', rhythm.longestPauseMs === null ? null : `${rhythm.longestPauseMs.toFixed(0)} ms`],
    [
      'readable',
      `${(100 * readableShare).toFixed(0)} %${unreadable.length === 0 ? '' : `, not: ${unreadable.map((one) => `${one.startS.toFixed(0)}–${one.endS.toFixed(0)} s`).join(', ')}`}`,
    ],
  ])
}
