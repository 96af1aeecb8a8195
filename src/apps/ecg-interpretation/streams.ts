/** What comes or goes as files: uploads, the whole answer, the printable report. */
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { enterAs, httpProblem, recordDeed, type Tx } from '../../kernel/index.ts'
import type { Case } from '../kit/case/contract.ts'
import { openCommon } from '../kit/case/contract.ts'
import { isWithheld, readCase, showCase } from '../kit/case/cases.ts'
import { casesPath } from '../kit/case/routes.ts'
import { problem as caseProblem } from '../kit/case/problems.ts'
import type { StoredCase } from '../kit/case/store.ts'
import { readAnswer } from './answer.ts'
import { ecgAnswer } from './contract.ts'
import { type Opening, openFromUpload } from './opening.ts'
import { problem } from './problems.ts'
import { holdLimit, inputOf, readCaseRecording, recordingLimitBytes, takeUpload } from './recording/recording.ts'
import { reportPage } from './report/page.ts'

const uploadFields = z.strictObject(openCommon)
const reportQuery = z.strictObject({ lang: z.enum(['en', 'zh']).default('en') })

export async function ecgStreams(app: FastifyInstance, opening: Opening): Promise<void> {
  const { kernel, application } = opening
  const path = casesPath(application)
  await app.register(multipart, {
    limits: { fileSize: recordingLimitBytes, files: 64, fields: 8, fieldSize: 1000 },
    throwFileSizeLimit: true,
  })

  app.post(
    `${path}/upload`,
    {
      bodyLimit: recordingLimitBytes,
      schema: {
        operationId: 'ecg-case.upload',
        summary: 'Open a case of a recording that is sent: multipart/form-data with the files of one record',
        consumes: ['multipart/form-data'],
      },
    },
    async (request, reply) => {
      const { project } = request.params as { project: string }
      await enterAs(kernel.database, request, 'case.open', project, async () => undefined)
      const { files, fields } = await partsOf(request)
      const taken = await takeUpload(files)
      const { id, state, revision } = await enterAs(
        kernel.database,
        request,
        'case.open',
        project,
        async (tx, entered) => {
          if (entered.project === null) throw httpProblem('kernel.not-found', { kind: 'project', id: project })
          const opened = await openFromUpload(tx, opening, entered.project, { ...fields, taken })
          await audit(tx, request, 'ecg-case.upload', opened)
          return opened
        },
      )
      return reply.status(202).send({ id, state, revision })
    },
  )

  app.get(
    `${path}/:case/answer`,
    { schema: { operationId: 'ecg-case.answer', summary: 'The model’s whole answer, every beat' } },
    async (request, reply) => {
      const { found } = await readShown(request, 'ecg-case.answer')
      return reply.type('application/json').send(JSON.stringify(await readAnswer(kernel, found)))
    },
  )

  app.get(
    `${path}/:case/report.html`,
    { schema: { operationId: 'ecg-case.report', summary: 'A page to print, in Chinese or English' } },
    async (request, reply) => {
      const query = reportQuery.safeParse(request.query)
      if (!query.success) throw httpProblem('kernel.invalid-request', { issues: 'lang is en or zh' })
      const { found, shown, project } = await readShown(request, 'ecg-case.report')
      const recording = await readCaseRecording(kernel, found.input)
      const page = reportPage({
        language: query.data.lang,
        project,
        shown,
        input: inputOf(recording),
        answer: ecgAnswer.parse(await readAnswer(kernel, found)),
        calibrated: recording.leads.every((lead) => lead.calibrated),
      })
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', page.contentSecurityPolicy)
        .header('cache-control', 'no-store')
        .send(page.html)
    },
  )

  /** A case with its answer, where the reader may see it; read and written to the audit log in one transaction. */
  function readShown(
    request: FastifyRequest,
    operation: string,
  ): Promise<{ found: StoredCase; shown: Case; project: string }> {
    const params = request.params as { project: string; case: string }
    return enterAs(kernel.database, request, 'case.read', params.project, async (tx, { project }) => {
      const isId = z.uuid().safeParse(params.case).success
      if (project === null || !isId) throw httpProblem('kernel.not-found', { kind: 'case', id: params.case })
      const found = await readCase(tx, application, project.id, params.case)
      if (isWithheld(found, project.roles)) throw caseProblem('apps.case-shadow')
      if (found.answerSha256 === null) throw caseProblem('apps.case-not-answered', { state: found.state })
      await audit(tx, request, operation, found)
      return { found, shown: await showCase(tx, application, found, project.roles), project: project.title }
    })
  }
}

function audit(tx: Tx, request: FastifyRequest, action: string, found: StoredCase): Promise<void> {
  const { id: targetId, projectId } = found
  return recordDeed(tx, { action, outcome: 'done', projectId, targetKind: 'case', targetId, requestId: request.id })
}

/** The files by their plain names, and the fields beside them. */
async function partsOf(request: FastifyRequest) {
  if (!request.isMultipart()) throw problem('apps.ecg-upload', { reason: 'it is not multipart/form-data' })
  const files = new Map<string, Uint8Array>()
  const texts: Record<string, string> = {}
  let sizeBytes = 0
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.value !== '') texts[part.fieldname] = String(part.value)
      continue
    }
    const name = part.filename.split(/[\\/]/).at(-1) ?? ''
    if (name === '' || files.has(name)) throw problem('apps.ecg-upload', { reason: 'a file has no name of its own' })
    const content = await part.toBuffer()
    sizeBytes += content.length
    holdLimit(sizeBytes)
    files.set(name, content)
  }
  const fields = uploadFields.safeParse(texts)
  if (!fields.success) {
    const issues = fields.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')
    throw httpProblem('kernel.invalid-request', { issues })
  }
  return { files, fields: fields.data }
}
