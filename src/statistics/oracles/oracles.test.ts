import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { entitiesBoxesDigests } from './boxes-digests.ts'
import { classification } from './classification.ts'
import { ecgBeats } from './ecg-beats.ts'
import { entitiesRelationsLabels } from './entities.ts'
import { instances, segmentation } from './images.ts'
import { judgesAgents } from './judging.ts'
import { bci, regression, screening, survival } from './numbers.ts'
import { retrieval } from './retrieval.ts'
import { differences, type OracleCase, type OracleFile, type Runners, readOracle } from './runner.ts'
import { statistics } from './statistics.ts'
import { letters, textZh } from './text.ts'

/** One table a fixture: a file or a metric that has no entry fails, so nothing is skipped in silence. */
const runners: Readonly<Record<string, Runners>> = {
  'answer-letters': letters,
  bci,
  classification,
  'ecg-beats': ecgBeats,
  'entities-boxes-digests': entitiesBoxesDigests,
  'entities-relations-labels': entitiesRelationsLabels,
  instances,
  'judges-agents': judgesAgents,
  regression,
  retrieval,
  screening,
  segmentation,
  statistics,
  survival,
  'text-zh': textZh,
}

/** Metrics in the fixtures that are other people's definitions, kept to show the difference: they are no targets. */
const foreign = (metric: string): boolean => metric.startsWith('variant_')

const files = readdirSync(new URL('../fixtures/oracles/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''))

for (const name of files) {
  const file = readOracle(name)
  for (const [index, one] of file.cases.entries()) {
    if (foreign(one.metric)) continue
    test(`oracle ${name} ${index}: ${one.metric}, ${one.name}`, () => {
      const actual = run(name, file, one)
      assert.deepEqual(differences(one.expected, actual, one.tolerance ?? file.tolerance), [])
    })
  }
}

test('every oracle file has cases, and every runner is asked for', () => {
  assert.deepEqual(files.toSorted(), Object.keys(runners).toSorted())
  for (const name of files) {
    const asked = new Set(readOracle(name).cases.map(({ metric }) => metric))
    assert.ok(asked.size > 0, name)
    for (const metric of Object.keys(runners[name] ?? {}))
      assert.ok(asked.has(metric), `${name} never asks for ${metric}`)
  }
})

test('a wrong figure, a missing key and a wrong length are seen', () => {
  assert.equal(differences({ a: 1 }, { a: 1.1 }, 1e-9).length, 1)
  assert.equal(differences({ a: 1 }, {}, 1e-9).length, 1)
  assert.equal(differences([1, 2], [1], 1e-9).length, 1)
  assert.equal(differences(null, 0, 1e-9).length, 1)
  assert.equal(differences(0, null, 1e-9).length, 1)
  assert.equal(differences({ variant_x: 1 }, {}, 1e-9).length, 0)
})

function run(name: string, file: OracleFile, one: OracleCase): unknown {
  const runner = runners[name]?.[one.metric]
  if (!runner) throw new Error(`nothing computes ${one.metric} of ${name}`)
  return runner(one.input as never, file, one)
}
