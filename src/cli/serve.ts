import type { Command } from 'commander'
import { configKeys, configSchema, loadConfig } from '../kernel/index.ts'
import { openBase, version } from '../main.ts'

/** `pilotbase serve`: starts the base and stays until it is told to stop. */
export function serveCommand(program: Command): void {
  const command = program.command('serve').description('start the base: database, rooms, HTTP')
  addConfigFlags(command)
  command.action(async (flags: Record<string, string>) => {
    const { config: named, ...given } = flags
    const { config } = loadConfig({ flags: given, environment: process.env, file: configFile(named) })
    const base = await openBase(config)
    const address = config.publicUrl ?? base.address
    process.stdout.write(`Pilot Base ${version} is ready at ${address}\n`)
    if (base.signInLink !== null) {
      process.stdout.write(`Sign in once, as operator: ${address}/sign-in/${base.signInLink}\n`)
      process.stdout.write(`or in a terminal:          ./pilotbase login ${address}/sign-in/${base.signInLink}\n`)
    }
    // Whoever started the base may have stopped reading; that must not keep it from ending in order.
    process.stdout.on('error', () => undefined)
    await toldToStop()
    // A second Ctrl-C is for whoever cannot wait; jobs and the database survive it and are taken over at the next start.
    process.once('SIGINT', () => process.exit(130))
    process.stdout.write('Stopping…\n')
    await base.stop()
  })
}

/** One flag for each setting, so that flags, environment and file say the same. */
export function addConfigFlags(command: Command): void {
  command.option('--config <file>', 'settings file (default: pilotbase.yaml)')
  for (const key of configKeys) {
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    command.option(`--${flag} <value>`, configSchema.shape[key].description ?? '')
  }
}

export function configFile(named: string | undefined): { path: string; isNamed: boolean } {
  return { path: named ?? 'pilotbase.yaml', isNamed: named !== undefined }
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
}
