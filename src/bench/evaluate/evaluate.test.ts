import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { catalogue } from '../../kernel/index.ts'
import { canonicalJson } from '../../statistics/index.ts'
import { evaluationAnswer } from './contract.ts'
import { type EvaluateMeans, type EvaluateWish, evaluate } from './evaluate.ts'
import type { EvaluatedModel } from './models.ts'
import { type SmallDataset, smallDataset, type SmallRecord, spikeModel } from './testing.ts'

const refuse = catalogue({
  'bench.test-refusal': { status: 422, retry: false, en: { title: 'no', fix: 'no' }, zh: { title: '否', fix: '否' } },
})

// 12 patients of 8 s; the last has two records. Every third beat is ventricular.
const records: SmallRecord[] = Array.from({ length: 13 }, (_, k) => ({
  id: `r${k}`,
  split: k === 0 ? 'train' : 'test',
  patient: `p${Math.min(k, 11)}`,
  symbols: 'NNVNNVNA',
}))
let dataset: SmallDataset
before(async () => {
  dataset = await smallDataset(records)
})
after(() => dataset.remove())

function run(model: EvaluatedModel, wish: Partial<EvaluateWish> = {}) {
  let clock = 0
  const means: EvaluateMeans = {
    openModel: async () => model,
    now: () => (clock += 10),
    progress: () => undefined,
    program: '0.0.0',
  }
  return evaluate({ model: 'spikes', folder: dataset.folder, task: 'beats', command: 'evaluate', ...wish }, means)
}
const figureIn = ({ answer }: Awaited<ReturnType<typeof run>>, id: string) => {
  const found = answer.metrics.find(({ metric }) => metric === id)
  assert.ok(found, `${id} is reported`)
  return found
}

test('a model that finds every beat and calls all of them normal', async () => {
  const found = await run(spikeModel())
  const { answer } = found
  assert.deepEqual(evaluationAnswer.parse(answer), answer)
  assert.equal(answer.split, 'test')
  assert.equal(answer.metric, 'qrs_f1_gross')
  assert.equal(answer.value, 1)
  // 12 records of 11 patients; r11 and r12 are one.
  assert.deepEqual([answer.n, answer.n_groups, answer.unanswered, answer.unscored], [12, 11, 0, 0])
  const { ci } = answer
  assert.deepEqual(
    [ci?.low, ci?.high, ci?.B, ci?.seed, ci?.unit, ci?.few_groups],
    [1, 1, 2000, 20250101, 'group', true],
  )
  assert.equal(figureIn(found, 'veb_se_gross').value, 0)
  assert.equal(figureIn(found, 'veb_se_average').n, 12)
  assert.equal(answer.synthetic, true)
  assert.equal(answer.period, 'from_start')
  assert.match(answer.notes.join(), /shorter than 5 min/)
})

test('a refused record has missed all its beats, and is counted', async () => {
  const model = spikeModel((beats, id) => {
    if (id === 'r3') throw refuse('bench.test-refusal')
    return beats
  })
  const found = await run(model)
  assert.equal(found.answer.unanswered, 1)
  assert.deepEqual(found.answer.refusals, { 'bench.test-refusal': 1 })
  assert.equal(figureIn(found, 'qrs_se_gross').value, 88 / 96)
  assert.equal(figureIn(found, 'qrs_se_gross').per?.['r3'], 0)
  assert.equal(figureIn(found, 'qrs_ppv_gross').value, 1)
  const classes = await run(model, { task: 'classes' })
  assert.deepEqual([classes.answer.n, classes.answer.unanswered], [96, 8])
  // 60 N of 96 in gold: 5 a record, of which 8 beats were refused.
  assert.equal(figureIn(classes, 'accuracy').value, 55 / 96)
})

test('a crash is no answer; a model that answers nothing and crashes is no model', async () => {
  const crashing = (which: string) =>
    spikeModel((beats, id) => {
      if (which === 'all' || id === which) throw new TypeError('broken')
      return beats
    })
  assert.deepEqual((await run(crashing('r3'))).answer.refusals, { crash: 1 })
  await assert.rejects(run(crashing('all')), /gave no answer on any of 12 rows, and broke off with: broken/)
})

