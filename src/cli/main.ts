import { homedir } from 'node:os'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Compiled code is kept between calls, which halves the start of a command; hence the import after it.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pilotbase', 'compiled'))
const { run } = await import('./base/run.ts')

const code = await run(process.argv.slice(2))
// A command that stays (serve) or has codes of its own (evaluate) sets the code itself.
if (code !== 0) process.exitCode = code
