import { execFile } from 'node:child_process'
import { words } from '../base/language.ts'
import { type Finding, lacking, there } from './findings.ts'

interface Ran {
  readonly code: number | string
  readonly output: string
}

/** Runs a program and answers what it printed; a program that is not there is an answer too (`ENOENT`). */
export function run(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 20_000, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? 'killed'), output: `${stdout}${stderr}`.trim() })
    })
  })
}

export async function gitFinding(): Promise<Finding> {
  const { code, output } = await run('git', ['--version'])
  if (code === 0) return there('git', 'extra', output.replace('git version ', ''))
  return lacking('git', 'extra', words('not found', '未找到'), installed('git', 'git'))
}

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/** A browser is needed by the console's own tests only. */
export async function browserFinding(): Promise<Finding> {
  const what = words('chromium (console tests)', 'chromium（控制台测试）')
  for (const name of browsers) {
    const { code, output } = await run(name, ['--version'])
    if (code === 0) return there(what, 'extra', output.split('\n')[0] ?? name)
  }
  return lacking(what, 'extra', words('not found', '未找到'), installed('chromium', 'chromium'))
}

/** Packages are looked up, not imported: torch alone takes seconds. */
const probe = `
import importlib.metadata, importlib.util, json, sys
found = {"python": sys.version.split()[0]}
for name in ("torch", "numpy"):
    if importlib.util.find_spec(name) is None:
        found[name] = None
        continue
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = "of unknown version"
print(json.dumps(found))
`

/** Pythons that recipes may run under: the one on the path, and the system's, which often differ. */
export async function pythonFindings(): Promise<Finding[]> {
  const what = words('python3 with torch and numpy (training)', 'python3 及 torch、numpy（训练用）')
  const candidates = process.platform === 'win32' ? ['python'] : ['python3', '/usr/bin/python3']
  const seen: string[] = []
  for (const program of candidates) {
    const { code, output } = await run(program, ['-c', probe])
    if (code !== 0) {
      seen.push(`${program}: ${code === 'ENOENT' ? words('not found', '未找到') : output.split('\n').at(-1)}`)
      continue
    }
    const found = JSON.parse(output.split('\n').at(-1) ?? '{}') as Record<string, string | null>
    const { torch = null, numpy = null } = found
    if (torch !== null && numpy !== null)
      return [there(what, 'wanted', `${program} ${found['python']}, torch ${torch}, numpy ${numpy}`)]
    const missing = [...(torch === null ? ['torch'] : []), ...(numpy === null ? ['numpy'] : [])]
    seen.push(`${program} ${found['python']}: ${words('without', '缺少')} ${missing.join(', ')}`)
  }
  return [lacking(what, 'wanted', seen.join('; '), 'python3 -m pip install torch numpy')]
}

/** The command by which this kind of system installs a package. */
export function installed(debian: string, brew: string): string {
  return process.platform === 'darwin' ? `brew install ${brew}` : `apt-get install ${debian}`
}
