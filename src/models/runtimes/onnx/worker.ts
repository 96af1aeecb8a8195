import { parentPort, workerData } from 'node:worker_threads'
import { buffersOf, type FromThread, type ThreadSetup, type ToThread } from './messages.ts'
import { load, runBatch } from './session.ts'

/*
 * The thread that holds one session. `session.run` of onnxruntime-node 1.30 blocks the thread that calls it for as long
 * as the model takes (README.md has the measurement), so it is called here and not where HTTP is answered.
 */

// onnxruntime-node 1.30 reads no Float16Array (onnxruntime issue 26791, pull request 32323): each FP16 input would be
// refused as empty. Where this thread has no such class, onnxruntime-common takes and gives the bits as Uint16Array.
Reflect.deleteProperty(globalThis, 'Float16Array')

if (parentPort === null) throw new Error('worker.ts runs as a worker thread')
const port = parentPort
const setup = workerData as ThreadSetup

function say(message: FromThread, transfer: Iterable<ArrayBuffer> = []): void {
  port.postMessage(message, [...transfer])
}

const loaded = await load(setup)
if ('code' in loaded) {
  say({ kind: 'unreadable', refusal: loaded })
} else {
  const { session, signature } = loaded
  port.on('message', async (message: ToThread) => {
    if (message.kind === 'close') {
      await session.release()
      port.close()
      return
    }
    const startedAt = performance.now()
    const answers = await runBatch(session, message.items, message.outputs, setup.notFinite)
    const transfer = new Set<ArrayBuffer>()
    for (const answer of answers) if ('outputs' in answer) buffersOf(answer.outputs, transfer)
    say({ kind: 'done', answers, inferMs: performance.now() - startedAt }, transfer)
  })
  say({ kind: 'ready', signature })
}
