/** `pilotbase evaluate MODEL DIR`: scores a model on a folder of data. Needs no base. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { type Evaluated, type EvaluateMeans, evaluate } from '../bench/offline.ts'
import { openModel } from '../bench/offline.ts'
import { Problem } from '../kernel/index.ts'

export interface EvaluateOptions {
  readonly json?: boolean
  readonly task?: string
  readonly split?: string
  readonly manifest?: string
  readonly predictions?: string
  readonly from?: string
  readonly gate?: readonly string[]
}

export interface EvaluateIo {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly language: 'en' | 'zh'
  readonly now: () => number
  readonly openModel: EvaluateMeans['openModel']
}

/** Exit codes; 70 is a fault of ours. */
const exit = { scored: 0, gate: 1, call: 2, data: 3, model: 4, unexpected: 70 } as const

const processIo: EvaluateIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  language: /^zh/i.test(process.env['LC_ALL'] ?? process.env['LANG'] ?? '') ? 'zh' : 'en',
  now: () => performance.now(),
  openModel,
}

/** Runs the command and returns its exit code: 0 scored, 1 gate failed, 2 wrong call, 3 data, 4 model. */
export async function runEvaluate(
  model: string,
  folder: string,
  options: EvaluateOptions,
  io: EvaluateIo = processIo,
): Promise<number> {
  const { task, split, manifest, from, gate = [] } = options
  const wish = {
    model,
    folder,
    gates: gate,
    command: commandOf(model, folder, options),
    ...(task === undefined ? {} : { task }),
    ...(split === undefined ? {} : { split }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(from === undefined ? {} : { from }),
  }
  const progress = (line: string): void => io.err(`${line}\n`)
  try {
    const means = { openModel: io.openModel, now: io.now, progress, program: packageJson.version }
    const evaluated = await evaluate(wish, means)
    if (options.predictions !== undefined) await writeFile(options.predictions, evaluated.predictions)
    io.out(options.json ? `${JSON.stringify(evaluated.answer)}\n` : summary(evaluated))
    return evaluated.pass ? exit.scored : exit.gate
  } catch (error) {
    if (error instanceof Problem) {
      const { title, fix } = error.words(io.language)
      io.err(`${title}. ${fix} (${error.code})\n`)
      return codeOf(error)
    }
    io.err(`${error instanceof Error ? error.stack : String(error)}\n`)
    return exit.unexpected
  }
}

function codeOf({ code }: Problem): number {
  if (code.startsWith('bench.call-')) return exit.call
  if (code.startsWith('bench.data-') || code.startsWith('data.')) return exit.data
  if (code.startsWith('bench.model-') || code.startsWith('models.')) return exit.model
  return exit.unexpected
}

/** The call that gives this answer again. */
function commandOf(model: string, folder: string, options: EvaluateOptions): string {
  const { json, task, split, manifest, predictions, from, gate = [] } = options
  const named = Object.entries({ task, split, manifest, predictions, from })
  const flags = [
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, quoted(value)])),
    ...gate.flatMap((one) => ['--gate', quoted(one)]),
    ...(json ? ['--json'] : []),
  ]
  return ['evaluate', quoted(model), quoted(folder), ...flags].join(' ')
}

function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** For a person: the headline and every figure with its interval. */
function summary({ answer }: Evaluated): string {
  const { model, model_version, dataset, task_id, split, n, n_groups, unanswered, unscored } = answer
  const lines = answer.metrics.map(({ metric, value, ci, ci_reason }) => {
    const range = ci === null ? `no interval (${ci_reason ?? 'undefined'})` : `[${ci.low}, ${ci.high}]`
    return `${metric === answer.metric ? '*' : ' '} ${metric}  ${value ?? '–'}  ${range}`
  })
  const gates = (answer.gates ?? []).map(({ gate, pass, reason }) => `${pass ? 'pass' : 'FAIL'}  ${gate}  (${reason})`)
  return [
    `${model} ${model_version ?? ''} on ${dataset}/${task_id}, split ${split}: ${n} items, ${n_groups} groups, ${unanswered} unanswered, ${unscored} unscored`,
    ...(answer.synthetic ? ['synthetic data'] : []),
    ...lines,
    ...answer.excluded.map(({ id, reason }) => `excluded ${id}: ${reason}`),
    ...answer.notes,
    ...gates,
    '',
  ].join('\n')
}

/** Adds the command to the program. */
export function evaluateCommand(program: Command): void {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  program
    .command('evaluate')
    .description('score a model on a folder of data that dataset.json describes; needs no base')
    .argument('<model>', 'name of a folder in weights/, or the path of one')
    .argument('<dir>', 'folder of data')
    .option('--json', 'the whole answer on standard output, one line')
    .option('--task <id>', 'task of the manifest; needed if there are several')
    .option('--split <name>', 'part to score, or all (default: the first of test, val, dev that occurs)')
    .option('--manifest <file>', 'manifest to use instead of dataset.json')
    .option('--predictions <file>', 'write one line an item to this file')
    .option('--from <file>', 'score such a file without running the model')
    .option(
      '--gate <expression>',
      'metric>=x; add groups>=n to allow fewer than 30 groups; may be repeated',
      collect,
      [],
    )
    .action(async (model: string, folder: string, _: unknown, command: Command) => {
      // --json is an option of the program too, which then takes it
      process.exitCode = await runEvaluate(model, folder, command.optsWithGlobals<EvaluateOptions>())
    })
}
