import type { Command } from 'commander'
import { exit, Stop } from '../base/client.ts'
import { words } from '../base/language.ts'
import { instant, show, table, tell } from '../base/output.ts'

/** What a digest rests on, or what came of it; statements that do not verify are said and left out. */
export async function showLineage(
  command: Command,
  envelopes: readonly unknown[],
  ringFile: string,
  digest: string,
  forward: boolean,
): Promise<void> {
  const { readKeyRing } = await import('../../kernel/offline.ts')
  const { openStatement } = await import('../../kernel/offline.ts')
  const { lineageOf, walkBack, walkForward } = await import('../../kernel/offline.ts')
  const ring = readKeyRing(ringFile)
  const verdicts = envelopes.map((envelope) => openStatement(envelope, ring))
  const bad = verdicts.filter((verdict) => !verdict.ok).length
  if (bad > 0)
    tell(command, words(`${bad} statements do not verify and are left out`, `${bad} 条声明未通过验证，已略去`))
  const lineage = lineageOf(verdicts.flatMap((verdict) => (verdict.ok ? [verdict.value] : [])))
  const walk = forward ? walkForward(lineage, digest) : walkBack(lineage, digest)
  if (walk.statements.length === 0)
    throw new Stop(words(`No statement speaks of ${digest}`, `没有声明涉及 ${digest}`), exit.refused)
  const steps = walk.statements.flatMap((name) => {
    const found = lineage.statements.get(name)
    if (found === undefined) return []
    const { subject, predicate } = found.statement
    return [
      {
        digest: name,
        kind: found.kind,
        about: subject.map((one) => one.name).join(', '),
        at: predicate.at,
        by: predicate.by.name,
      },
    ]
  })
  show(command, { digest, forward, statements: steps, artefacts: walk.artefacts, missing: walk.missing }, () => {
    const rows = steps.map((one) => [one.digest.slice(0, 12), one.kind, one.about, instant(one.at), one.by])
    const missing = walk.missing.map((one) =>
      words(
        `missing: ${one.kind} ${one.name ?? ''} ${one.digest}`,
        `缺少：${one.kind} ${one.name ?? ''} ${one.digest}`,
      ),
    )
    return [table(['statement', 'kind', 'about', 'at', 'by'], rows), ...missing].join('\n')
  })
}
