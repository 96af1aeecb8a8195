import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { loadConfig } from '../../kernel/index.ts'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { show } from '../base/output.ts'
import { configFile } from '../serve.ts'
import { type Finding, isFit } from './findings.ts'
import { clockFinding, databaseFinding, machineFindings, nodeFindings, portFinding, weightsFinding } from './host.ts'
import { browserFinding, gitFinding, pythonFindings } from './tools.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has and lacks, each with the command that mends it')
    .option('--config <file>', 'settings file (default: pilotbase.yaml)')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase doctor\n  pilotbase doctor --json\nExit code 1 only when something is missing that the base needs; what it would merely use is marked with -.',
    )
    .action(async (options: { config?: string }, command: Command) => {
      const findings = await examine(options.config)
      const isReady = isFit(findings)
      show(command, { isReady, findings }, () => findings.map(line).join('\n'))
      if (isReady) return
      const missing = findings.filter((one) => !one.isThere && one.weight === 'needed').map((one) => one.what)
      throw new Stop(words(`Missing: ${missing.join(', ')}`, `缺少：${missing.join('、')}`), exit.refused)
    })
}

/** Looks at everything, at the same time where that means waiting. */
async function examine(file: string | undefined): Promise<Finding[]> {
  const { config } = loadConfig({ flags: {}, environment: process.env, file: configFile(file) })
  const root = new URL('../../../', import.meta.url)
  const made = statSync(fileURLToPath(new URL('package.json', root))).mtimeMs
  const [database, machine, port, python, git, browser] = await Promise.all([
    databaseFinding(config),
    machineFindings(config),
    portFinding(config),
    pythonFindings(),
    gitFinding(),
    browserFinding(),
  ])
  // A day of grace: a copy made on a machine in another time zone, or with a clock a little ahead.
  const clock = clockFinding(made - 86_400_000)
  const weights = weightsFinding(fileURLToPath(new URL('weights/', root)))
  return [...nodeFindings(), database, ...machine, port, clock, weights, ...python, git, browser]
}

function line({ what, weight, isThere, found, fix }: Finding): string {
  const mark = isThere ? '✓' : weight === 'needed' ? '✗' : '-'
  return `${mark} ${what}: ${found}${fix === null ? '' : `\n    → ${fix}`}`
}
