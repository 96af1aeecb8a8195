import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import {
  claimsOf,
  filesPerFolder,
  fullestFolder,
  isFixture,
  linesOf,
  longestFile,
  longestReadme,
  namingFault,
  rooms,
  root,
  trackedFiles,
  truths,
} from './house.ts'

const files = (await trackedFiles()).filter((file) => !isFixture(file))
const sources = files.filter((file) => /\.(ts|tsx|mjs|cjs|py|sql|sh)$/.test(file))

/** The files whose length is over the limit, with it. */
async function longerThan(limit: number, candidates: readonly string[]): Promise<string[]> {
  const lengths = await Promise.all(candidates.map(linesOf))
  return candidates.flatMap((file, at) => ((lengths[at] ?? 0) > limit ? [`${file}: ${lengths[at]} lines`] : []))
}

test('no source file is too long to be read in one sitting', async () => {
  assert.deepEqual(await longerThan(longestFile, sources), [])
})

test('no folder of sources is too full to be seen at once', () => {
  const full = [...filesPerFolder(sources)].filter(([, count]) => count > fullestFolder)
  assert.deepEqual(full, [])
})

test('a file is named for what it holds, in the one style', () => {
  const named = sources.filter((file) => /\.(ts|tsx|mjs)$/.test(file))
  assert.deepEqual(
    named.flatMap((file) => (namingFault(file) === null ? [] : [`${file} ${namingFault(file)}`])),
    [],
  )
})

test('a name that says nothing or breaks the style is seen', () => {
  for (const bad of [
    'src/data/utils.ts',
    'src/common/a.ts',
    'src/data/date-helpers.ts',
    'src/data/readFile.ts',
    'src/data/2.ts',
  ])
    assert.notEqual(namingFault(bad), null, bad)
  for (const good of ['src/data/wfdb-header.test.ts', 'console/rooms/CaseView.tsx', 'console/use-case.ts'])
    assert.equal(namingFault(good), null, good)
})

test('every room that exists has a README, and every README of a room or folder is short', async () => {
  const there = rooms.filter((room) => files.includes(`src/${room}/index.ts`))
  assert.deepEqual(
    there.filter((room) => !files.includes(`src/${room}/README.md`)),
    [],
  )
  assert.deepEqual(
    await longerThan(
      longestReadme,
      files.filter((file) => /^src\/.*README\.md$/.test(file)),
    ),
    [],
  )
})

test('a document is read for its paths, scripts, commands, problem codes and links', () => {
  const text =
    'See `src/a/b.ts`, [this](../x.md#part), `data.wfdb-header`.\n```sh\nnpm run check\n./pilotbase serve --port 1\n```\n'
  assert.deepEqual(claimsOf('docs/a.md', text), [
    { kind: 'path', name: 'src/a/b.ts' },
    { kind: 'problem', name: 'data.wfdb-header' },
    { kind: 'script', name: 'check' },
    { kind: 'command', name: 'serve' },
    { kind: 'path', name: 'x.md' },
  ])
})

test('what a document names exists', async () => {
  const known = await truths(files)
  const documents = files.filter((file) => file.endsWith('.md') && !/(^|\/)CHANGELOG\.md$/.test(file))
  const untrue: string[] = []
  for (const document of documents) {
    for (const { kind, name } of claimsOf(document, await readFile(path.join(root, document), 'utf8'))) {
      const isTrue = kind === 'path' ? existsSync(path.join(root, name)) : known[kind].has(name)
      if (!isTrue) untrue.push(`${document}: ${kind} ${name}`)
    }
  }
  assert.deepEqual(untrue, [])
})
