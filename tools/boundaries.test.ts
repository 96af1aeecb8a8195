import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { cruise, importingSources, trackedSources, type Violation } from './boundaries.ts'

const planted = await mkdtemp(path.join(tmpdir(), 'pilotbase-boundaries-'))
after(() => rm(planted, { recursive: true }))

/** A small tree of its own, cruised with the repository's rules. */
async function plant(files: Readonly<Record<string, string>>): Promise<readonly Violation[]> {
  const base = await mkdtemp(path.join(planted, 'tree-'))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(base, file)), { recursive: true })
    await writeFile(path.join(base, file), text)
  }
  return (await cruise(base)).violations
}

const target = 'export const one = 1\nexport type One = 1\n'

const forbidden: readonly [rule: string, from: string, to: string, statement: string][] = [
  [
    'statistics-may-import',
    'src/statistics/mean.ts',
    'src/kernel/index.ts',
    "import { one } from '../kernel/index.ts'",
  ],
  ['data-may-import', 'src/data/index.ts', 'src/models/index.ts', "import type { One } from '../models/index.ts'"],
  ['apps-may-import', 'src/apps/film/routes.ts', 'src/models/index.ts', "import { one } from '../../models/index.ts'"],
  ['kernel-may-import', 'src/kernel/queue/jobs.ts', 'src/data/index.ts', "export { one } from '../../data/index.ts'"],
  [
    'compute-may-import',
    'src/compute/job.ts',
    'src/bench/index.ts',
    "const { one } = await import('../bench/index.ts')",
  ],
  [
    'public-face',
    'src/models/index.ts',
    'src/data/readers/registry.ts',
    "import { one } from '../data/readers/registry.ts'",
  ],
  ['public-face-composer', 'src/main.ts', 'src/data/store.ts', "import { one } from './data/store.ts'"],
  ['tests-use-face-or-testing', 'src/models/a.test.ts', 'src/data/store.ts', "import { one } from '../data/store.ts'"],
  ['testing-is-for-tests', 'src/data/store.ts', 'src/data/testing.ts', "import { one } from './testing.ts'"],
  ['contract-only', 'console/app.ts', 'src/data/index.ts', "import type { One } from '../src/data/index.ts'"],
  [
    'contract-imports-contracts',
    'src/models/contract.ts',
    'src/data/index.ts',
    "import { one } from '../data/index.ts'",
  ],
  ['contract-is-for-browsers', 'src/data/a/contract.ts', 'src/data/a/store.ts', "import { one } from './store.ts'"],
  ['domain-is-pure', 'src/data/a/domain.ts', 'src/kernel/index.ts', "import type { One } from '../../kernel/index.ts'"],
  ['domain-reaches-nothing', 'src/data/a/domain.ts', 'src/data/a/store.ts', "import type { One } from './store.ts'"],
]

for (const [rule, from, to, statement] of forbidden) {
  test(`the rule ${rule} sees ${statement}`, async () => {
    const violations = await plant({ [from]: `${statement}\nexport const two = 2\n`, [to]: target })
    assert.deepEqual(
      violations.filter((one) => one.rule === rule),
      [{ rule, from, to }],
    )
  })
}

test('a domain reaches no input or output, directly or by way of others', async () => {
  const violations = await plant({
    'src/data/a/domain.ts': "import { readFileSync } from 'node:fs'\nreadFileSync('a')\n",
    'src/data/b/domain.ts': "import { one } from './rule.ts'\nexport const two = one\n",
    'src/data/b/rule.ts': "import { hostname } from 'node:os'\nexport const one = hostname()\n",
  })
  assert.deepEqual(violations.map(({ rule }) => rule).sort(), [
    'domain-is-pure',
    'domain-reaches-nothing',
    'domain-reaches-nothing',
  ])
})

test('two files that import each other, and an import that leads nowhere, are seen', async () => {
  const violations = await plant({
    'src/data/a.ts': "import { two } from './b.ts'\nexport const one = two\n",
    'src/data/b.ts': "import { one } from './a.ts'\nexport const two = one\n",
    'src/data/c.ts': "import { three } from './gone.ts'\nexport const four = three\n",
  })
  assert.deepEqual(violations.map(({ rule }) => rule).sort(), ['no-cycle', 'resolvable'])
})

test('what the design allows passes', async () => {
  const violations = await plant({
    'src/apps/film/routes.ts': "import { one } from '../../release/index.ts'\nexport const two = one\n",
    'src/release/index.ts': "import { one } from '../statistics/index.ts'\nexport { one }\n",
    'src/statistics/index.ts': target,
    'src/data/a/contract.ts': "import { one } from './domain.ts'\nexport const two = one\n",
    'src/data/a/domain.ts': target,
    'src/data/contract.ts': "export { two } from './a/contract.ts'\n",
    'console/app.ts': "import { two } from '../src/data/contract.ts'\nconsole.log(two)\n",
  })
  assert.deepEqual(violations, [])
})

test('the cruise reads at least nine of ten tracked sources, and our tree breaks no rule', async () => {
  const [tracked, { imports, violations }] = await Promise.all([trackedSources(), cruise()])
  assert.ok(tracked.length > 100)
  assert.ok(tracked.filter((file) => imports.has(file)).length >= 0.9 * tracked.length)
  // A file that could not be parsed is listed as well, without what it imports.
  const importing = await importingSources(tracked)
  assert.ok(importing.length > 100)
  const seen = importing.filter((file) => (imports.get(file) ?? []).length > 0)
  assert.ok(seen.length >= 0.9 * importing.length, `${seen.length} of ${importing.length}`)
  assert.deepEqual(violations, [])
})
