import { registerHooks } from 'node:module'

// The kernel's door loads the whole base, half a second for each of a hundred launchers; they need its catalogue alone.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier.endsWith('kernel/index.ts') ? specifier.replace('index.ts', 'errors/problem.ts') : specifier,
      context,
    ),
})

/**
 * A base that is going to be killed: adopts what is there, then launches attempts, one after another, until it is gone.
 * Arguments: the root folder, how many attempts. Writes a dot before each launch and after the last.
 */
const { join } = await import('node:path')
const { killSpec, openForTest } = await import('./testing.ts')
const [root = '', count = '0'] = process.argv.slice(2)
const executor = await openForTest(join(root, 'local'), { users: { first: 49_000, count: 100 } })
for (let index = 0; index < Number(count); index++) {
  process.stdout.write('.')
  await executor.launch(killSpec(root, index))
}
process.stdout.write('.')
setInterval(() => executor.adoptable(), 1000)
