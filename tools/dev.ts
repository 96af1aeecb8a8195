/** `npm run dev`: a base with demo data that starts again whenever a source changes. Its data stay in `.pilotbase/dev`. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = ['--watch-path=src', '--watch-preserve-output', 'src/cli/main.ts', 'serve', '--data', '.pilotbase/dev']
const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
// Ctrl-C reaches the watcher by itself; this process only waits for it to end its base in order.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
