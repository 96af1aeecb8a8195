import { createHash } from 'node:crypto'
import { capability, type Kernel, Problem } from '../../kernel/index.ts'
import type { EvaluatedModel } from '../evaluate/models.ts'
import { problem } from '../problems.ts'
import type { Question, Reply } from '../tasks/question.ts'
import {
  findAnswer,
  findEvaluation,
  noteAnswer,
  noteAsking,
  reuseAnswer,
  type AnswerRow,
  type StoredEvaluation,
} from './store.ts'

/** Thrown between two questions of a run that was paused or voided meanwhile. */
export class Interrupted extends Error {}

const actor = capability('scheduler')
// A model that broke on a sample is asked once more; a refusal is an answer and is not.
const triesOnFailure = 2

/**
 * The model with a memory: each question is looked up by model digest, input and parameters before it is asked, and each
 * answer is committed before the next question. Killed at any moment, a run asks again at most what was in flight.
 */
export function rememberingModel(kernel: Kernel, evaluation: StoredEvaluation, model: EvaluatedModel): EvaluatedModel {
  const { database } = kernel
  return {
    ...model,
    async ask(question) {
      const key = inputKey(question)
      const known = await database.transaction(actor, async (tx) => {
        const now = await findEvaluation(tx, evaluation.id)
        if (now?.state !== 'running') throw new Interrupted()
        const own = await findAnswer(tx, evaluation.id, key)
        return own ?? (await reuseAnswer(tx, evaluation, key))
      })
      if (known !== null && known.state !== 'asking') {
        if (known.state !== 'failed') return remembered(known)
        if (known.times_asked >= triesOnFailure) throw problem('bench.sample-failed', { sample: known.sample })
      }
      await database.transaction(actor, (tx) => noteAsking(tx, evaluation, key, question.recording.id))
      return askAndKeep(kernel, evaluation, model, question, key)
    },
  }
}

async function askAndKeep(
  kernel: Kernel,
  evaluation: StoredEvaluation,
  model: EvaluatedModel,
  question: Question,
  key: string,
): Promise<Reply> {
  const keep = (state: 'answered' | 'refused' | 'failed', reply: unknown, code: string | null) =>
    kernel.database.transaction(actor, (tx) => noteAnswer(tx, evaluation.id, key, { state, reply, problem: code }))
  try {
    const reply = await model.ask(question)
    await keep('answered', reply, null)
    return reply
  } catch (error) {
    // A refusal is what the model says about the input; everything that may pass at another time is a failure.
    const isRefusal = error instanceof Problem && error.row.status < 500 && !error.row.retry
    await keep(isRefusal ? 'refused' : 'failed', null, error instanceof Problem ? error.code : (error as Error).message)
    throw error
  }
}

function remembered(row: AnswerRow): Reply {
  if (row.state === 'answered') return row.reply as Reply
  throw problem('bench.sample-refused', { sample: row.sample, code: row.problem ?? '' })
}

/** SHA-256 of what the model is given: rate, leads by name with their samples, and positions where they are given. */
export function inputKey({ kind, recording, beatsAt }: Question): string {
  const hash = createHash('sha256')
  hash.update(
    JSON.stringify({
      kind,
      fs: recording.fs,
      leads: recording.leads.map((lead) => [lead.name, lead.gain, lead.baseline]),
      beatsAt,
    }),
  )
  for (const lead of recording.leads) {
    const { adc } = lead
    hash.update(new Uint8Array(adc.buffer, adc.byteOffset, adc.byteLength))
  }
  return hash.digest('hex')
}
