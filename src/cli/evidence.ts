import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Envelope, StoredStatement } from '../kernel/index.ts'
import type { Artefact } from '../kernel/offline.ts'
import { connect, exit, queryOf, Stop } from './base/client.ts'
import { language, words } from './base/language.ts'
import { instant, show, table, tell } from './base/output.ts'
import { readable } from './base/read-file.ts'
import { type Checked, checkEvidence } from './evidence/check.ts'
import { showLineage } from './evidence/lineage.ts'

export function evidenceCommand(program: Command): void {
  const evidence = program.command('evidence').description('list, export and verify signed statements')
  baseCommands(evidence)
  const collect = (value: string, before: readonly string[]): string[] => [...before, value]
  evidence
    .command('verify')
    .description('verify envelopes, exports and dossiers against keys that you trust; needs no base')
    .argument('<file...>', 'files of evidence')
    .requiredOption('--keys <file>', 'key ring: evidence keys FILE, got from whom you trust')
    .option('--artefact <file>', 'something at hand that the evidence must speak of; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  pilotbase evidence verify dossier.json --keys base-keys.json\n  pilotbase evidence verify all.jsonl --keys base-keys.json --artefact model.onnx\nExit code 0 only if everything holds.',
    )
    .action((files: string[], options: { keys: string; artefact: readonly string[] }, command: Command) =>
      verify(command, files, options.keys, options.artefact),
    )
}

function baseCommands(evidence: Command): void {
  evidence
    .command('list')
    .description('signed statements of the project, oldest first')
    .option('--about <sha256>', 'only those about this')
    .action(async ({ about }: { about?: string }, command: Command) => {
      const found = await fetchStatements(command, about)
      const rows = found.statements.map((one) => [one.digest, shortType(one.predicateType), instant(one.createdAt)])
      show(command, found, () => table(['statement', 'kind', 'kept at'], rows))
    })
  evidence
    .command('export')
    .description('every statement of the project, one signed envelope a line')
    .argument('<file>', 'file to write')
    .addHelpText(
      'after',
      '\nExample:\n  pilotbase evidence export all.jsonl && pilotbase evidence verify all.jsonl --keys base-keys.json\nEach line is signed; that no line is missing is signed only in a dossier (release dossier).',
    )
    .action(async (file: string, _options, command: Command) => {
      const { statements } = await fetchStatements(command)
      writeFileSync(file, statements.map(({ envelope }) => `${JSON.stringify(envelope)}\n`).join(''))
      show(command, { file, statements: statements.length }, () =>
        words(`${statements.length} statements in ${file}.`, `${file} 中有 ${statements.length} 条声明。`),
      )
    })
  evidence
    .command('keys')
    .description('save the public keys that this base trusts, its own among them, for verifying elsewhere')
    .argument('<file>', 'file to write')
    .action(async (file: string, _options, command: Command) => {
      const ring = await connect(command).get<{ keys: { keyid: string; party: string; validFrom: string }[] }>(
        'keys/trusted',
      )
      writeFileSync(file, `${JSON.stringify(ring, null, 1)}\n`)
      const rows = ring.keys.map((one) => [one.keyid, one.party, instant(one.validFrom)])
      show(command, { file, ...ring }, () => `${table(['key', 'of', 'valid from'], rows)}\n→ ${file}`)
    })
  evidence
    .command('lineage')
    .description('what something rests on, and with --forward what came of it, read off verified statements')
    .argument('<sha256>', 'digest of an artefact or a statement')
    .option('--forward', 'what came of it')
    .action(async (digest: string, { forward = false }: { forward?: boolean }, command: Command) => {
      const base = connect(command)
      const { statements } = await fetchStatements(command)
      const ring = JSON.stringify(await base.get('keys/trusted'))
      await showLineage(
        command,
        statements.map((one) => one.envelope),
        ring,
        digest,
        forward,
      )
    })
  evidence
    .command('import')
    .description('keep another party’s signed statement, whose key is trusted here')
    .argument('<file>', 'one envelope')
    .action(async (file: string, _options, command: Command) => {
      const envelope = JSON.parse(readFileSync(readable(file), 'utf8')) as Envelope
      const kept = await connect(command).send<{ digest: string }>('POST', './evidence', envelope)
      show(command, kept, () => words(`Kept as ${kept.digest}.`, `已保存：${kept.digest}。`))
    })
}

function fetchStatements(command: Command, subject?: string): Promise<{ statements: StoredStatement[] }> {
  return connect(command).get(`./evidence${queryOf({ subject })}`)
}

function shortType(uri: string): string {
  return uri.replace(/^https:\/\/pilotbase\.dev\/evidence\/(.*)\/v1$/, '$1')
}

async function verify(
  command: Command,
  files: readonly string[],
  keys: string,
  artefacts: readonly string[],
): Promise<void> {
  const { readKeyRing } = await import('../kernel/offline.ts')
  const ring = readKeyRing(readFileSync(readable(keys), 'utf8'))
  const at: Artefact[] = []
  for (const path of artefacts) at.push({ name: basename(path), sha256: await fileDigest(readable(path)) })
  const checked: Checked[] = []
  for (const file of files) checked.push(await checkEvidence(file, readFileSync(readable(file)), ring, at))
  const ok = checked.every((one) => one.refusals.length === 0)
  const plain = checked.map(({ refusals, ...one }) => ({
    ...one,
    refusals: refusals.map(({ problem, ...where }) => ({ ...where, code: problem.code, words: wordsOf(problem) })),
  }))
  show(command, { ok, files: plain }, () => checked.map(described).join('\n\n'))
  for (const { file, refusals } of checked)
    for (const { problem } of refusals) tell(command, `${file}: ${wordsOf(problem)} [${problem.code}]`)
  const refused = checked.reduce((sum, one) => sum + one.refusals.length, 0)
  if (!ok) throw new Stop(words(`${refused} things do not hold`, `${refused} 处不成立`), exit.refused)
}

function wordsOf(problem: Checked['refusals'][number]['problem']): string {
  const { title, fix } = problem.words(language)
  return `${title}. ${fix}`
}

function described({ file, form, statements, exportedAt, exportedBy, refusals, note }: Checked): string {
  const rows = statements.map((one) => [
    one.digest.slice(0, 12),
    one.kind,
    one.subject,
    instant(one.at),
    one.by,
    one.signers,
  ])
  const holds = refusals.length === 0 ? words('holds', '成立') : words('DOES NOT HOLD', '不成立')
  const whole = exportedAt === null ? '' : `, ${exportedBy?.join(', ') ?? ''}, ${instant(exportedAt)}`
  const head = `${file}: ${holds}; ${form}, ${statements.length} ${words('statements verified', '条声明已验证')}${whole}`
  return [
    head,
    table(['statement', 'kind', 'about', 'at', 'by', 'signed by'], rows),
    ...(note === null ? [] : [note]),
  ].join('\n')
}

async function fileDigest(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(piece as Buffer)
  return digest.digest('hex')
}
