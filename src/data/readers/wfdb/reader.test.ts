import { conform } from '../conformance.ts'
import { wfdb } from './reader.ts'
import { expected, fixtureFiles } from './testing.ts'

const chosen = ['format212', 'format8', 'format310', 'mixed', 'varied', 'mitdb101'].filter(
  (name) => name in expected.records,
)

conform(
  wfdb,
  chosen.map((name) => ({ title: `record ${name}`, files: fixtureFiles(name), name })),
)
