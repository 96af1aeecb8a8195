import { Command, CommanderError } from 'commander'
import type { Problem } from '../../kernel/index.ts'
import { commands } from '../commands.ts'
import { exit, Stop } from './client.ts'
import { language } from './language.ts'
import { localised } from './usage.ts'

/** Where a command prints: a result, and everything else. */
export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

const processIo: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}

/** Runs one command line and answers its exit code. */
export async function run(args: readonly string[], io: Io = processIo): Promise<number> {
  try {
    await (await programOf(args, io)).parseAsync(args, { from: 'user' })
    return exit.done
  } catch (error) {
    return codeOf(error, io)
  }
}

/**
 * The command tree. Of commands that the line does not name, only name and summary are there: loading all would take
 * the better part of a second before anything happens. `all` loads them, and completion is made from the whole tree.
 */
export async function programOf(args: readonly string[] | 'all', io: Io = processIo): Promise<Command> {
  const program = new Command('pilotbase')
    .description('Pilot Base: medical models from data to a clinician’s decision, with evidence at every step')
    .option('--json', 'print one line of JSON')
    .option('--project <slug>', 'project to work in', process.env['PILOTBASE_PROJECT'] ?? 'demo')
    .option('--as <handle>', 'act as this person, who signed in on this terminal')
    .version((await import('../../../package.json', { with: { type: 'json' } })).default.version)
    .showHelpAfterError(language === 'zh' ? '（加 --help 查看示例）' : '(add --help for examples)')
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(localised(text, language)),
    })
    .exitOverride()
    .addHelpText('after', exitCodesHelp)
  const isWhole = args === 'all' || args.includes('completion')
  for (const { name, summary, load } of commands) {
    if (isWhole || args.includes(name)) (await load())(program)
    else program.command(name).description(summary)
  }
  return program
}

const exitCodesHelp = `
Exit codes: 0 done; 1 refused, failed or something does not hold; 2 wrong call; 3 no base answers; 4 not signed in;
70 a fault of the program. Environment: PILOTBASE_URL and PILOTBASE_KEY stand for a sign-in, PILOTBASE_PROJECT for
--project. Every command has --help with examples; \`pilotbase doctor\` says what this machine lacks.`

/** Says what went wrong in one line, and gives the exit code. Our own faults keep their stack. */
function codeOf(error: unknown, io: Io): number {
  const said = (message: string, code: number): number => {
    io.err(`pilotbase: ${message}\n`)
    return code
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.call
  if (error instanceof Stop) return said(error.message, error.code)
  if (isProblem(error)) {
    const { title, fix } = error.words(language)
    return said(`${title}. ${fix} [${error.code}]`, error.row.status >= 500 ? exit.unexpected : exit.refused)
  }
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return exit.done
  return said(error instanceof Error ? (error.stack ?? error.message) : String(error), exit.unexpected)
}

/** By its name: its class is part of the kernel, which most commands never load. */
function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === 'Problem' && 'words' in error
}
