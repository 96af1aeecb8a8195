/** The whole gate: `npm run check`. `npm run check -- --without-tests` leaves the tests to whoever runs them already. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runSteps, type Step } from './steps.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = (name: string) => path.join(root, 'node_modules', '.bin', name)
const node = process.execPath

const steps: Step[] = [
  { name: 'types', command: node, args: [program('tsc'), '-p', '.'] },
  { name: 'format', command: node, args: [program('biome'), 'format', '--error-on-warnings'] },
  { name: 'lint', command: node, args: [program('oxlint'), '--deny-warnings'] },
  { name: 'boundaries', command: node, args: ['tools/boundaries.ts'] },
]
// Documents and schemas that are made from the sources are compared with what lies there.
if (existsSync(path.join(root, 'tools', 'generate.ts')))
  steps.push({ name: 'generated files', command: node, args: ['tools/generate.ts', '--check'] })
if (!process.argv.includes('--without-tests')) steps.push({ name: 'tests', command: node, args: ['tools/test.ts'] })

process.exitCode = (await runSteps(steps)) ? 0 : 1
