import { z } from 'zod'
import type { Kernel } from '../../kernel/index.ts'
import type { StoredCase } from '../kit/case/store.ts'

const keptAnswer = z.object({ schema: z.literal('pilotbase.case-answer/1'), answer: z.json() })

/** The model's answer as it was kept with the case, verified against its digest. */
export async function readAnswer(kernel: Kernel, found: StoredCase): Promise<z.infer<typeof keptAnswer>['answer']> {
  if (found.answerSha256 === null) throw new Error(`case ${found.id} has no answer yet`)
  return keptAnswer.parse(JSON.parse((await kernel.objects.read(found.answerSha256)).toString('utf8'))).answer
}