test('the same run gives the same bytes, and predictions scored again give them without the model', async () => {
  const model = spikeModel((beats, id) => {
    if (id === 'r5') throw refuse('bench.test-refusal')
    return beats.map((beat, place) => ({ ...beat, class: place % 3 === 2 ? 'V' : 'N' }))
  })
  const varying = { seconds: 0, seconds_model: 0, items_per_second: 0, device: '', command: '' }
  const bytes = (found: Awaited<ReturnType<typeof run>>) =>
    JSON.stringify({ ...found.answer, ...varying, model: '', model_version: null, model_digest: null })
  for (const task of ['beats', 'classes']) {
    const first = await run(model, { task })
    assert.equal(bytes(await run(model, { task })), bytes(first))
    const file = join(dataset.folder, `${task}.predictions.jsonl`)
    await writeFile(file, first.predictions)
    assert.equal(first.predictions.trim().split('\n').length, first.answer.n)
    assert.equal(bytes(await run(model, { task, from: file })), bytes(first))
  }
})

test('what is missing in a predictions file is unanswered, what is strange is refused by line', async () => {
  const file = join(dataset.folder, 'strange.jsonl')
  const score = async (text: string) => {
    await writeFile(file, text)
    return run(spikeModel(), { from: file })
  }
  const one = await score('{"id":"r1","prediction":{"samples":[50,150]}}\n{"id":"r2","prediction":"no"}\n')
  assert.equal(one.answer.unanswered, 11)
  assert.equal(figureIn(one, 'qrs_se_gross').value, 2 / 96)
  assert.equal(one.answer.model_digest, null)
  await assert.rejects(
    score('{"id":"r1","prediction":null}\n{"id":"r1","prediction":null}\n'),
    /line 2, id: "r1" stands already on line 1/,
  )
  await assert.rejects(score('{"id":"r0","prediction":null}\n'), /line 1, id: no item of this split has the id "r0"/)
  await assert.rejects(score('{"id":"r1"}\n'), /line 1, prediction: the field is missing/)
})

test('the data digest is that of the files read and of the task entry', async () => {
  const { answer } = await run(spikeModel(), { split: 'train' })
  const files = ['records.csv', 'wave/r0.atr', 'wave/r0.dat', 'wave/r0.hea']
  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
  const lines = await Promise.all(
    files.map(async (path) => `${sha256(await readFile(join(dataset.folder, path)))}  ${path}\n`),
  )
  const [entry] = JSON.parse(await readFile(join(dataset.folder, 'dataset.json'), 'utf8')).tasks
  assert.equal(answer.data_digest, `sha256:${sha256(`${lines.join('')}${canonicalJson(entry)}\n`)}`)
})

test('a gate needs the worse end of the interval, and enough patients', async () => {
  const gates = ['qrs_f1_gross>=1 groups>=11', 'qrs_f1_gross>=1', 'veb_f1_gross>=0.1,groups>=5']
  const { answer, pass } = await run(spikeModel(), { gates })
  assert.deepEqual(
    answer.gates?.map(({ pass: ok, reason }) => [ok, reason]),
    [
      [true, 'ok'],
      [false, 'too few groups'],
      [false, 'no interval'],
    ],
  )
  assert.equal(pass, false)
  await assert.rejects(run(spikeModel(), { gates: ['qrs_f1_gros>=1'] }), /nearest is "qrs_f1_gross"/)
  await assert.rejects(run(spikeModel(), { gates: ['qrs_f1_gross>1'] }), /cannot be read/)
  await assert.rejects(run(spikeModel(), { gates: ['qrs_f1_gross<=1'] }), /points the wrong way/)
})

test('a record whose files are gone or broken ends the run with their names', async () => {
  const broken = await smallDataset(records.slice(0, 2))
  try {
    await rm(join(broken.folder, 'wave/r1.dat'))
    await assert.rejects(run(spikeModel(), { folder: broken.folder }), /wave\/r1\.dat/)
    await rm(join(broken.folder, 'wave/r1.hea'))
    await assert.rejects(run(spikeModel(), { folder: broken.folder }), /wave\/r1\.hea/)
    await rm(join(broken.folder, 'dataset.json'))
    await assert.rejects(run(spikeModel(), { folder: broken.folder }), /no dataset\.json/)
  } finally {
    await broken.remove()
  }
})

test('a metric that the task does not report is refused before any row is asked', async () => {
  const wrong = await smallDataset(records.slice(0, 2), { metric: 'qrs_f1' })
  try {
    await assert.rejects(
      run(spikeModel(), { folder: wrong.folder }),
      /dataset\.json, line \d+, tasks\[0\]\.metric: "qrs_f1" is not known\. The nearest is "qrs_f1_gross"/,
    )
  } finally {
    await wrong.remove()
  }
})

test('a model that does not take the kind of task is refused', async () => {
  const model = { ...spikeModel(), tasks: ['ner'] }
  await assert.rejects(run(model), /spikes cannot take a task of the kind ecg-beats\. It takes: ner/)
})
