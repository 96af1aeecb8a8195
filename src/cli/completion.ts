import { type Command, Argument } from 'commander'
import { write } from './base/output.ts'
import { completionScript, type Shell, shells, treeOf } from './completion/scripts.ts'

export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print completion for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase completion bash >> ~/.bashrc\n  pilotbase completion zsh > ~/.zfunc/_pilotbase\n  pilotbase completion fish > ~/.config/fish/completions/pilotbase.fish',
    )
    .action((shell: Shell, _options, command: Command) => {
      write(command, completionScript(treeOf(program), shell))
    })
}
