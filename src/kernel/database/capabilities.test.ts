import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Who sees more than one person's rows, and why. A new holder is a decision: it is added here with its reason. */
const holders: Readonly<Record<string, string>> = {
  'apps/kit/case/jobs.ts scheduler': 'analyses a case after its clinician has gone',
  'bench/evaluation/remembering.ts scheduler': 'keeps each answer while a run goes on',
  'bench/evaluation/running.ts scheduler': 'runs a plan to its end',
  'compute/job/attempt-files.ts scheduler': 'lays out the inputs of any project’s job',
  'compute/job/scheduler.ts scheduler': 'starts and ends jobs of all projects',
  'demo/seed.ts identity': 'makes the operator’s first sign-in link',
  'demo/seed.ts seed': 'fills an empty database with its first people',
  'kernel/audit/routes.ts sealer': 'exports the whole log for an operator',
  'kernel/base.ts sealer': 'seals the log of all projects; reads trusted keys for its export',
  'kernel/identity/oidc/oidc.ts identity': 'opens a session for whom the issuer vouches',
  'kernel/identity/routes.ts identity': 'finds somebody whom an owner does not share a project with yet',
  'kernel/identity/sign-in.ts identity': 'spends links and ends sessions',
  'kernel/queue/worker.ts scheduler': 'signs this base on and off',
  'models/serving/serving.ts scheduler': 'runs the deployments of all projects',
  'release/release/serving.ts scheduler': 'deploys and stops what was released',
}

test('a capability is held where this list says and nowhere else', () => {
  const found = new Set<string>()
  for (const file of globSync('**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|testing|\.perf\.ts$/.test(file)) continue
    for (const [, name] of readFileSync(`${root}${file}`, 'utf8').matchAll(/capability\('([a-z]+)'\)/g))
      found.add(`${file.replaceAll('\\', '/')} ${name}`)
  }
  assert.deepEqual([...found].sort(), Object.keys(holders).sort())
})
