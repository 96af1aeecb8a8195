import type { Job } from '../../compute/contract.ts'
import { bytes, duration, fields, instant } from '../base/output.ts'

export function described(job: Job): string {
  const { ending, spec } = job
  return fields([
    ['name', job.name],
    ['id', job.id],
    ['state', job.state],
    ['command', spec.command.join(' ')],
    ['limits', `${spec.resources.cpus} cpus, ${bytes(spec.resources.memoryBytes)}, ${duration(spec.timeLimitMs)}`],
    ['attempt', `${job.attempt} of ${spec.maxAttempts}`],
    ['submitted', instant(job.createdAt)],
    ['started', instant(job.startedAt)],
    ['ended', instant(job.endedAt)],
    ...(ending === null
      ? []
      : ([
          ['exit', ending.signal ?? ending.exitCode],
          ['why', ending.message ?? ending.reason],
          ['cpu', ending.cpuSeconds === null ? null : `${ending.cpuSeconds.toFixed(1)} s`],
          ['memory', ending.peakMemoryBytes === null ? null : bytes(ending.peakMemoryBytes)],
        ] as const)),
    ['progress', job.progress === null ? null : JSON.stringify(job.progress)],
    ['outputs', job.outputs === null ? null : job.outputs.map((one) => one.path).join(', ')],
  ])
}
