import { join } from 'node:path'
import type { Command } from 'commander'
import type { Job } from '../../compute/contract.ts'
import { durationOf, sizeOf, wholeNumber } from '../base/arguments.ts'
import { connect, exit, pages, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { bytes, duration, instant, show, table, tell } from '../base/output.ts'
import { writeVerified } from '../base/fetch-file.ts'
import { described } from './described.ts'
import { copyLog } from './log.ts'
import { type RunOptions, specOf } from './spec.ts'
import { waitForJob } from './wait.ts'

export function jobsCommand(program: Command): void {
  const jobs = program.command('jobs').description('run commands as jobs and follow them')
  runCommand(jobs)
  readCommands(jobs)
  controlCommands(jobs)
  outputCommands(jobs)
}

function runCommand(jobs: Command): void {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  jobs
    .command('run')
    .description('run a command as a job: durable once accepted, whatever happens to this terminal or the base')
    .argument('<command...>', 'program and arguments after --; run in a folder with inputs/ and outputs/')
    .requiredOption('--name <name>', 'what people will call it')
    .option(
      '--input <path=what>',
      'inputs/PATH is this snapshot (id) or content (SHA-256); may be repeated',
      collect,
      [],
    )
    .option('--env <name=value>', 'environment variable; may be repeated', collect, [])
    .option('--cpus <n>', 'cores', (value) => wholeNumber(value, '--cpus', 1, 1024))
    .option('--memory <size>', 'such as 2G', (value) => sizeOf(value, '--memory'))
    .option('--disk <size>', 'such as 2G', (value) => sizeOf(value, '--disk'))
    .option('--processes <n>', 'at a time', (value) => wholeNumber(value, '--processes', 1, 10_000))
    .option('--time-limit <time>', 'such as 90s, 30m, 2h', (value) => durationOf(value, '--time-limit'))
    .option('--retries <n>', 'how often to try again when it fails', (value) => wholeNumber(value, '--retries', 0, 9))
    .option('--priority <n>', '-100 to 100, lower runs first', (value) => wholeNumber(value, '--priority', -100, 100))
    .option('--wait', 'stay until it ends: exit code 0 if it succeeded, 1 if not')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase jobs run --name hello -- /bin/sh -c "echo hello > outputs/hello.txt"\n  pilotbase jobs run --name train --input data=5d0c… --cpus 2 --memory 4G --time-limit 2h --wait -- python3 train.py --data inputs/data --out outputs',
    )
    .action(async (program: string[], options: RunOptions & { wait?: boolean }, command: Command) => {
      const base = connect(command)
      const accepted = await base.send<{ id: string; state: string }>('POST', './jobs', specOf(program, options))
      if (options.wait !== true) {
        show(command, accepted, () =>
          words(
            `Accepted as ${accepted.id}. Follow it: pilotbase jobs log ${accepted.id} --follow`,
            `已接受，编号 ${accepted.id}。跟踪：pilotbase jobs log ${accepted.id} --follow`,
          ),
        )
        return
      }
      await waitForJob(command, base, accepted.id)
    })
}

function readCommands(jobs: Command): void {
  jobs
    .command('list')
    .description('jobs, newest first')
    .option('--limit <n>', 'how many at most', '30')
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const found: Job[] = []
      for await (const job of pages<Job>(connect(command), './jobs?limit=100', 'jobs', Number(limit))) found.push(job)
      const rows = found.map((job) => [job.id, job.name, job.state, tookOf(job), instant(job.createdAt)])
      show(command, { jobs: found }, () => table(['id', 'name', 'state', 'took', 'submitted at'], rows))
    })
  jobs
    .command('show')
    .description('one job: what it runs, how it stands, how it ended, what it made')
    .argument('<job>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const job = await connect(command).get<Job>(`./jobs/${id}`)
      show(command, job, () => described(job))
    })
  jobs
    .command('log')
    .description('what a job printed')
    .argument('<job>', 'id')
    .option('--follow', 'stay until it ends')
    .option('--stderr', 'its standard error instead of its standard output')
    .addHelpText('after', '\nExample:\n  pilotbase jobs log 0a1b… --follow')
    .action((id: string, options: { follow?: boolean; stderr?: boolean }, command: Command) =>
      copyLog(command, connect(command), id, options),
    )
  jobs
    .command('wait')
    .description('stay until a job ends: exit code 0 if it succeeded, 1 if not')
    .argument('<job>', 'id')
    .action((id: string, _options, command: Command) => waitForJob(command, connect(command), id))
}

function controlCommands(jobs: Command): void {
  jobs
    .command('cancel')
    .description('end a job and all its processes')
    .argument('<job>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const job = await connect(command).send<Job>('POST', `./jobs/${id}/cancel`)
      show(command, job, () =>
        words(`${job.name} is ending; it is ${job.state} now.`, `${job.name} 正在结束，当前为 ${job.state}。`),
      )
    })
  jobs
    .command('retry')
    .description('submit an ended job once more')
    .argument('<job>', 'id')
    .option('--wait', 'stay until it ends')
    .action(async (id: string, options: { wait?: boolean }, command: Command) => {
      const base = connect(command)
      const accepted = await base.send<{ id: string }>('POST', `./jobs/${id}/retry`)
      if (options.wait === true) return waitForJob(command, base, accepted.id)
      show(command, accepted, () => words(`Accepted as ${accepted.id}.`, `已接受，编号 ${accepted.id}。`))
    })
}

function outputCommands(jobs: Command): void {
  jobs
    .command('outputs')
    .description('files that a job made')
    .argument('<job>', 'id')
    .action(async (id: string, _options, command: Command) => {
      const outputs = (await connect(command).get<Job>(`./jobs/${id}`)).outputs ?? []
      const rows = outputs.map((one) => [one.sha256, bytes(one.sizeBytes), one.path])
      show(command, { outputs }, () => table(['sha256', 'size', 'path'], rows))
    })
  jobs
    .command('get')
    .description('fetch files that a job made, each verified')
    .argument('<job>', 'id')
    .argument('<dir>', 'folder to write to')
    .argument('[path]', 'one of its files; all where left out')
    .addHelpText('after', '\nExamples:\n  pilotbase jobs get 0a1b… ./out\n  pilotbase jobs get 0a1b… ./out model.onnx')
    .action(async (id: string, dir: string, path: string | undefined, _options, command: Command) => {
      const base = connect(command)
      const all = (await base.get<Job>(`./jobs/${id}`)).outputs ?? []
      const wanted = path === undefined ? all : all.filter((one) => one.path === path)
      if (path !== undefined && wanted.length === 0) {
        const made = all.map((one) => one.path).join(', ') || words('nothing', '无')
        throw new Stop(
          words(`The job made no ${path}; it made ${made}`, `该作业没有产出 ${path}；产出：${made}`),
          exit.refused,
        )
      }
      for (const output of wanted) {
        tell(command, `${output.path}  ${bytes(output.sizeBytes)}`)
        const at = output.path.split('/').map(encodeURIComponent).join('/')
        await writeVerified(
          await base.raw(`./jobs/${id}/outputs/${at}`),
          output.sha256,
          join(dir, output.path),
          output.path,
        )
      }
      show(command, { dir, files: wanted.length }, () =>
        words(`${wanted.length} files in ${dir}.`, `${dir} 中已有 ${wanted.length} 个文件。`),
      )
    })
}

function tookOf({ startedAt, endedAt }: Job): string {
  return duration(startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt))
}
