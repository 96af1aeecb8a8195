import type { Command } from 'commander'

export interface CommandEntry {
  readonly name: string
  /** As in the command itself; a test holds the two together. */
  readonly summary: string
  readonly load: () => Promise<(program: Command) => void>
}

/** Every command, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'start the base: database, rooms, HTTP',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'login',
    summary: 'sign this terminal in with a one-time link, or make a link for somebody else',
    load: async () => (await import('./login.ts')).loginCommand,
  },
  {
    name: 'logout',
    summary: 'forget this terminal’s key of the person in use, or of the one that --as names',
    load: async () => (await import('./logout.ts')).logoutCommand,
  },
  {
    name: 'loop',
    summary: 'run a whole loop: data, training, evaluation, release, an answer',
    load: async () => (await import('./loop/loop.ts')).loopCommand,
  },
  {
    name: 'data',
    summary: 'freeze folders into snapshots, check them, fetch them, and make synthetic data',
    load: async () => (await import('./data/data.ts')).dataCommand,
  },
  {
    name: 'jobs',
    summary: 'run commands as jobs and follow them',
    load: async () => (await import('./jobs/jobs.ts')).jobsCommand,
  },
  {
    name: 'evaluate',
    summary: 'score a model on a folder of data that dataset.json describes; needs no base',
    load: async () => (await import('./evaluate.ts')).evaluateCommand,
  },
  {
    name: 'models',
    summary: 'register versions of models, deploy them and ask them',
    load: async () => (await import('./rooms/models.ts')).modelsCommand,
  },
  {
    name: 'bench',
    summary: 'evaluate versions on snapshots, with a plan that is signed first',
    load: async () => (await import('./rooms/bench.ts')).benchCommand,
  },
  {
    name: 'release',
    summary: 'take versions to a ward through gates and approvals',
    load: async () => (await import('./rooms/release.ts')).releaseCommand,
  },
  {
    name: 'apps',
    summary: 'clinical applications: cases, findings, decisions',
    load: async () => (await import('./rooms/apps.ts')).appsCommand,
  },
  {
    name: 'evidence',
    summary: 'list, export and verify signed statements',
    load: async () => (await import('./evidence.ts')).evidenceCommand,
  },
  {
    name: 'audit',
    summary: 'who did what: search the log, export it, verify an export without a base',
    load: async () => (await import('./audit.ts')).auditCommand,
  },
  {
    name: 'config',
    summary: 'settings and where each came from; people and members',
    load: async () => (await import('./config.ts')).configCommand,
  },
  {
    name: 'doctor',
    summary: 'what this machine has and lacks, each with the command that mends it',
    load: async () => (await import('./machine/doctor.ts')).doctorCommand,
  },
  {
    name: 'completion',
    summary: 'print completion for bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionCommand,
  },
]
