/** Makes `dist/`, the plain JavaScript that `npm pack` carries: types become blanks, so lines stay where they were. */
import { copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = path.join(root, 'src')
const target = path.join(root, 'dist')

/** What only tests, readers of the sources and measurements need. */
const leftOut = /(\.(test|perf)\.ts|(^|\/)(testing[^/]*|test-server|perf-server)\.ts|\.md)$|(^|\/)(fixtures|oracles)\//

/** JavaScript with the same lines. `./a.ts` in imports and in `new URL` becomes `./a.js`. */
export function plain(typescript: string): string {
  return stripTypeScriptTypes(typescript)
    .replace(/(['"])(\.{1,2}\/[^'"\n]*)\.ts\1/g, '$1$2.js$1')
    .replace(/[ \t]+$/gm, '')
}

export async function build(): Promise<number> {
  await rm(target, { recursive: true, force: true })
  const entries = await Array.fromAsync(glob('**/*.*', { cwd: source }))
  const files = entries.filter((file) => !leftOut.test(file))
  for (const file of files) {
    const to = path.join(target, file)
    await mkdir(path.dirname(to), { recursive: true })
    if (file.endsWith('.ts'))
      await writeFile(to.replace(/\.ts$/, '.js'), plain(await readFile(path.join(source, file), 'utf8')))
    else await copyFile(path.join(source, file), to)
  }
  return files.length
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.error(`${await build()} files in dist`)
