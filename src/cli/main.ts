import { Command, CommanderError } from 'commander'
import { Problem } from '../kernel/index.ts'
import { exit, language, Stop } from './base/client.ts'
import { commands } from './commands.ts'

const program = new Command('pilotbase')
  .description('Pilot Base: medical models from data to a clinician’s decision, with evidence at every step')
  .option('--json', 'print one line of JSON')
  .option('--project <slug>', 'project to work in', process.env['PILOTBASE_PROJECT'] ?? 'demo')
  .option('--as <handle>', 'act as this person, who signed in on this terminal')
  .version((await import('../../package.json', { with: { type: 'json' } })).default.version)
  .showHelpAfterError('(add --help for examples)')
  .exitOverride()
for (const add of commands) add(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = codeOf(error)
}

/** Says what went wrong in one line, and gives the exit code. Our own faults keep their stack. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.call
  if (error instanceof Stop) return said(error.message, error.code)
  if (error instanceof Problem) {
    const { title, fix } = error.words(language)
    return said(`${title}. ${fix} [${error.code}]`, error.row.status >= 500 ? exit.unreachable : exit.refused)
  }
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return exit.done
  return said(error instanceof Error ? (error.stack ?? error.message) : String(error), exit.unexpected)
}

function said(message: string, code: number): number {
  process.stderr.write(`pilotbase: ${message}\n`)
  return code
}
