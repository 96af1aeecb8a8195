import { z } from 'zod'
import { canonicalBytes, capability, type Kernel, Problem, type Work, referObjects } from '../../../kernel/index.ts'
import type { Answered, Application } from '../application.ts'
import type { Released } from '../released.ts'
import { analysisAttempts } from './cases.ts'
import { newFinding, type Refusal } from './contract.ts'
import { ranked } from './domain.ts'
import { insertFindings } from './finding-store.ts'
import { problem } from './problems.ts'
import { caseById, moveCase, type StoredCase } from './store.ts'

const payloadShape = z.strictObject({ caseId: z.uuid() })

/** Background work that brings an open case to an answer or a refusal. It may run twice: the second finds it moved. */
export function analysisOf(kernel: Kernel, released: Released, application: Application): Work {
  const asBase = capability('scheduler')
  return async (payload, { attempt }) => {
    const { caseId } = payloadShape.parse(payload)
    const found = await kernel.database.transaction(asBase, (tx) => caseById(tx, caseId))
    if (found === null || found.state !== 'open') return
    let answered: Answered
    try {
      answered = await application.analyse(found, (input) => released.analyse(found.projectId, found.releaseId, input))
    } catch (error) {
      const isLast = attempt >= analysisAttempts
      if (error instanceof Problem && (!error.row.retry || isLast)) return refuse(kernel, found, error)
      if (isLast) await refuse(kernel, found, problem('apps.analysis-failed', { attempts: attempt }, error))
      throw error
    }
    const findings = ranked(newFinding.array().parse(answered.findings))
    const kept = await kernel.objects.put(
      canonicalBytes({
        schema: 'pilotbase.case-answer/1',
        application: application.id,
        answer: answered.answer,
        findings,
      }),
    )
    await kernel.database.transaction(asBase, async (tx) => {
      const change = { answerSha256: kept.sha256, summary: answered.summary, at: kernel.clock() }
      if (!(await moveCase(tx, found, 'answer', change))) return
      await referObjects(tx, { projectId: found.projectId, kind: 'case', id: found.id }, [kept.sha256])
      await insertFindings(tx, { caseId: found.id, projectId: found.projectId }, 'application', findings, 0)
    })
  }
}

/** A refusal carries its reason in both languages, and no score. */
async function refuse(kernel: Kernel, found: StoredCase, why: Problem): Promise<void> {
  const refusal: Refusal = { code: why.code, params: why.params, en: why.words('en'), zh: why.words('zh') }
  await kernel.database.transaction(capability('scheduler'), (tx) =>
    moveCase(tx, found, 'refuse', { refusal, at: kernel.clock() }),
  )
}
