/** `npm run perf [-- --quick] [-- --only GROUP,…]`: prints every figure that is promised, beside its target and its peer. */
import { closeShared, removeTemporary } from './base.ts'
import { type Figure, isMet, ratioToPeer, shownNumber, shownTarget } from './figure.ts'
import { load, machine } from './measuring/machine.ts'

const groups: Readonly<Record<string, () => Promise<() => Promise<Figure[]>>>> = {
  recording: async () => (await import('./recording.perf.ts')).measure,
  serving: async () => (await import('./serving.perf.ts')).measure,
  evaluation: async () => (await import('./evaluation.perf.ts')).measure,
  start: async () => (await import('./start.perf.ts')).measure,
  jobs: async () => (await import('./jobs.perf.ts')).measure,
  metrics: async () => (await import('./metrics.perf.ts')).measure,
  write: async () => (await import('./write.perf.ts')).measure,
  snapshot: async () => (await import('./snapshot.perf.ts')).measure,
}

const only = process.argv[process.argv.indexOf('--only') + 1]?.split(',')
const wished = process.argv.includes('--only') && only !== undefined ? only : Object.keys(groups)
const asMarkdown = process.argv.includes('--markdown')
const startedAt = performance.now()
const lines: string[] = []
let missed = 0
let broken = 0

// Whoever breaks off leaves no base behind.
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => void closeShared().finally(() => process.exit(130)))

for (const line of machine()) console.log(line)
console.log(`load ${load()} at the start${process.argv.includes('--quick') ? '; --quick: fewer rounds' : ''}\n`)
if (asMarkdown)
  console.log(
    '| figure | value | target | | peer | ours is better by | how | load |\n|---|---|---|---|---|---|---|---|',
  )
try {
  for (const name of wished) {
    const group = groups[name]
    if (group === undefined) throw new Error(`there is no group ${name}: ${Object.keys(groups).join(', ')}`)
    const loadBefore = load()
    try {
      for (const figure of await (await group())()) show(figure, loadBefore)
    } catch (error) {
      // The other groups still have something to say; the exit code tells that this one had not.
      broken++
      console.log(`${name} gave no figure: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
} finally {
  await closeShared()
  removeTemporary()
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
console.log(
  `\n${lines.length} figures, ${missed} missed, ${broken} groups failed; ${seconds} s, load ${load()} at the end`,
)
if (broken > 0) process.exitCode = 1

function show(figure: Figure, loadBefore: string): void {
  const { name, value, unit, how, peer } = figure
  const verdict = { true: 'met', false: 'MISSED', null: '' }[String(isMet(figure)) as 'true' | 'false' | 'null']
  if (verdict === 'MISSED') missed++
  const ratio = ratioToPeer(figure)
  const times = ratio === null ? '' : `${shownNumber(ratio)} ×`
  const where = peer === undefined ? '' : peer.isMeasuredHere ? ', this run' : ', reference'
  const peerText = peer === undefined ? '' : `${peer.name}: ${shownNumber(peer.value)} ${unit}${where}`
  const shown = `${shownNumber(value)} ${unit}`
  lines.push(name)
  if (asMarkdown)
    console.log(`| ${[name, shown, shownTarget(figure), verdict, peerText, times, how, loadBefore].join(' | ')} |`)
  else {
    console.log(`${name.padEnd(36)} ${shown.padStart(16)}   target ${shownTarget(figure).padEnd(18)} ${verdict}`)
    if (peerText !== '') console.log(`${' '.repeat(4)}peer ${peerText}; ours is better by ${times}`)
    console.log(`${' '.repeat(4)}${how}; load ${loadBefore}`)
  }
}
