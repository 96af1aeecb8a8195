import type { FaultReport } from './faults.ts'

/** What was done and what held, the last line on its own. */
export function summary({ ledger, baseKills, databaseKills, seconds, killSeconds, kept }: FaultReport): string {
  const { jobs, batches, snapshots, deeds, failures, violations } = ledger
  const unanswered = [...failures].map(([what, times]) => `${times} × ${what}`).join(', ')
  const byKind = [...Map.groupBy(violations, ({ what }) => what)].map(([what, all]) => `${all.length} ${what}`)
  const kinds = byKind.length === 0 ? '' : ` (${byKind.join(', ')})`
  return [
    `not acknowledged: ${unanswered === '' ? 'nothing' : unanswered}`,
    ...(kept === '' ? [] : [`the base's folder and log were kept in ${kept}`]),
    `${baseKills} kills of the base and ${databaseKills} of the database in ${killSeconds.toFixed(0)} s (${seconds.toFixed(0)} s in all); acknowledged: ${jobs.size} jobs, ${batches.filter((batch) => batch.isAcknowledged).length} batches of metrics, ${snapshots.length} snapshots, ${deeds.size} audited changes; ${violations.length} violations${kinds}`,
  ].join('\n')
}
