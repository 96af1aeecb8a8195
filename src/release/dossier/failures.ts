import { saidAs } from '../gate/statements.ts'
import { figureText } from '../gate/words.ts'
import type { Story } from './collect.ts'
import { evaluationsOf, isGroupCount, verdictOf } from './figures.ts'
import { type Html, html } from './html.ts'
import type { Language, PageWords } from './page-words.ts'

/** Everything known that failed, was refused, was left out or is missing: a reader should not have to look for it. */
export function failures(story: Story, words: PageWords, language: Language): string[] {
  const found: string[] = []
  for (const { said, plan } of evaluationsOf(story.statements, story.version.weightsDigest)) {
    const name = `${said.task.id} ${said.task.version}`
    if (said.state === 'void') found.push(`${words.voidEvaluation}: ${name} – ${said.deviations.join('; ')}`)
    else if (plan === null) found.push(`${name}: ${words.noPlan}`)
    if (said.state !== 'void') found.push(...said.deviations.map((one) => `${words.deviation}: ${name} – ${one}`))
    for (const row of said.results) {
      if (isGroupCount(row)) continue
      const where = `${name}, ${row.metric}${row.subgroup === null ? '' : ` (${row.subgroup})`}`
      if (row.value === null) found.push(`${words.noValue}: ${where} – ${row.missing}`)
      const verdict = verdictOf(row, plan)
      if (verdict !== null && !verdict.isReached)
        found.push(
          `${words.missed}: ${where}, ${figureText(row.low)} – ${figureText(row.high)} / ${figureText(verdict.threshold)}`,
        )
    }
  }
  for (const statement of story.statements) {
    const approval = saidAs(statement, 'approval')
    if (approval?.decision === 'refused') found.push(`${words.refusal}: ${approval.by.name} – ${approval.reason}`)
    const release = saidAs(statement, 'release')
    if (release?.to === 'withdrawn')
      found.push(`${words.withdrawn}: ${release.purpose}, ${release.site} – ${release.reason}`)
  }
  found.push(...story.refused.map((one) => `${words.unverified}: ${one.digest} – ${one.title[language]}`))
  found.push(...story.missing.map((one) => `${words.missing}: ${one.name ?? one.kind} ${one.digest}`))
  return found
}

export function failuresSection(story: Story, words: PageWords, language: Language): Html {
  const found = failures(story, words, language)
  return html`<h2>${words.failed}</h2>${found.length === 0 ? html`<p>${words.nothingFailed}</p>` : html`<ul>${found.map((one) => html`<li>${one}</li>`)}</ul>`}`
}
