import { z } from 'zod'
import { projectParams, type Route, route } from '../../kernel/index.ts'
import { isWithheld, readCase } from '../kit/case/cases.ts'
import { caseOpened } from '../kit/case/contract.ts'
import { caseParams, caseRoutes, casesPath } from '../kit/case/routes.ts'
import { readAnswer } from './answer.ts'
import { ecgAnswer, openFromSnapshot as openWish, signalWindow } from './contract.ts'
import { type Opening, openFromSnapshot } from './opening.ts'
import { problem } from './problems.ts'
import { inputOf, readCaseRecording } from './recording/recording.ts'
import { windowOf } from './recording/signal.ts'

const seconds = z.coerce.number().nonnegative()

export function ecgRoutes(opening: Opening): Route[] {
  const { kernel, application } = opening
  const path = casesPath(application)
  return [
    route(
      {
        method: 'POST',
        path,
        operation: 'ecg-case.open',
        summary: 'Open a case of a recording in a snapshot; the analysis follows',
        access: 'case.open',
        params: projectParams,
        body: openWish,
        reply: caseOpened,
        status: 202,
      },
      async ({ tx, project, body, target }) => {
        const { id, state, revision } = await openFromSnapshot(tx, opening, project, body)
        target('case', id)
        return { id, state, revision }
      },
    ),
    ...caseRoutes(kernel, application),
    route(
      {
        method: 'GET',
        path: `${path}/:case/signal`,
        operation: 'ecg-case.signal',
        summary: 'A window of the recording in µV, with its beats; lowest and highest of many samples where it is long',
        access: 'case.read',
        audited: true,
        params: caseParams,
        query: z.strictObject({
          from: seconds.default(0).describe('s'),
          to: seconds.optional().describe('s; by default 10 s after `from`'),
          points: z.coerce.number().int().min(100).max(20_000).default(5000).describe('values a lead, at most'),
        }),
        reply: signalWindow,
      },
      async ({ tx, project, params, query, target }) => {
        target('case', params.case)
        const found = await readCase(tx, application, project.id, params.case)
        const recording = await readCaseRecording(kernel, found.input)
        const input = inputOf(recording)
        const samples = input.leads[0]?.samplesMv.length ?? 0
        const endS = query.to ?? query.from + 10
        const [from, to] = [Math.round(query.from * input.fs), Math.min(samples, Math.round(endS * input.fs))]
        if (from >= to) throw problem('apps.ecg-window', { startS: query.from, endS, durationS: samples / input.fs })
        const isShown = found.answerSha256 !== null && !isWithheld(found, project.roles)
        const answer = isShown ? ecgAnswer.parse(await readAnswer(kernel, found)) : null
        const calibrated = recording.leads.every((lead) => lead.calibrated)
        return windowOf(input, answer, { from, to, points: query.points, calibrated })
      },
    ),
  ]
}
