import { z } from 'zod'
import { jobStates } from './domain.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex')
const path = z.string().min(1).max(512)

export const resources = z.strictObject({
  cpus: z.int().min(1).max(1024).default(1).describe('slots it takes on the machine'),
  memoryBytes: z
    .int()
    .min(16 << 20)
    .default(2 * 2 ** 30),
  diskBytes: z
    .int()
    .min(1 << 20)
    .default(2 * 2 ** 30),
  processes: z.int().min(1).max(10_000).default(64),
  devices: z
    .strictObject({ variable: z.string().regex(/^[A-Z_]+$/), indices: z.array(z.int().nonnegative()).min(1) })
    .nullable()
    .default(null),
})

export const jobSpec = z.strictObject({
  name: z.string().min(1).max(200),
  command: z
    .array(z.string().max(4096))
    .min(1)
    .max(200)
    .describe('program and arguments, run without a shell, in a folder with inputs/ and outputs/'),
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(8192)).default({}),
  inputs: z
    .array(
      z.union([
        z.strictObject({ path, sha256 }).describe('one stored content, as inputs/<path>'),
        z.strictObject({ path, snapshot: z.string().max(64) }).describe('a snapshot, below inputs/<path>'),
      ]),
    )
    .max(1000)
    .default([]),
  resources: resources.prefault({}),
  timeLimitMs: z
    .int()
    .min(100)
    .max(7 * 86_400_000)
    .default(3_600_000),
  graceMs: z.int().min(0).max(600_000).default(10_000),
  maxAttempts: z.int().min(1).max(10).default(1),
  priority: z.int().min(-100).max(100).default(0).describe('lower runs first'),
})
export type JobSpec = z.infer<typeof jobSpec>

export const jobEnding = z.strictObject({
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  reason: z.string().nullable().describe('why the base ended it: a limit, or a wish; null when it ended by itself'),
  message: z.string().nullable(),
  cpuSeconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  wallMs: z.number().nullable(),
})
export type JobEnding = z.infer<typeof jobEnding>

export const jobOutput = z.strictObject({ path: z.string(), sha256, sizeBytes: z.int() })
export type JobOutput = z.infer<typeof jobOutput>

export const jobProgress = z.record(z.string(), z.json())

export const jobSchema = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(jobStates),
  spec: jobSpec,
  attempt: z.int(),
  ending: jobEnding.nullable(),
  outputs: z.array(jobOutput).nullable(),
  progress: jobProgress.nullable().describe('the last line of JSON with "event": "progress" that the command printed'),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
})
export type Job = z.infer<typeof jobSchema>

export const jobPage = z.strictObject({ jobs: z.array(jobSchema), next: z.string().nullable() })
export const jobAccepted = z.strictObject({ id: z.uuid(), state: z.enum(jobStates) })
export const newMetrics = z.strictObject({
  metrics: z
    .array(z.strictObject({ name: z.string().min(1).max(200), step: z.int().nonnegative(), value: z.number() }))
    .min(1)
    .max(10_000),
})
export const metricSeries = z.strictObject({
  metrics: z.array(z.strictObject({ name: z.string(), step: z.int(), value: z.number(), at: z.iso.datetime() })),
})
