import type { Command } from 'commander'
import { type configKeys, configSchema, loadConfig, nearest, roles } from '../kernel/index.ts'
import { connect, exit, Stop } from './base/client.ts'
import { words } from './base/language.ts'
import { instant, show, table } from './base/output.ts'
import { configFile } from './serve.ts'

interface Person {
  readonly handle: string
  readonly name: string
  readonly organisation: string
  readonly organisationKind: string
}

export function configCommand(program: Command): void {
  const config = program
    .command('config')
    .description('settings and where each came from; people and members')
    .option('--config <file>', 'settings file (default: pilotbase.yaml)')
    .option('--meaning', 'what each setting means too')
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase config\n  PILOTBASE_PORT=9000 pilotbase config --json\n  pilotbase config add-person li --name "Dr Li" --organisation "Demo Hospital"\n  pilotbase config add-member li clinician\nWhat holds: a flag of serve, else the environment, else the file, else the default. Secrets are never shown.',
    )
    .action((options: { config?: string; meaning?: boolean }, command: Command) => showSettings(command, options))
  peopleCommands(config)
  memberCommands(config)
  placeCommands(config)
  keyCommands(config)
}

function showSettings(command: Command, options: { config?: string; meaning?: boolean }): void {
  const { origins } = loadConfig({ flags: {}, environment: process.env, file: configFile(options.config) })
  const meaning = (key: string): string => configSchema.shape[key as (typeof configKeys)[number]].description ?? ''
  const settings = origins.map((one) => ({ ...one, meaning: meaning(one.key) }))
  show(command, { settings }, () => {
    const rows = settings.map((one) => [one.key, one.value === '' ? '–' : one.value, one.from])
    if (options.meaning !== true) return table(['setting', 'value', 'from'], rows)
    return table(
      ['setting', 'value', 'from', 'meaning'],
      rows.map((row, at) => [...row, settings[at]?.meaning ?? '']),
    )
  })
}

function peopleCommands(config: Command): void {
  config
    .command('people')
    .description('the people you can see')
    .action(async (_options, command: Command) => {
      const found = await connect(command).get<{ people: Person[] }>('people')
      show(command, found, () => table(['handle', 'name', 'organisation', 'kind'], found.people.map(personRow)))
    })
  config
    .command('add-person')
    .description('add a person, and print the link with which they sign in (operators only)')
    .argument('<handle>', 'lower-case letters, digits, dots and hyphens')
    .requiredOption('--name <name>', 'as others will read it')
    .requiredOption('--organisation <name>', 'one that is there: config add-organisation')
    .addHelpText('after', '\nExample:\n  pilotbase config add-person li --name "Dr Li" --organisation "Demo Hospital"')
    .action(async (handle: string, options: { name: string; organisation: string }, command: Command) => {
      const base = connect(command)
      await base.send('POST', 'people', { handle, name: options.name, organisation: options.organisation })
      const { link } = await base.send<{ link: string }>('POST', 'sign-in-links', { handle })
      const address = `${base.address}/sign-in/${link}`
      show(command, { handle, link: address }, () =>
        words(`${handle} is added. To sign in, once: ${address}`, `已添加 ${handle}。一次性登录链接：${address}`),
      )
    })
  config
    .command('add-organisation')
    .description('add an organisation (operators only)')
    .argument('<name>', 'its name')
    .requiredOption('--kind <kind>', 'hospital, company, research or government')
    .action(async (name: string, { kind }: { kind: string }, command: Command) => {
      await connect(command).send('POST', 'organisations', { name, kind })
      show(command, { name, kind }, () => words(`${name} is added.`, `已添加 ${name}。`))
    })
}

