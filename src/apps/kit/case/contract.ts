import { z } from 'zod'
import { stages } from '../stages.ts'
import { caseStates, findingStates, outcomes, severities, surenesses, verdicts } from './domain.ts'

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex')

export const subjectCode = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,40}$/, '1 to 40 letters, digits and hyphens')
  .describe('a code of the site’s own; never a patient number, a name or a telephone number')

const spoken = z.strictObject({ title: z.string(), detail: z.string() })
/** What is said of a finding, in both languages. */
export const findingWords = z.strictObject({ en: spoken, zh: spoken })
export type FindingWords = z.infer<typeof findingWords>

/** Where in the input a finding is seen. */
export const pointer = z.strictObject({
  leads: z.array(z.string()).describe('names of the leads on which it rests'),
  startS: z.number().nonnegative().describe('seconds from the start of the recording'),
  endS: z.number().nonnegative(),
  beats: z.array(z.int().nonnegative()).max(200).describe('samples of the beats meant, at most the first 200'),
})
export type Pointer = z.infer<typeof pointer>

export const newFinding = z.strictObject({
  code: z.string(),
  severity: z.enum(severities),
  sureness: z.enum(surenesses).describe('how sure, in words; `stated`: said by a clinician'),
  confidence: z.number().min(0).max(1).nullable().describe('mean calibrated probability of what it rests on'),
  words: findingWords,
  measures: z.record(z.string(), z.number().nullable()).describe('figures behind it; the unit is in the name'),
  pointers: z.array(pointer).describe('the first is where to look first'),
})
export type NewFinding = z.infer<typeof newFinding>

export const findingEdit = z
  .strictObject({
    code: z.string().max(60).optional().describe('another finding of the dictionary'),
    severity: z.enum(severities).optional(),
    text: z.string().min(1).max(1000).optional().describe('what it should say'),
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), 'an edit says what it changes')
export type FindingEdit = z.infer<typeof findingEdit>

export const findingSchema = z.strictObject({
  id: z.uuid(),
  rank: z.int().positive().describe('1 is the most urgent'),
  origin: z.enum(['application', 'clinician']),
  ...newFinding.shape,
  state: z.enum(findingStates),
  edit: findingEdit.nullable(),
})
export type Finding = z.infer<typeof findingSchema>

export const inputFile = z.strictObject({ name: z.string(), sha256, sizeBytes: z.int().nonnegative() })

/** What was asked about. The bytes are objects; this names them. */
export const caseInput = z.strictObject({
  origin: z.enum(['snapshot', 'upload']),
  snapshotId: z.uuid().nullable(),
  snapshotDigest: sha256.nullable(),
  name: z.string().describe('the record’s name, as its reader takes it'),
  files: z.array(inputFile).min(1),
  source: z.string(),
  licence: z.string(),
})
export type CaseInput = z.infer<typeof caseInput>

const told = z.strictObject({ title: z.string(), fix: z.string() })
export const refusalSchema = z.strictObject({
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  en: told,
  zh: told,
})
export type Refusal = z.infer<typeof refusalSchema>

export const findingVerdict = z
  .strictObject({
    id: z.uuid(),
    verdict: z.enum(verdicts),
    edit: findingEdit.optional(),
    note: z.string().max(1000).default(''),
  })
  .refine((given) => (given.verdict === 'edit') === (given.edit !== undefined), 'an edit comes with verdict edit only')
export type FindingVerdict = z.infer<typeof findingVerdict>

export const addedFinding = z.strictObject({
  code: z.string().max(60).describe('a finding of the dictionary, or `other`'),
  severity: z.enum(severities),
  text: z.string().min(1).max(1000),
})
export type AddedFinding = z.infer<typeof addedFinding>

export const decisionSchema = z.strictObject({
  id: z.uuid(),
  revision: z.int().describe('the revision of the case that it was made on'),
  outcome: z.enum(outcomes),
  findings: z.array(findingVerdict),
  corrections: z.json().nullable(),
  note: z.string(),
  sha256,
  statementSha256: sha256.describe('the signed statement'),
  correctionSnapshotId: z.uuid().nullable().describe('the labelled snapshot that the corrections became'),
  decidedBy: z.strictObject({ id: z.uuid(), name: z.string().nullable() }),
  decidedAt: z.iso.datetime(),
})
export type Decision = z.infer<typeof decisionSchema>

export const caseRow = z.strictObject({
  id: z.uuid(),
  application: z.string(),
  state: z.enum(caseStates),
  revision: z.int().positive(),
  subject: z.string().nullable(),
  releaseId: z.uuid(),
  versionId: z.uuid(),
  modelLabel: z.string(),
  weightsSha256: sha256,
  stage: z.enum(stages).describe('stage of the release when the case was opened'),
  isDemo: z.boolean(),
  isSynthetic: z.boolean().describe('true: the input was made by a generator'),
  isModelSynthetic: z.boolean().describe('true: any of the data behind the model was'),
  createdAt: z.iso.datetime(),
  answeredAt: z.iso.datetime().nullable(),
  refusedAt: z.iso.datetime().nullable(),
  decidedAt: z.iso.datetime().nullable(),
})

export const listedCase = z.strictObject({
  ...caseRow.shape,
  isWithheld: z.boolean(),
  topFinding: z
    .strictObject({ code: z.string(), severity: z.enum(severities), words: findingWords })
    .nullable()
    .describe('null while there is none, or while it is withheld'),
})
export type ListedCase = z.infer<typeof listedCase>
export const casePage = z.strictObject({
  cases: z.array(listedCase),
  next: z.uuid().nullable().describe('pass as `after` for the next page'),
})

export const caseSchema = z.strictObject({
  ...caseRow.shape,
  input: caseInput,
  inputSha256: sha256,
  answerSha256: sha256.nullable(),
  summary: z.json().nullable().describe('the answer without what is long; its shape is the application’s'),
  refusal: refusalSchema.nullable(),
  isWithheld: z.boolean().describe('true in shadow: the answer is kept, and a clinician does not see it'),
  findings: z.array(findingSchema),
  decisions: z.array(decisionSchema).describe('oldest first; the last one holds'),
  limits: z.strictObject({ en: z.array(z.string()), zh: z.array(z.string()) }).describe('what was not assessed'),
})
export type Case = z.infer<typeof caseSchema>

/** Beside the input, what every application is told when a case is opened. */
export const openCommon = {
  subject: subjectCode.nullable().default(null),
  releaseId: z.uuid().optional().describe('a release in shadow or pilot; without it the live one answers'),
  site: z.string().max(200).optional().describe('needed where several sites have a live release'),
}

export const caseOpened = z.strictObject({ id: z.uuid(), state: z.enum(caseStates), revision: z.int() })

const dictionaryEntry = z.strictObject({
  code: z.string(),
  en: z.string(),
  zh: z.string(),
  rule: z.string().describe('when it is said'),
  source: z.string().describe('where the rule and its thresholds come from'),
})
export const dictionarySchema = z.strictObject({
  findings: z.array(dictionaryEntry),
  limits: caseSchema.shape.limits,
})
export type Dictionary = z.infer<typeof dictionarySchema>
