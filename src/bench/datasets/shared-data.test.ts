import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFolder } from './folder.ts'
import { parseManifest } from './manifest.ts'
import { readRows } from './rows.ts'

const shared = process.env['PILOTBASE_SHARED']
const skip = shared === undefined ? 'PILOTBASE_SHARED names no folder of data' : false

test('every task of every folder of real data is read', { skip }, async () => {
  const data = join(shared ?? '', 'data')
  let tasks = 0
  for (const name of await readdir(data)) {
    const path = join(data, name, 'dataset.json')
    if (!existsSync(path)) continue
    const file = parseManifest(await readFile(path, 'utf8'), path)
    for (const [index, task] of file.manifest.tasks.entries()) {
      const { rows } = await readRows(openFolder(join(data, name)), file, index)
      assert.ok(rows.length > 0, `${name} ${task.id} has rows`)
      tasks++
    }
  }
  assert.ok(tasks > 100)
})
