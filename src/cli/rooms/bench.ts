import type { Command } from 'commander'
import type { Evaluation, EvaluationAnswer } from '../../bench/contract.ts'
import type { Version } from '../../models/contract.ts'
import { type BaseClient, connect, exit, queryOf, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { fields, instant, show, table } from '../base/output.ts'
import { waitFor } from '../base/wait.ts'
import { findSnapshot } from '../data/manifest.ts'

interface Sample {
  readonly sample: string
  readonly state: string
  readonly timesAsked: number
  readonly isReused: boolean
  readonly problem: string | null
}

export function benchCommand(program: Command): void {
  const bench = program.command('bench').description('evaluate versions on snapshots, with a plan that is signed first')
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  bench
    .command('run')
    .description('fix and sign a plan, then run it')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'label, alias or id')
    .argument('<snapshot>', 'id, digest or name; it holds a dataset.json')
    .option('--task <id>', 'task of the dataset; needed where it has several')
    .option('--split <name>', 'part of it')
    .option('--gate <expression>', 'such as "qrs_se_gross>=0.99"; may be repeated', collect, [])
    .option('--purpose <text>', 'the question that it answers')
    .option('--wait', 'stay until it ends: exit code 0 if it is complete and its gates pass')
    .addHelpText(
      'after',
      '\nExample:\n  pilotbase bench run ecg 1.0.0 made-up --task ecg-beats --split test --gate "qrs_f1_gross>=0.99" --wait',
    )
    .action(async (model: string, key: string, data: string, options: RunOptions, command: Command) => {
      const base = connect(command)
      const { wait = false, gate: gates, ...named } = options
      const version = (await base.get<Version>(`./models/${model}/versions/${key}`)).id
      const snapshot = (await findSnapshot(base, data)).digest
      const planned = await base.send<Evaluation>('POST', './evaluations', { version, snapshot, gates, ...named })
      if (wait) return waitForEvaluation(command, base, planned.id)
      show(command, planned, () => described(planned))
    })
  readCommands(bench)
  for (const verb of ['pause', 'resume'] as const) {
    bench
      .command(verb)
      .description(verb === 'pause' ? 'stop asking after the sample in flight' : 'go on asking')
      .argument('<evaluation>', 'id')
      .action(async (id: string, _options, command: Command) => {
        const evaluation = await connect(command).send<Evaluation>('POST', `./evaluations/${id}/${verb}`)
        show(command, evaluation, () => words(`It is ${evaluation.state} now.`, `现为 ${evaluation.state}。`))
      })
  }
}

interface RunOptions {
  readonly task?: string
  readonly split?: string
  readonly gate: readonly string[]
  readonly purpose?: string
  readonly wait?: boolean
}

function readCommands(bench: Command): void {
  bench
    .command('list')
    .description('evaluations, newest first')
    .option('--limit <n>', 'how many at most, 100 or fewer', '30')
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const found = await connect(command).get<{ evaluations: Evaluation[] }>(`./evaluations${queryOf({ limit })}`)
      const rows = found.evaluations.map((one) => [
        one.id,
        one.model,
        one.taskId,
        one.state,
        headline(one),
        instant(one.createdAt),
      ])
      show(command, found, () => table(['id', 'model', 'task', 'state', 'headline', 'planned at'], rows))
    })
  bench
    .command('show')
    .description('one evaluation: plan, figures with intervals, gates, account')
    .argument('<evaluation>', 'id')
    .option('--wait', 'stay until it ends')
    .action(async (id: string, { wait = false }: { wait?: boolean }, command: Command) => {
      const base = connect(command)
      if (wait) return waitForEvaluation(command, base, id)
      const evaluation = await base.get<Evaluation>(`./evaluations/${id}`)
      show(command, evaluation, () => described(evaluation))
    })
  bench
    .command('samples')
    .description('every sample’s answer')
    .argument('<evaluation>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const found = await connect(command).get<{ samples: Sample[] }>(`./evaluations/${id}/samples`)
      const rows = found.samples.map((one) => [
        one.sample,
        one.state,
        String(one.timesAsked),
        one.isReused ? words('reused', '沿用') : '',
        one.problem ?? '',
      ])
      show(command, found, () => table(['sample', 'state', 'asked', '', 'problem'], rows))
    })
}

async function waitForEvaluation(command: Command, base: BaseClient, id: string): Promise<void> {
  const evaluation = await waitFor(
    command,
    () => base.get<Evaluation>(`./evaluations/${id}`),
    ({ state, account, plan }) => {
      const done = account.asked - account.reasked + account.reused
      return { isOver: state === 'complete' || state === 'void', words: `${id} ${state} ${done}/${plan.samples}` }
    },
  )
  show(command, evaluation, () => described(evaluation))
  if (evaluation.state === 'void')
    throw new Stop(words(`Void: ${evaluation.voidReason ?? ''}`, `作废：${evaluation.voidReason ?? ''}`), exit.refused)
  const failed = evaluation.answer?.gates?.filter((one) => !one.pass) ?? []
  if (failed.length > 0)
    throw new Stop(words('Gates not passed: ', '未通过：') + failed.map((one) => one.gate).join(', '), exit.refused)
}

function headline({ answer }: Evaluation): string {
  return answer === null ? '' : `${answer.metric} ${figure(answer.value, answer.ci)}`
}

function figure(value: number | null, ci: EvaluationAnswer['ci']): string {
  const short = (number: number) => number.toFixed(4)
  if (value === null) return '–'
  return ci === null
    ? `${short(value)} (${words('no interval', '无区间')})`
    : `${short(value)} [${short(ci.low)}, ${short(ci.high)}]`
}

function described(evaluation: Evaluation): string {
  const { plan, account, answer } = evaluation
  const head = fields([
    ['id', evaluation.id],
    ['model', evaluation.model],
    ['task', `${plan.task} (${evaluation.taskId}), ${evaluation.split ?? '–'}`],
    ['state', evaluation.voidReason === null ? evaluation.state : `${evaluation.state}: ${evaluation.voidReason}`],
    ['samples', plan.samples],
    [
      'account',
      `asked ${account.asked}, reused ${account.reused}, asked again ${account.reasked}, refused ${account.refused}, failed ${account.failed}`,
    ],
    ['plan', evaluation.planStatement],
    ['result', evaluation.statement],
  ])
  if (answer === null) return head
  const figures = answer.metrics.map((one) => [
    one.metric,
    figure(one.value, one.ci),
    `n ${one.n}, groups ${one.n_groups}`,
  ])
  const gates = (answer.gates ?? []).map(({ gate, pass, reason }) => `${pass ? '✓' : '✗'} ${gate} (${reason})`)
  const synthetic = answer.synthetic ? [words('Measured on synthetic data.', '在合成数据上测得。')] : []
  return [head, ...synthetic, table(['metric', 'value [95 %]', ''], figures), ...gates].join('\n')
}
