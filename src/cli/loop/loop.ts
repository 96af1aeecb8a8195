import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { packHeader } from '../../data/index.ts'
import type { EcgAnswer, ServedDeployment } from '../../models/contract.ts'
import type { Gate, Release } from '../../release/contract.ts'
import { type BaseClient, connect, exit, Stop } from '../base/client.ts'
import { show, tell } from '../base/output.ts'
import {
  evaluate,
  figures,
  freezeFolder,
  freezeRecipe,
  register,
  type Say,
  tasksOf,
  train,
  untilEnded,
} from './steps.ts'

interface LoopOptions {
  readonly data: string
  readonly mode: string
  readonly site: string
  readonly wait: boolean
}

const beatFigures = [
  'qrs_se_gross',
  'qrs_ppv_gross',
  'veb_se_gross',
  'veb_ppv_gross',
  'sveb_se_gross',
  'sveb_ppv_gross',
]
// The thresholds that the demo project's policy asks for; a plan must promise them before it runs.
const gates = ['qrs_se_gross>=0.95 groups>=10', 'qrs_ppv_gross>=0.95 groups>=10']

/** `pilotbase loop ecg`: from a folder of recordings to an answer that two people have approved, with evidence at every step. */
export function loopCommand(program: Command): void {
  const loop = program.command('loop').description('run a whole loop: data, training, evaluation, release, an answer')
  loop
    .command('ecg')
    .description('R peaks and beat classes of two-lead recordings')
    .requiredOption('--data <dir>', 'folder with dataset.json and WFDB records')
    .option('--mode <mode>', 'smoke (a minute), quick (minutes) or full', 'quick')
    .option('--site <name>', 'where it is released', 'demo ward')
    .option('--no-wait', 'stop at the gate instead of waiting for the approvals (exit code 1)')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase data generate /tmp/ecg-demo && pilotbase loop ecg --data /tmp/ecg-demo\n  pilotbase loop ecg --data restored-ecg --mode quick',
    )
    .action((options: LoopOptions, command: Command) => runLoop(command, options))
}

async function runLoop(command: Command, options: LoopOptions): Promise<void> {
  const base = connect(command)
  const say: Say = (line) => tell(command, line)
  const { beats, classes, licence, synthetic } = await tasksOf(options.data)

  say('1 data: freeze the recordings')
  const data = await freezeFolder(
    base,
    options.data,
    { name: 'ECG recordings', source: 'pilotbase loop ecg', licence, synthetic },
    say,
  )
  say(`  ${data.files} files, ${data.digest.slice(0, 16)}…${synthetic ? ', synthetic' : ''}`)

  say(`2 compute: train (${options.mode})`)
  const job = await train(base, await freezeRecipe(base, say), data, options.mode, say)

  say('3 models: register what the job made')
  const version = await register(base, job, data, options.mode)
  say(`  ${version.model}@${version.label}, weights ${version.weightsDigest.slice(0, 16)}…`)

  say('4 bench: plan, sign, run')
  const evaluation = await evaluate(base, version, data, beats, gates, say)
  for (const line of figures(evaluation, beatFigures)) say(line)
  if (classes !== null)
    for (const line of figures(await evaluate(base, version, data, classes, [], say), ['f1_macro_NSVF'])) say(line)

  say('5 release: propose, and ask the gates')
  const release = await base.send<Release>('POST', './releases', {
    version: version.id,
    purpose: 'ecg-interpretation',
    site: `${options.site} ${version.label}`,
    scope: 'adults, two-lead rhythm recordings; decision support, a clinician decides',
    reason: `pilotbase loop ecg (${options.mode})`,
  })
  await passGate(base, release, 'shadow', options.wait, say)
  await passGate(base, release, 'pilot', options.wait, say)

  say('6 serving: the released version answers')
  const answer = await ask(base, release, options.data)
  say(`  ${answer.beats.length} beats, mean rate ${Math.round(answer.rate?.meanBpm ?? 0)} /min`)
  show(
    command,
    {
      snapshot: data.digest,
      job: job.id,
      version: version.id,
      evaluation: evaluation.id,
      release: release.id,
      beats: answer.beats.length,
    },
    () =>
      [
        `Release ${release.id} is in pilot at ${release.site}.`,
        `  dossier   ./pilotbase evidence keys keys.json && ./pilotbase release dossier ${release.id} dossier.json && ./pilotbase evidence verify dossier.json --keys keys.json`,
        '  audit     ./pilotbase audit export audit.jsonl && ./pilotbase audit verify audit.jsonl',
      ].join('\n'),
  )
}

