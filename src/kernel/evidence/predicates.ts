import { z } from 'zod'

/** SHA-256 in lower-case hex. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')

const instant = z.iso.datetime().describe('UTC, ISO 8601, ends in Z')
const count = z.int().nonnegative()
const figure = z.number().nullable()

/** Who made the statement. A person or program, by the name under which the base knows them. */
export const statingActorSchema = z.strictObject({
  kind: z.enum(['person', 'system']),
  id: z.string().min(1),
  name: z.string().min(1),
  organisation: z.string().min(1).nullable().describe('null for the base itself'),
})

/** Something that was used: lineage goes from a statement's materials to the statements about them. */
export const materialSchema = z.strictObject({
  name: z.string().min(1),
  role: z
    .enum([
      'snapshot',
      'source',
      'weights',
      'base-weights',
      'code',
      'plan',
      'answers',
      'report',
      'contract',
      'card',
      'input',
      'labels',
      'other',
    ])
    .describe('what it was used as'),
  digest: z.strictObject({ sha256: sha256Hex }),
})
export type Material = z.infer<typeof materialSchema>

const common = {
  at: instant,
  by: statingActorSchema,
  project: z.string().min(1),
  synthetic: z.boolean().describe('true when any of the data behind it is synthetic'),
  demo: z.boolean().describe('true when it was made to show the product, and nobody relies on it'),
  materials: z.array(materialSchema).describe('what it was made from or is about, by digest'),
  previous: z.array(sha256Hex).describe('digests of the statements that it builds on'),
}

const task = z.strictObject({ id: z.string().min(1), version: z.string().min(1) })
const stage = z.enum(['proposed', 'shadow', 'pilot', 'live', 'withdrawn'])

const snapshot = z.strictObject({
  ...common,
  snapshotId: z.string().min(1),
  sources: z
    .array(z.strictObject({ name: z.string().min(1), licence: z.string().min(1), address: z.string().nullable() }))
    .min(1),
  contractId: z
    .string()
    .nullable()
    .describe('usage contract under which the data may be used; null when none is needed'),
  deidentification: z
    .strictObject({ profile: z.string().min(1), version: z.string().min(1) })
    .nullable()
    .describe('null when the data was never about identifiable people'),
  quality: z.strictObject({ verdict: z.enum(['pass', 'fail', 'not-assessed']), reportSha256: sha256Hex.nullable() }),
  splits: z.array(z.strictObject({ name: z.string().min(1), records: count, people: count.nullable() })).min(1),
  labels: z.string().nullable().describe('who or what labelled, and how; null when unlabelled'),
})

const training = z.strictObject({
  ...common,
  job: z.strictObject({ id: z.string().min(1), attempt: z.int().positive() }),
  recipe: z.strictObject({ name: z.string().min(1), sha256: sha256Hex }),
  command: z.array(z.string()).min(1).describe('argument vector that reproduces the run'),
  seed: z.int().nullable().describe('null when the recipe draws nothing'),
  environment: z.record(z.string(), z.string()).describe('library or runtime → version'),
  hardware: z.array(z.strictObject({ device: z.string().min(1), count: z.int().positive() })),
  startedAt: instant,
  finishedAt: instant,
  metrics: z.record(z.string(), figure).describe('as the recipe reported them; null where undefined'),
})

const evaluationPlan = z.strictObject({
  ...common,
  planId: z.string().min(1),
  task,
  purpose: z.string().min(1).describe('the question that the evaluation answers'),
  scorer: z.strictObject({ name: z.string().min(1), version: z.string().min(1), sha256: sha256Hex.nullable() }),
  judge: z.strictObject({ name: z.string().min(1), version: z.string().min(1) }).nullable(),
  samplesPlanned: count,
  metrics: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        primary: z.boolean(),
        better: z.enum(['higher', 'lower']),
        threshold: figure.describe('what the gate asks for; null when it is only reported'),
        interval: z.strictObject({ method: z.string().min(1), level: z.number().gt(0).lt(1) }).nullable(),
      }),
    )
    .min(1),
  subgroups: z.array(z.string()),
  exclusions: z.array(z.string()).describe('rules by which a sample is left out, fixed beforehand'),
  stopping: z.string().nullable().describe('rule by which the run may end early; null: never'),
  seed: z.int().nullable(),
})

