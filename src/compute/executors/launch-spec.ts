import type { LaunchSpec } from './executor.ts'
import { problem } from './problems.ts'

/** A DNS label (RFC 1123, section 2.1): what Kubernetes allows as a pod's name. */
const attemptIdShape = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Refuses what no executor could start; each member calls it first. */
export function checkSpec(spec: LaunchSpec): void {
  const { attemptId, command, environment, resources } = spec
  checkAttemptId(attemptId)
  if (!command[0] || command[0].startsWith('-') || command.some((part) => part.includes('\0')))
    throw problem('compute.attempt-command')
  for (const [variable, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) || value.includes('\0')) {
      throw problem('compute.attempt-environment', { variable })
    }
  }
  const limits = {
    cpus: resources.cpus,
    memoryBytes: resources.memoryBytes,
    diskBytes: resources.diskBytes,
    processes: resources.processes,
    timeLimitMs: spec.timeLimitMs,
    graceMs: spec.graceMs,
  }
  for (const [limit, value] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value > 0)) throw problem('compute.attempt-limits', { limit, value })
  }
}

export function checkAttemptId(attemptId: string): void {
  if (!attemptIdShape.test(attemptId)) throw problem('compute.attempt-id', { attemptId })
}
