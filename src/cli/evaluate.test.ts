import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { evaluationAnswer } from '../bench/contract.ts'
import { type SmallDataset, smallDataset, spikeModel } from '../bench/evaluate/testing.ts'
import { type EvaluateOptions, runEvaluate } from './evaluate.ts'

let dataset: SmallDataset
before(async () => {
  dataset = await smallDataset(Array.from({ length: 12 }, (_, k) => ({ id: `r${k}`, split: 'test', symbols: 'NNVN' })))
})
after(() => dataset.remove())

const spikes = async () => spikeModel()

async function run(options: EvaluateOptions, open = spikes) {
  const written = { out: '', err: '' }
  const code = await runEvaluate('spikes', dataset.folder, options, {
    out: (text) => (written.out += text),
    err: (text) => (written.err += text),
    language: 'en',
    now: () => 0,
    openModel: open,
  })
  return { code, ...written }
}

test('standard output carries one line of JSON, progress goes to standard error', async () => {
  const { code, out, err } = await run({ json: true, task: 'beats' })
  assert.equal(code, 0)
  assert.equal(out.split('\n').length, 2)
  const answer = evaluationAnswer.parse(JSON.parse(out))
  assert.equal(answer.value, 1)
  assert.equal(answer.command, `evaluate spikes ${dataset.folder} --task beats --json`)
  assert.match(err, /12\/12 r11/)
})

test('a failed gate exits 1 and still gives the answer', async () => {
  const { code, out } = await run({ json: true, task: 'beats', gate: ['veb_se_gross>=0.9 groups>=10'] })
  assert.equal(code, 1)
  const [gate] = evaluationAnswer.parse(JSON.parse(out)).gates ?? []
  assert.deepEqual(gate, { gate: 'veb_se_gross>=0.9 groups>=10', value: 0, bound: 0, pass: false, reason: 'bound' })
})

test('a wrong call exits 2, wrong data 3, a wrong model 4, each with words and no answer', async () => {
  const broken = join(dataset.folder, 'broken.json')
  await writeFile(broken, '{"schema":"pilotbase.dataset/1","id":"d","taks":[]}')
  const calls: [number, RegExp, EvaluateOptions, typeof spikes?][] = [
    [2, /several tasks: beats, classes/, {}],
    [2, /No row belongs to the split "val"/, { task: 'beats', split: 'val' }],
    [2, /gate "f1" cannot be read/, { task: 'beats', gate: ['f1'] }],
    [3, /broken\.json, line 1: unknown field taks\. Did you mean "tasks"/, { task: 'beats', manifest: broken }],
    [3, /nowhere\.jsonl cannot be read: ENOENT/, { task: 'beats', from: 'nowhere.jsonl' }],
    [4, /cannot take a task/, { task: 'beats' }, async () => ({ ...spikeModel(), tasks: [] })],
  ]
  for (const [code, message, options, open] of calls) {
    const found = await run({ json: true, ...options }, open)
    assert.deepEqual([found.code, found.out], [code, ''], found.err)
    assert.match(found.err, message)
  }
})

test('a fault of ours is no exit code of the answer', async () => {
  const found = await run({ task: 'beats' }, async () => {
    throw new TypeError('ours')
  })
  assert.equal(found.code, 70)
  assert.match(found.err, /TypeError: ours/)
})

test('without --json a person reads the figures', async () => {
  const { code, out } = await run({ task: 'classes' })
  assert.equal(code, 0)
  assert.match(out, /split test: 48 items, 12 groups, 0 unanswered/)
  assert.match(out, /\* f1_macro_NSVF /)
})

test('predictions are written and score the same again', async () => {
  const predictions = join(dataset.folder, 'p.jsonl')
  const first = await run({ json: true, task: 'beats', predictions })
  assert.equal((await readFile(predictions, 'utf8')).trim().split('\n').length, 12)
  const again = await run({ json: true, task: 'beats', from: predictions })
  assert.equal(JSON.parse(again.out).value, JSON.parse(first.out).value)
  await rm(predictions)
})

test('the program exits 2 on a flag that it does not know', () => {
  const root = new URL('../../', import.meta.url)
  const call = (...flags: string[]) =>
    spawnSync(process.execPath, ['src/cli/main.ts', 'evaluate', ...flags], { cwd: root, encoding: 'utf8' })
  assert.equal(call('ecg', dataset.folder, '--jsn').status, 2)
  assert.equal(call('ecg').status, 2)
  const unknown = call('no-such-model', dataset.folder, '--task', 'beats', '--json')
  assert.deepEqual([unknown.status, unknown.stdout], [2, ''])
})

test('--json and several gates reach the command through the program', async () => {
  const root = new URL('../../', import.meta.url)
  const predictions = join(dataset.folder, 'by-hand.jsonl')
  await writeFile(predictions, '{"id":"r0","prediction":{"samples":[50]}}\n')
  const flags = [
    '--task',
    'beats',
    '--from',
    predictions,
    '--json',
    '--gate',
    'qrs_se_gross>=0',
    '--gate',
    'qrs_se_gross>=1',
  ]
  const { status, stdout } = spawnSync(
    process.execPath,
    ['src/cli/main.ts', 'evaluate', 'mine', dataset.folder, ...flags],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  assert.equal(status, 1)
  const answer = evaluationAnswer.parse(JSON.parse(stdout))
  assert.deepEqual([answer.model, answer.model_digest, answer.unanswered, answer.gates?.length], ['mine', null, 11, 2])
})
