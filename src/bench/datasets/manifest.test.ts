import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonPlaces } from './json-places.ts'
import { parseManifest, pickTask } from './manifest.ts'

const task = { id: 'beats', task: 'ecg-beats', files: ['records.csv'], columns: { id: 'record' } }
const whole = { schema: 'pilotbase.dataset/1', id: 'demo', tasks: [task] }
const parse = (value: unknown) => parseManifest(JSON.stringify(value, null, 1), 'dataset.json')

test('every member of a JSON text is found on the line where it stands', () => {
  const values = [fc.integer(), fc.constantFrom('a": "', ']', '{\n'), fc.array(fc.constantFrom('}', ',', '"'))]
  fc.assert(
    fc.property(fc.object({ key: fc.constantFrom('a', 'b', 'c'), values, maxDepth: 3 }), (value) => {
      const text = JSON.stringify(value, null, 1)
      const lines = text.split('\n').map((line) => line.trim())
      for (const [path, line] of [...jsonPlaces(text)].slice(1)) {
        const step = path.split('.').at(-1) ?? ''
        const begins = /^\d+$/.test(step) ? /^["\d{[-]/ : new RegExp(`^"${step}":`)
        assert.match(lines[line - 1] ?? '', begins)
      }
    }),
    { seed: 7 },
  )
  const places = jsonPlaces('{\n "a": [\n  1,\n  {"b":\n "]"}\n ],\n "c": {}\n}')
  assert.deepEqual([...places].slice(1), [
    ['a', 2],
    ['a.0', 3],
    ['a.1', 4],
    ['a.1.b', 4],
    ['c', 7],
  ])
})

test('an unknown field is refused with its line and the nearest known one', () => {
  const faults: [unknown, RegExp][] = [
    [{ ...whole, licence: 'x' }, /dataset\.json, line \d+: unknown field licence\. Did you mean "license"/],
    [
      { ...whole, tasks: [{ ...task, exlude: [] }] },
      /line 14: unknown field tasks\[0\]\.exlude\. Did you mean "exclude"/,
    ],
    [
      { ...whole, tasks: [{ ...task, columns: { grup: 'x' } }] },
      /line 12: unknown field tasks\[0\]\.columns\.grup\. Did you mean "group"/,
    ],
    [{ ...whole, tasks: [{ ...task, media: { recrod: 'x' } }] }, /tasks\[0\]\.media\.recrod\. Did you mean "record"/],
  ]
  for (const [value, message] of faults) assert.throws(() => parse(value), message)
})

test('a wrong value is refused with file, line and field', () => {
  const faults: [unknown, RegExp][] = [
    [{ ...whole, schema: 'other/1' }, /dataset\.json, line 2, schema: /],
    [{ ...whole, tasks: [] }, /line 4, tasks: /],
    [{ ...whole, tasks: [{ ...task, files: 3 }] }, /tasks\[0\]\.files: expected a list of paths/],
    [
      { ...whole, tasks: [{ ...task, task: 'ecg-beets' }] },
      /tasks\[0\]\.task: "ecg-beets" is not known\. The nearest is "ecg-beats"/,
    ],
    [{ ...whole, tasks: [task, task] }, /tasks\[1\]\.id: two tasks have the id "beats"/],
    [[], /the file: /],
  ]
  for (const [value, message] of faults) assert.throws(() => parse(value), message)
  assert.throws(() => parseManifest('{\n "schema": 1,\n}', 'dataset.json'), /dataset\.json, line 3: this is not JSON/)
})

test('no path of a manifest leads out of its folder', () => {
  for (const path of ['../records.csv', '/etc/passwd', 'a/../../b.csv', 'C:\\x.csv', 'a\\b.csv', 'a//b.csv']) {
    assert.throws(() => parse({ ...whole, tasks: [{ ...task, files: [path] }] }), /leads out of the folder/)
    assert.throws(() => parse({ ...whole, tasks: [{ ...task, files: { test: [path] } }] }), /leads out of the folder/)
    assert.throws(() => parse({ ...whole, tasks: [{ ...task, media: { record: path } }] }), /media\.record: the path/)
  }
})

test('of several tasks one must be named, and a wrong name gets the nearest', () => {
  const file = parse({ ...whole, tasks: [task, { ...task, id: 'classes' }] })
  assert.equal(pickTask(file, 'classes').index, 1)
  assert.throws(() => pickTask(file), /several tasks: beats, classes/)
  assert.throws(() => pickTask(file, 'clases'), /nearest is "classes"/)
  assert.equal(pickTask(parse(whole)).task.id, 'beats')
})
