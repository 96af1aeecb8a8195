import { parentPort, workerData } from 'node:worker_threads'
import { Problem } from '../../../kernel/index.ts'
import { openEcgModel, type OpenEcgModel } from '../../ecg/model.ts'
import { analyseEcg } from '../../ecg/pipeline.ts'
import { buffersOf, type ToThread } from '../../runtimes/onnx/messages.ts'
import type { Tensor } from '../../runtimes/tensor.ts'
import { answerTensor, ecgWorkerSignature, recordingOf, refusalOf } from './messages.ts'
import { ecgInputOf } from './recording.ts'

/*
 * The thread in which a recording becomes an answer: parsing, reading of files, signal processing and both networks take
 * about a second for 30 minutes, during which the base goes on answering others.
 */

if (parentPort === null) throw new Error('worker.ts runs as a worker thread')
const port = parentPort
const { folder } = workerData as { readonly folder: string }

async function answer(model: OpenEcgModel, item: readonly Tensor[]): Promise<Tensor> {
  try {
    const [recording] = item
    if (recording === undefined) throw new Error('a request without a recording')
    return answerTensor('answer', await analyseEcg(await ecgInputOf(recordingOf(recording)), model))
  } catch (error) {
    if (error instanceof Problem) return answerTensor('refusal', refusalOf(error))
    // Our bug: the request fails as one, and the thread goes on with the next.
    return answerTensor('fault', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

async function work(model: OpenEcgModel, message: ToThread): Promise<void> {
  if (message.kind === 'close') {
    await model.close()
    port.close()
    return
  }
  const startedAt = performance.now()
  const answers: { outputs: Tensor[] }[] = []
  for (const item of message.items) answers.push({ outputs: [await answer(model, item)] })
  const transfer = new Set<ArrayBuffer>()
  for (const { outputs } of answers) buffersOf(outputs, transfer)
  port.postMessage({ kind: 'done', answers, inferMs: performance.now() - startedAt }, [...transfer])
}

try {
  const model = await openEcgModel(folder)
  port.on('message', (message: ToThread) => work(model, message))
  port.postMessage({ kind: 'ready', signature: ecgWorkerSignature })
} catch (error) {
  if (!(error instanceof Problem)) throw error
  port.postMessage({ kind: 'unreadable', refusal: refusalOf(error) })
}
