import type { Snapshot } from '../../data/contract.ts'
import { bytes, fields, instant } from '../base/output.ts'

export function described(snapshot: Snapshot): string {
  const splits = Object.entries(snapshot.splits).map(([name, count]) => `${name === '' ? 'none' : name} ${count}`)
  return fields([
    ['name', snapshot.name],
    ['id', snapshot.id],
    ['digest', snapshot.digest],
    ['files', `${snapshot.files}, ${bytes(snapshot.sizeBytes)}`],
    ['splits', splits.join(', ')],
    ['source', snapshot.source],
    ['licence', snapshot.licence],
    ['synthetic', snapshot.synthetic ? 'yes: made up, not measured' : 'no'],
    ['made at', instant(snapshot.createdAt)],
  ])
}
