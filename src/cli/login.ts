import type { Command } from 'commander'
import { clientOf, connect, exit, type GlobalOptions, Stop } from './base/client.ts'
import { remember } from './base/credentials.ts'
import { show } from './base/output.ts'

/** `pilotbase login LINK`: spends a one-time link and keeps a key of its own for this terminal. */
export function loginCommand(program: Command): void {
  program
    .command('login')
    .description('sign this terminal in with a one-time link, or make a link for somebody else')
    .argument('[link]', 'the address that the base printed: http://…/sign-in/pbl_…')
    .option('--new-link <handle>', 'make a sign-in link for this person (operators only)')
    .option('--days <n>', 'how long the key of this terminal holds', '30')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase login http://127.0.0.1:8080/sign-in/pbl_…\n  pilotbase login --new-link approver-hospital\n  pilotbase release approve 3f0c… --as approver-hospital',
    )
    .action(async (link: string | undefined, options: { newLink?: string; days: string }, command: Command) => {
      if (options.newLink !== undefined) return makeLink(command, options.newLink)
      if (link === undefined) throw new Stop('Give the link that the base printed, or --new-link HANDLE.', exit.call)
      await signIn(command, link, Number(options.days))
    })
}

async function makeLink(command: Command, handle: string): Promise<void> {
  const base = connect(command)
  const { link } = await base.send<{ link: string }>('POST', 'sign-in-links', { handle })
  const address = `${base.address}/sign-in/${link}`
  show(command, { link: address }, () => address)
}

async function signIn(command: Command, link: string, days: number): Promise<void> {
  const parsed = /^(https?:\/\/[^/]+)\/sign-in\/(pbl_[\w-]+)$/.exec(link.trim())
  if (parsed === null)
    throw new Stop(`${link} is no sign-in link; it looks like http://127.0.0.1:8080/sign-in/pbl_…`, exit.call)
  const [, base = '', secret = ''] = parsed
  const { project } = command.optsWithGlobals<GlobalOptions>()
  const { session } = await clientOf(base, null, project, '').send<{ session: string }>('POST', 'session', {
    link: secret,
  })
  const me = clientOf(base, session, project, '')
  const { handle, name } = await me.get<{ handle: string; name: string }>('me')
  const { secret: key } = await me.send<{ secret: string }>('POST', 'keys', { name: 'terminal', scopes: ['*'], days })
  remember(base, handle, key)
  show(command, { base, handle, name }, () => `Signed in at ${base} as ${name} (${handle}).`)
}
