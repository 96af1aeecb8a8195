import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFaults } from './faults.ts'
import { summary } from './summary.ts'

const kills = Number(process.env['PILOTBASE_FAULT_KILLS'] ?? 100)
const seed = Number(process.env['PILOTBASE_FAULT_SEED'] ?? 1)

test(`what a base acknowledged outlives ${kills} kills of it and its database`, async (context) => {
  const databaseKills = Math.round(kills / 5)
  const options = { baseKills: kills - databaseKills, databaseKills, seed }
  const report = await runFaults({ ...options, tell: (line) => context.diagnostic(line) })
  context.diagnostic(summary(report))
  assert.deepEqual(report.ledger.violations, [])
  assert.equal(report.baseKills + report.databaseKills, kills)
  assert.ok(report.ledger.jobs.size > kills / 4, 'there was load while it was killed')
})
