import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { programOf } from '../base/run.ts'
import { commands } from '../commands.ts'
import { completionScript, treeOf } from './scripts.ts'

const silent = { out: () => undefined, err: () => undefined }
const tree = treeOf(await programOf('all', silent))

test('each command in the help is summed up as in itself', () => {
  assert.deepEqual(
    tree.commands.map(({ name, summary }) => [name, summary]),
    commands.map(({ name, summary }) => [name, summary]),
  )
})

test('every command explains itself', () => {
  const silentOnes = (branch: typeof tree): string[] => [
    ...(branch.summary === '' ? [branch.name] : []),
    ...branch.options.filter((option) => option.summary === '').map((option) => `${branch.name} ${option.flag}`),
    ...branch.commands.flatMap(silentOnes),
  ]
  assert.deepEqual(silentOnes(tree), [])
})

const complete = (...words: string[]): string[] => {
  const script = `${completionScript(tree, 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pilotbase; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script, 'bash', 'pilotbase', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

test('bash completes commands, their commands and their options', { skip: process.platform === 'win32' }, () => {
  assert.deepEqual(complete('da'), ['data'])
  assert.deepEqual(complete('data', 'ch'), ['check'])
  assert.deepEqual(complete('--project', 'ward', 'data', 'add', '--split'), ['--split', '--split-from'])
})

test('zsh and fish are told the same commands', () => {
  for (const shell of ['zsh', 'fish'] as const) {
    const script = completionScript(tree, shell)
    for (const { name } of tree.commands) assert.ok(script.includes(name), `${shell} lacks ${name}`)
  }
})
