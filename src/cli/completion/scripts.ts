import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A command as completion sees it. */
export interface Branch {
  readonly name: string
  readonly summary: string
  readonly options: readonly { readonly flag: string; readonly summary: string; readonly takesValue: boolean }[]
  readonly commands: readonly Branch[]
}

/** The tree of commands with their long options, in the order of the help. */
export function treeOf(command: Command): Branch {
  return {
    name: command.name(),
    summary: command.description(),
    options: [
      ...command.options.flatMap((option) =>
        option.long === null || option.long === undefined
          ? []
          : [{ flag: option.long, summary: option.description, takesValue: option.required || option.optional }],
      ),
      { flag: '--help', summary: 'display help for command', takesValue: false },
    ],
    commands: command.commands.map(treeOf),
  }
}

export function completionScript(tree: Branch, shell: Shell): string {
  if (shell === 'bash') return bashScript(tree)
  return shell === 'zsh' ? zshScript(tree) : fishScript(tree)
}

/** Every branch with the words that lead to it. */
function branches(branch: Branch, path: readonly string[] = []): { path: readonly string[]; branch: Branch }[] {
  return [{ path, branch }, ...branch.commands.flatMap((child) => branches(child, [...path, child.name]))]
}

function wordsAt(tree: Branch, branch: Branch): string[] {
  const own = [...branch.commands.map((child) => child.name), ...branch.options.map((option) => option.flag)]
  const global = branch === tree ? [] : tree.options.map((option) => option.flag)
  return [...new Set([...own, ...global])]
}

function bashScript(tree: Branch): string {
  const all = branches(tree)
  const cases = all.map(({ path, branch }) => `    '${path.join(' ')}') words='${wordsAt(tree, branch).join(' ')}' ;;`)
  const known = all.flatMap(({ path }) => (path.length === 0 ? [] : [`'${path.join(' ')}'`]))
  const withValue = [
    ...new Set(all.flatMap(({ branch }) => branch.options.filter((one) => one.takesValue).map((one) => one.flag))),
  ]
  return `# Completion of ${tree.name} for bash; made by: ${tree.name} completion bash
_${tree.name}() {
  local word path='' next words previous="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$previous" in ${withValue.join('|')}) COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); return ;; esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in ${known.join('|')}) path="$next" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _${tree.name} ${tree.name} ./${tree.name}
`
}

function zshScript(tree: Branch): string {
  const all = branches(tree)
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const lines = all.map(({ path, branch }) => {
    const told = new Map([...tree.options, ...branch.options].map((option) => [option.flag, option.summary]))
    const items = [
      ...branch.commands.map((child) => `${child.name}:${child.summary.replaceAll(':', '\\:')}`),
      ...[...told].map(([flag, summary]) => `${flag}:${summary.replaceAll(':', '\\:')}`),
    ]
    return `    ${quoted(path.join(' '))}) items=(${items.map(quoted).join(' ')}) ;;`
  })
  const known = all.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]))
  return `#compdef ${tree.name}
# Completion of ${tree.name} for zsh; made by: ${tree.name} completion zsh
_${tree.name}() {
  local word next at='' ; local -a items
  for word in \${words[2,CURRENT-1]}; do
    next="\${at:+$at }$word"
    case "$next" in ${known.join('|')}) at="$next" ;; esac
  done
  case "$at" in
${lines.join('\n')}
  esac
  _describe '${tree.name}' items || _files
}
compdef _${tree.name} ${tree.name}
`
}

function fishScript(tree: Branch): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = branches(tree).flatMap(({ path, branch }) => {
    const when = `__${tree.name}_at ${quoted(path.join(' '))}`
    const commands = branch.commands.map(
      (child) => `complete -c ${tree.name} -n ${quoted(when)} -f -a ${child.name} -d ${quoted(child.summary)}`,
    )
    const options = branch.options.map(
      ({ flag, summary, takesValue }) =>
        `complete -c ${tree.name} -n ${quoted(when)} -l ${flag.slice(2)}${takesValue ? ' -r' : ''} -d ${quoted(summary)}`,
    )
    return [...commands, ...options]
  })
  const known = branches(tree).flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]))
  return `# Completion of ${tree.name} for fish; made by: ${tree.name} completion fish
function __${tree.name}_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$at $word")
    contains -- "$next" ${known.join(' ')}; and set at "$next"
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}