const result = z
  .strictObject({
    metric: z.string().min(1),
    subgroup: z.string().nullable().describe('null: all samples'),
    n: count,
    value: figure,
    low: figure,
    high: figure,
    level: z.number().gt(0).lt(1).nullable(),
    missing: z.string().nullable().describe('why there is no value; null when there is one'),
  })
  .refine((row) => (row.value === null) === (row.missing !== null), 'a value or a reason why it is missing, never both')
  .refine((row) => row.low === null || row.high === null || row.low <= row.high, 'low must not exceed high')

const evaluation = z
  .strictObject({
    ...common,
    evaluationId: z.string().min(1),
    task,
    state: z.enum(['complete', 'void']),
    samplesAsked: count,
    samplesAnswered: count,
    samplesUngraded: count,
    startedAt: instant,
    finishedAt: instant,
    answersSha256: sha256Hex.describe('every sample and its answer'),
    command: z.array(z.string()).min(1).describe('argument vector that reproduces the figures'),
    results: z.array(result),
    deviations: z.array(z.string()).describe('departures from the plan; empty when there were none'),
  })
  .refine((run) => run.samplesAnswered <= run.samplesAsked, 'more samples answered than asked')
  .refine((run) => run.state === 'complete' || run.deviations.length > 0, 'a void evaluation says why in deviations')

const gate = z
  .strictObject({
    ...common,
    releaseId: z.string().min(1),
    gate: z.strictObject({ id: z.string().min(1), version: z.string().min(1) }),
    from: stage.nullable(),
    to: stage,
    checks: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          title: z.string().min(1),
          outcome: z.enum(['pass', 'fail', 'not-assessed']),
          required: z.string().min(1).describe('what was asked for, in words'),
          observed: z.string().nullable().describe('what was found, in words; null when not assessed'),
          evidence: z.array(sha256Hex).describe('digests of the statements or files it was read from'),
        }),
      )
      .min(1),
    outcome: z.enum(['open', 'shut']),
    expiresAt: instant.nullable(),
  })
  .refine(
    (row) => row.outcome === 'shut' || row.checks.every((check) => check.outcome === 'pass'),
    'a gate is open only when every check passed',
  )

const approval = z.strictObject({
  ...common,
  releaseId: z.string().min(1),
  from: stage.nullable(),
  to: stage,
  role: z.string().min(1).describe('in which role it was given'),
  decision: z.enum(['approved', 'refused']),
  conditions: z.array(z.string()),
  reason: z.string().min(1),
  expiresAt: instant.nullable(),
})

const release = z.strictObject({
  ...common,
  releaseId: z.string().min(1),
  purpose: z.string().min(1).describe('intended use'),
  site: z.string().min(1),
  from: stage.nullable().describe('null for a new release'),
  to: stage,
  scope: z.string().min(1).describe('population, devices and settings in which it may be used'),
  reason: z.string().min(1),
})

const decision = z.strictObject({
  ...common,
  caseId: z.string().min(1).describe('the case by its random id, never a patient number'),
  application: z.string().min(1),
  releaseId: z.string().min(1),
  findingsSha256: sha256Hex,
  decision: z.enum(['accepted', 'corrected', 'rejected']),
  correctionSha256: sha256Hex.nullable(),
  answeredAt: instant,
  decidedAt: instant,
})

/** Every kind of statement that the base makes; the URI is `https://pilotbase.dev/evidence/<kind>/v1`. */
export const predicateSchemas = {
  snapshot,
  training,
  'evaluation-plan': evaluationPlan,
  evaluation,
  gate,
  approval,
  release,
  decision,
} as const
export type Kind = keyof typeof predicateSchemas
export type Predicate<K extends Kind = Kind> = z.infer<(typeof predicateSchemas)[K]>
export const kinds = Object.keys(predicateSchemas).filter(isKind)

export function isKind(text: string): text is Kind {
  return Object.hasOwn(predicateSchemas, text)
}

export function predicateType(kind: Kind): string {
  return `https://pilotbase.dev/evidence/${kind}/v1`
}

/** The kind named by a predicate's URI, or null where it is none of ours. */
export function kindOfUri(uri: string): Kind | null {
  return kinds.find((kind) => predicateType(kind) === uri) ?? null
}
