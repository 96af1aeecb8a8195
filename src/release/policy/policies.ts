import { readFileSync } from 'node:fs'
import { nearest, recordEvent, type Tx } from '../../kernel/index.ts'
import { problem } from './problems.ts'
import { type ReadPolicy, readPolicy } from './read.ts'
import { insertPolicy, newestPolicy, organisationNames, type StoredPolicy } from './store.ts'
import { gatedStages } from '../release/domain.ts'

/** The example that ships. It holds nowhere until an owner sets it: who answers for the rules is a person. */
export const suggestedPolicy = readFileSync(new URL('./default.yaml', import.meta.url), 'utf8')

const organisationKinds = ['hospital', 'company', 'research', 'government']

/** Sets the next version of a project's policy. Releases that are under way keep theirs. */
export async function setPolicy(tx: Tx, projectId: string, source: string, reason: string): Promise<StoredPolicy> {
  const read = readPolicy(source)
  refuseUnknownParty(read, [...organisationKinds, ...(await organisationNames(tx))])
  const version = 1 + ((await newestPolicy(tx, projectId))?.version ?? 0)
  await insertPolicy(tx, projectId, { version, source, rules: read.rules, reason })
  await recordEvent(tx, { projectId, kind: 'release-policy.changed', subjectId: String(version), detail: { reason } })
  const set = await newestPolicy(tx, projectId)
  if (set === null) throw new Error('the policy that was just set is not there')
  return set
}

/** A party that nobody can be from would keep a gate shut for ever. */
function refuseUnknownParty({ rules, lineOf }: ReadPolicy, known: readonly string[]): void {
  for (const stage of gatedStages) {
    for (const [at, party] of rules.gates[stage].approvals.parties.entries()) {
      if (known.includes(party)) continue
      const line = lineOf(['gates', stage, 'approvals', 'parties', at])
      throw problem('release.policy-party-unknown', { line, party, nearest: nearest(party, known) })
    }
  }
}