function memberCommands(config: Command): void {
  config
    .command('members')
    .description('who works in the project, in which roles')
    .action(async (_options, command: Command) => {
      const found = await connect(command).get<{ members: (Person & { roles: string[] })[] }>('./members')
      const rows = found.members.map((one) => [...personRow(one), one.roles.join(', ')])
      show(command, found, () => table(['handle', 'name', 'organisation', 'kind', 'roles'], rows))
    })
  for (const [name, method] of [
    ['add-member', 'POST'],
    ['remove-member', 'DELETE'],
  ] as const) {
    config
      .command(name)
      .description(method === 'POST' ? 'give somebody a role in the project (owners only)' : 'take a role away')
      .argument('<handle>', 'who')
      .argument('<role>', roles.join(', '))
      .addHelpText('after', `\nExample:\n  pilotbase config ${name} li clinician --project ward`)
      .action(async (handle: string, role: string, _options, command: Command) => {
        checkRole(role)
        const base = connect(command)
        await base.send(method, './members', { handle, role })
        show(command, { handle, role, project: base.project }, () =>
          method === 'POST'
            ? words(`${handle} is ${role} in ${base.project}.`, `${handle} 现为 ${base.project} 的 ${role}。`)
            : words(
                `${handle} is no longer ${role} in ${base.project}.`,
                `${handle} 不再是 ${base.project} 的 ${role}。`,
              ),
        )
      })
  }
}

function checkRole(role: string): void {
  if ((roles as readonly string[]).includes(role)) return
  const close = nearest(role, roles)
  throw new Stop(
    words(`There is no role ${role}; did you mean ${close}?`, `没有角色 ${role}，是否想写 ${close}？`),
    exit.call,
  )
}

function placeCommands(config: Command): void {
  config
    .command('projects')
    .description('the projects you can see, and your roles there')
    .action(async (_options, command: Command) => {
      type Project = { slug: string; title: string; isDemo: boolean; roles: string[] }
      const found = await connect(command).get<{ projects: Project[] }>('projects')
      const rows = found.projects.map((one) => [
        one.slug,
        one.title,
        one.isDemo ? words('demo', '演示') : '',
        one.roles.join(', '),
      ])
      show(command, found, () => table(['project', 'title', '', 'your roles'], rows))
    })
  config
    .command('add-project')
    .description('create a project, with you as its owner (operators only)')
    .argument('<slug>', 'lower-case letters, digits and hyphens')
    .requiredOption('--title <title>', 'as others will read it')
    .requiredOption('--organisation <name>', 'whose project it is')
    .action(async (slug: string, options: { title: string; organisation: string }, command: Command) => {
      await connect(command).send('POST', 'projects', { slug, ...options })
      show(command, { slug, ...options }, () => words(`${slug} is there; you own it.`, `已创建 ${slug}，您是所有者。`))
    })
}

function keyCommands(config: Command): void {
  config
    .command('keys')
    .description('your API keys')
    .action(async (_options, command: Command) => {
      type Key = { id: string; name: string; scopes: string[]; expiresAt: string; revokedAt: string | null }
      const found = await connect(command).get<{ keys: Key[] }>('keys')
      const rows = found.keys.map((one) => [
        one.id,
        one.name,
        one.scopes.join(' '),
        one.revokedAt === null ? instant(one.expiresAt) : words('ended', '已失效'),
      ])
      show(command, found, () => table(['id', 'name', 'scopes', 'holds until'], rows))
    })
  config
    .command('add-key')
    .description('make an API key of yours; it is shown once')
    .argument('<name>', 'what it is for')
    .option('--scope <action...>', 'actions, nouns with a star (job.*), or *', ['*'])
    .option('--days <n>', 'how long it holds', '30')
    .action(async (name: string, options: { scope: string[]; days: string }, command: Command) => {
      const body = { name, scopes: options.scope, days: Number(options.days) }
      const key = await connect(command).send<{ id: string; secret: string }>('POST', 'keys', body)
      show(command, key, () => `PILOTBASE_KEY=${key.secret}`)
    })
  config
    .command('end-key')
    .description('end an API key of yours at once')
    .argument('<id>', 'as config keys shows it')
    .action(async (id: string, _options, command: Command) => {
      await connect(command).send('DELETE', `keys/${id}`)
      show(command, { id }, () => words('Ended.', '已失效。'))
    })
}

function personRow(one: Person): string[] {
  return [one.handle, one.name, one.organisation, one.organisationKind]
}
