/** `npm run faults [-- --base-kills 500 --database-kills 100 --seed 1]`: exits with 1 where anything acknowledged did not hold. */
import { parseArgs } from 'node:util'
import { runFaults } from './faults.ts'
import { summary } from './summary.ts'

const { values } = parseArgs({
  options: {
    'base-kills': { type: 'string', default: '500' },
    'database-kills': { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})
const report = await runFaults({
  baseKills: Number(values['base-kills']),
  databaseKills: Number(values['database-kills']),
  seed: Number(values.seed),
  tell: (line) => console.log(line),
})
console.log(summary(report))
process.exitCode = report.ledger.violations.length === 0 ? 0 : 1
