import type { Command } from 'commander'
import { exit, type GlobalOptions, Stop } from './base/client.ts'
import { forget } from './base/credentials.ts'
import { words } from './base/language.ts'
import { show } from './base/output.ts'

/** `pilotbase logout`: forgets this terminal's key; whoever signed in before is used again. */
export function logoutCommand(program: Command): void {
  program
    .command('logout')
    .description('forget this terminal’s key of the person in use, or of the one that --as names')
    .addHelpText('after', '\nExamples:\n  pilotbase logout\n  pilotbase logout --as clinician')
    .action((_options, command: Command) => {
      const gone = forget(command.optsWithGlobals<GlobalOptions>().as)
      if (gone === null) throw new Stop(words('There is no key to forget', '没有可清除的密钥'), exit.refused)
      show(command, { base: gone.base, handle: gone.handle }, () =>
        words(
          `${gone.handle} is signed out here. The key ends by itself, or at once with config end-key.`,
          `${gone.handle} 已在本终端登出。密钥会自行失效，也可用 config end-key 立即作废。`,
        ),
      )
    })
}
