import { existsSync } from 'node:fs'
import { executorConformance } from '../conformance.ts'
import { localStand } from './testing.ts'

executorConformance('local', () => localStand())

// Alpine's shell. dash, bash and busybox differ in ulimit, traps and messages
if (existsSync('/bin/busybox'))
  executorConformance('local on busybox', () => localStand({ shell: ['/bin/busybox', 'sh'] }))