/** Stops at a gate until it opens: what it lacks is said, and how the people it asks for can give it. */
async function passGate(
  base: BaseClient,
  release: Release,
  to: 'shadow' | 'pilot',
  wait: boolean,
  say: Say,
): Promise<void> {
  const look = () => base.get<Gate>(`./releases/${release.id}/gate?to=${to}`)
  let isTold = false
  const tellGate = (gate: Gate) => {
    for (const { outcome, title, required, observed } of gate.checks)
      say(
        `  ${outcome === 'pass' ? '✓' : '✗'} ${title.en}: ${required.en}${observed === null ? '' : ` — ${observed.en}`}`,
      )
    if (gate.outcome === 'open' || isTold) return
    isTold = true
    say(`  The gate to ${to} is shut. Approvers sign in and approve, each in a terminal of their own:`)
    say(`    ./pilotbase login --new-link approver-hospital      (the operator makes the link)`)
    say(
      `    ./pilotbase login LINK && ./pilotbase release approve ${release.id} --to ${to} --reason "…" --as approver-hospital`,
    )
  }
  if (wait) await untilEnded(look, (gate) => gate.outcome === 'open' || hasFailed(gate), tellGate)
  const gate = await look()
  if (!wait) tellGate(gate)
  if (gate.outcome !== 'open')
    throw new Stop(`The gate to ${to} is shut; release ${release.id} stays where it is.`, exit.refused)
  await base.send('POST', `./releases/${release.id}/advance`, { to, reason: 'pilotbase loop ecg: the gate is open' })
  say(`  → ${to}`)
}

/** A figure that was measured and does not reach its threshold will not be mended by waiting. */
function hasFailed(gate: Gate): boolean {
  return gate.checks.some(({ id, outcome }) => outcome === 'fail' && !id.startsWith('approval'))
}

/** Sends the first recording of the folder to the deployment behind the release. */
async function ask(base: BaseClient, release: Release, dir: string): Promise<EcgAnswer> {
  const { deployments } = await base.get<{ deployments: ServedDeployment[] }>('./deployments')
  const serving = deployments.find((one) => one.versionId === release.versionId && one.state !== 'stopped')
  if (serving === undefined) throw new Stop('The release is served by no deployment.', exit.refused)
  await untilEnded(
    () => base.get<ServedDeployment>(`./deployments/${serving.name}`),
    ({ state }) => state === 'ready' || state === 'stopped',
    () => {},
  )
  const names = await readdir(dir, { recursive: true })
  const header = names.filter((name) => name.endsWith('.hea')).sort()[0]
  if (header === undefined) throw new Stop(`There is no record (.hea) in ${dir}.`, exit.call)
  const stem = header.slice(0, -'.hea'.length)
  const parts: Buffer[] = []
  for (const name of names.filter((one) => one === header || one === `${stem}.dat`).sort()) {
    const content = await readFile(join(dir, name))
    parts.push(packHeader({ name: name.split('/').at(-1) ?? name, sizeBytes: content.length }), content)
  }
  const sent = await base.raw(`./deployments/${serving.name}/ecg`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.pilotbase.pack' },
    body: Buffer.concat(parts),
  })
  return (await sent.json()) as EcgAnswer
}
