import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The Python reference reader, where PILOTBASE_PEER_PYTHON names a Python that has it. */
export interface PeerReader {
  readonly name: string
  /** CPU that so many readings of a record take, in a process that stays warm. */
  readMs(record: string, repeats: number): Promise<number>
  close(): void
}

const program = `
import sys, time, wfdb
print('wfdb ' + wfdb.__version__, flush=True)
for line in sys.stdin:
    record, repeats = line.split()
    began = time.process_time()
    for _ in range(int(repeats)):
        wfdb.rdrecord(record)
    print((time.process_time() - began) * 1000, flush=True)
`

export async function openPeerReader(folder: string): Promise<PeerReader | null> {
  const python = process.env['PILOTBASE_PEER_PYTHON']
  if (python === undefined || python === '') return null
  const child = spawn(python, ['-c', program], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${python} ended: does it have wfdb?`)
    return value as string
  }
  await once(child, 'spawn')
  return {
    name: await said(),
    async readMs(record, repeats) {
      child.stdin.write(`${record} ${repeats}\n`)
      return Number(await said())
    },
    close: () => child.stdin.end(),
  }
}
