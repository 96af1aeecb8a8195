/** Runs named commands one after the other and says of each how it went and how long it took. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Step {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** True where every step succeeded; the ones after a failed step still run, so that one look shows everything. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const failed: string[] = []
  for (const { name, command, args } of steps) {
    console.log(`\n== ${name}`)
    const start = performance.now()
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) failed.push(name)
    console.log(`-- ${name}: ${code === 0 ? 'well' : 'FAILED'} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  }
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`)
  return failed.length === 0
}
